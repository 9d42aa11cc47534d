"""A product that moves to another major of an input: one change, and its rules ask the same.

A major of a port has a name of its own, so that whoever moves to it writes another name into the
SQL of its rules. Two texts of a contract cannot tell that from another question; the inputs can.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mesh_platform.contract_diff.values import Change, Kind, Level
from mesh_platform.model.naming import PortName

MOVED = "input.moved"
"""The code of the change that a product reads another major."""
SHOWN = frozenset({"column.removed", "table.renamed", "table.name-said"})
"""Changes between two majors that the SQL of who moves shows, or the name of the port."""
_QUERIES = frozenset({"rule.query-changed", "rule.warning-changed"})
_WHY = "The rule asks the same of another version of what the product reads."


def with_moved_inputs(changes: Iterable[Change], inputs: Collection[PortName]) -> Iterator[Change]:
    """The same changes; queries that differ only by the major of an input ask the same.

    Args:
        changes: of one contract.
        inputs: ports that the product reads now.
    """
    for change in changes:
        if change.code in _QUERIES and _asks_the_same(change, inputs):
            yield replace(
                change, code="rule.input-moved", level=Level.PATCH, producer=Level.PATCH, why=_WHY
            )
        else:
            yield change


def with_moves(changes: Iterable[Change]) -> Iterator[Change]:
    """Changes of a descriptor; an input that goes in one major and comes in another has moved."""
    found = list(changes)
    gone = {_read(c.before): c for c in found if c.code == "input.removed" and _read(c.before)}
    come = {_read(c.after): c for c in found if c.code == "input.added" and _read(c.after)}
    moved = gone.keys() & come.keys()
    for change in found:
        name = _read(change.after if change.code == "input.added" else change.before)
        if name not in moved or change.code not in ("input.added", "input.removed"):
            yield change
        elif change is come[name]:
            yield _moved(gone[name], change)


def _read(entry: object) -> str | None:
    """The contract that an input port names, whatever the version."""
    return entry.get("contractId") if isinstance(entry, dict) else None


def _moved(gone: Change, come: Change) -> Change:
    before, after = (change.get("version") or "1.0.0" for change in (gone.before, come.after))
    return replace(
        come,
        code=MOVED,
        kind=Kind.CHANGE,
        before=gone.before,
        message=f"input port `{come.after['name']}` is read in version {after}, not {before}",
        differences=(*gone.differences, *come.differences),
    )


def _asks_the_same(change: Change, inputs: Collection[PortName]) -> bool:
    before, after = change.before, change.after
    if not inputs or not isinstance(before, str) or not isinstance(after, str):
        return False
    names = _any_major(inputs)
    return names.sub(r"\1", before) == names.sub(r"\1", after)


def _any_major(inputs: Collection[PortName]) -> re.Pattern[str]:
    """The names that SQL has for all majors of the inputs."""
    bases = sorted({(port.relation[0], port.base) for port in inputs})
    ports = "|".join(rf'"?{schema}"?\s*\.\s*"?{base}' for schema, base in bases)
    return re.compile(rf'(?<![\w"])({ports})(?:_v\d+)?(?="?(?![\w"]))', re.IGNORECASE)
