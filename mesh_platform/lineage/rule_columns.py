"""SQL rules of a contract that read a column which nobody promises: the check could never run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mesh_platform.checks.derive import derive
from mesh_platform.checks.lint import bound
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.errors import Place
from mesh_platform.lineage.rule_reads import PORT, Readable, rule_lineage
from mesh_platform.lineage.sql.certain import surely_nothing
from mesh_platform.lineage.sql.model_lineage import ModelLineage
from mesh_platform.lineage.sql.scope import NO_COLUMN
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.model.contract import Contract


@dataclass(frozen=True, slots=True)
class Unrunnable:
    """A rule that surely cannot run.

    Args:
        check: its name.
        column: what it reads, as it says it.
        tables: all that it reads from.
        lacking: those of them that could have the column.
        known: the columns that these promise, or the port where there are none.
        place: of the rule.
        blocking: whether the release is withheld for it.
    """

    check: str
    column: str
    tables: frozenset[Table]
    lacking: tuple[str, ...]
    known: tuple[str, ...]
    place: Place
    blocking: bool


def unrunnable(contract: Contract, readable: Readable) -> Iterator[Unrunnable]:
    """Rules of a contract that read what no table in their reach has.

    Args:
        contract: the promise of one port.
        readable: contracts of the ports that its product can read.
    """
    if not any(rule.type == "sql" for rule in contract.every_rule):
        return
    for spec in derive(contract):
        runs = spec.kind is Kind.SQL and not bound(spec, contract, readable, list(readable)).reason
        if runs and spec.query:
            yield from _missing(spec, spec.query, contract, readable)


def _missing(
    spec: CheckSpec, query: str, contract: Contract, readable: Readable
) -> Iterator[Unrunnable]:
    read = rule_lineage(query, contract, readable)
    if not read.missing or not _is_all_there_is_to_say(read):
        return
    for name in surely_nothing(query, read.missing):
        lacking = sorted(read.missing[name])
        known = [_promised(table, contract, readable) for table in lacking or (PORT,)]
        yield Unrunnable(
            spec.name,
            ".".join(name),
            frozenset(read.tables),
            tuple("the port" if table == PORT else f"`{table}`" for table in lacking),
            tuple(column for columns in known for column in columns),
            spec.place,
            spec.blocking,
        )


def _is_all_there_is_to_say(read: ModelLineage) -> bool:
    """Tell whether nothing else in a rule is in doubt."""
    return not read.unread and all(NO_COLUMN in doubt.reason for doubt in read.doubts)


def _promised(table: Table, contract: Contract, readable: Readable) -> Collection[str]:
    found = contract if table == PORT else readable.get((table.schema, table.name))
    return [column.name for column in found.columns] if found else []
