"""Columns of input ports that the rules of a contract read: without them a check could not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh_platform.checks.derive import derive
from mesh_platform.checks.foreign_keys import OWN, with_parent
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.targets import all_targets
from mesh_platform.lineage.sql.model_lineage import ModelLineage, model_lineage
from mesh_platform.lineage.sql.sources import Column, Relation, Table, base_table
from mesh_platform.model.contract import Contract

PORT = Table("", OWN[1])
"""The port itself, as its rules call it."""
Readable = Mapping[tuple[str, str], Contract]
"""Contracts of the ports that a product can read, by schema and view."""


def rule_reads(contract: Contract, readable: Readable) -> Iterator[tuple[Table, frozenset[str]]]:
    """Tables other than the port that the rules of a contract read, with the columns."""
    if not _reads_others(contract, readable):
        return
    for spec in derive(contract):
        if spec.kind is Kind.FOREIGN_KEY:
            yield from _parent(with_parent(spec, contract, readable))
        elif spec.kind is Kind.SQL and spec.query:
            yield from _query(spec.query, contract, readable)


def _reads_others(contract: Contract, readable: Readable) -> bool:
    """Tell whether it is worth while to derive the checks."""
    columns = contract.columns
    keys = contract.relationships or any(column.relationships for column in columns)
    names = [name for _, name in readable]
    queries = [(rule.query or "").lower() for rule in contract.every_rule]
    return bool(keys) or any(name in query for query in queries for name in names)


def _parent(spec: CheckSpec) -> Iterator[tuple[Table, frozenset[str]]]:
    if spec.parent is not None and spec.parent.relation != OWN:
        yield Table(*spec.parent.relation), frozenset(keys[0] for keys in spec.parent.keys)


def rule_lineage(query: str, contract: Contract, readable: Readable) -> ModelLineage:
    """Return what the SQL of a rule reads."""
    names_of_port = {name.lower() for name in contract.table_names}

    def find_table(parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
        own = len(parts) == 1 or ".".join(parts) in names_of_port
        table = PORT if own else Table(parts[-2], parts[-1])
        found = contract if table == PORT else readable.get((table.schema, table.name))
        names = [column.name for column in found.columns] if found else None
        return table, base_table(table, names)

    return model_lineage("rule", [query], find_table)


def keeps_classified(query: str, contract: Contract, readable: Readable) -> bool:
    """Tell whether what a rule observes may be a value of a classified column, as in `max(salary)`.

    Args:
        query: the SQL of the rule.
        contract: that of the port.
        readable: contracts of the other ports that it can read.
    """
    read = rule_lineage(query, contract, readable)
    if read.doubts:
        return True
    kept = frozenset[Column]().union(*(sources.kept for _, sources in read.relation.columns))
    return any(_is_classified(column, contract, readable) for column in kept)


def _is_classified(column: Column, contract: Contract, readable: Readable) -> bool:
    table, name = column.table, column.name.partition(".")[0]
    holder = contract if table == PORT else readable.get((table.schema, table.name))
    targets = all_targets(holder) if holder else ()
    return any(each.classified and str(each.steps[0]).lower() == name for each in targets)


def _query(
    query: str, contract: Contract, readable: Readable
) -> Iterator[tuple[Table, frozenset[str]]]:
    read = rule_lineage(query, contract, readable)
    for table in read.tables:
        if table != PORT:
            columns = {column for column in read.mentioned if column.table == table}
            yield table, frozenset(column.name for column in columns)
