"""Names and addresses that can be guessed."""

from __future__ import annotations

import re

from mesh_platform.governance.examples import a_column, a_port
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject, PortSubject


@policy("column.name")
def column_name(column: ColumnSubject, *, pattern: str = "[a-z][a-z0-9_]*") -> Violation | None:
    """Columns are named in lower case, with `_` between words.

    Why: names that follow one habit need no quotes and no second look.
    """
    if not re.fullmatch(pattern, column.name):
        return Violation(
            f"the name of column `{column.path}` is not of the form `{pattern}`",
            "rename it in a new major version of the port",
        )
    return None


@column_name.good
def _snake_case() -> ColumnSubject:
    return a_column("order_id")


@column_name.bad
def _camel_case() -> ColumnSubject:
    return a_column("orderId")


@column_name.bad(pattern="[a-z]+")
def _not_of_the_pattern_that_is_set() -> ColumnSubject:
    return a_column("order_id")


@policy("port.address")
def port_address(port: PortSubject) -> Violation | None:
    """The contract's id and its table say the name of the port.

    Why: one name leads from the catalog to the file, the table and the query.
    """
    contract, name = port.contract, port.port.name
    if contract.id != name.path:
        return Violation(f"the contract's id is `{contract.id}`", f"write `id: {name.path}`")
    if contract.table != name.name:
        return Violation(
            f"the table is called `{contract.table}`, the port `{name.name}`",
            f"write `physicalName: {name.name}` below the `name` of the table, and rename the model"
            f" {contract.table} to {name.name}",
        )
    return None


@port_address.good
def _one_name() -> PortSubject:
    return a_port()


@port_address.bad
def _another_table() -> PortSubject:
    return a_port(table="t_ord_01")


@port_address.bad
def _another_id() -> PortSubject:
    return a_port(id="urn:sales:4711")
