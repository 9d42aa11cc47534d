"""Bind the SQL rules of contracts in DuckDB, over what the ports promise, before there is data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from mesh_platform.checks.derive import derive
from mesh_platform.checks.foreign_keys import OWN, PREVIOUS, Relation
from mesh_platform.checks.lint import CANNOT_RUN, bound
from mesh_platform.checks.spec import Kind
from mesh_platform.engines.duckdb.binding import Binder, Bound
from mesh_platform.engines.duckdb.empty_tables import EmptyTable, promised_table
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding, boundary
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.type_text import read_type

_NUMBERS = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM", '"NULL"'}
    | {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL"}
)
"""Types of the numbers that a check compares; of null, no type is known."""
_DATABASE = "memory"
"""Catalog in which rules find their tables."""


def rule_findings(mesh: Mesh, products: Collection[Product]) -> Iterator[Finding]:
    """Yield SQL rules of products that surely cannot run.

    Leave a name without a column to lineage, which knows whose it is.
    """
    ruled = [
        (product, port.contract)
        for product in products
        for port in product.ports
        if any(rule.query for rule in port.contract.every_rule)
    ]
    if not ruled:
        return
    with Binder([]) as binder:
        for product, contract in ruled:
            asked = partial(_of_contract, mesh.readable(product), contract, binder, product)
            yield from boundary(CANNOT_RUN, asked, contract.place, str(product.name))


def _of_contract(
    readable: Mapping[Relation, Contract], contract: Contract, binder: Binder, product: Product
) -> Iterator[Finding]:
    known = _tables(contract, readable)
    for spec in derive(contract):
        if spec.kind is not Kind.SQL or bound(spec, contract, readable, list(readable)).reason:
            continue
        query = spec.query or ""
        named = {path: table for path, table in known.items() if path[-1] in query.lower()}
        if (fault := _fault(binder.bind(query, named))) is not None:
            said, way = fault
            message = f"check `{spec.name}` cannot run: {said}"
            severity = "error" if spec.blocking else "warning"
            yield Finding(CANNOT_RUN, message, spec.place, way, str(product.name), severity)


def _fault(found: Bound) -> tuple[str, str] | None:
    """Return what is wrong with a rule, and the way out."""
    if found.fault is not None and found.fault.column is None:
        hint = f"; DuckDB says: {found.fault.hint}" if found.fault.hint else ""
        return found.fault.words, f"correct the rule{hint}"
    if found.columns is not None and len(found.columns) != 1:
        return (
            f"it returns {len(found.columns)} columns",
            "return one row with one column, a number",
        )
    kind = found.columns[0][1] if found.columns else None
    if kind is not None and read_type(kind).name not in _NUMBERS:
        return (
            f"it returns {kind}, which is no number",
            "return a number, such as a count of rows",
        )
    return None


def _tables(
    contract: Contract, readable: Mapping[Relation, Contract]
) -> dict[tuple[str, ...], EmptyTable]:
    """Return the tables that a rule may name: the port by its names, and the ports it may read.

    What the port promised in the release before is not known.
    """
    own = promised_table(contract)
    called = [tuple(name.lower().split(".")) for name in contract.table_names if '"' not in name]
    known = {("main", *parts)[-2:]: own for parts in called if len(parts) < 3}
    known |= {OWN: own, PREVIOUS: EmptyTable()}
    known |= {relation: promised_table(other) for relation, other in readable.items()}
    return {(_DATABASE, *relation): table for relation, table in known.items()}
