"""Rules of a contract that ask the same of another version of an input: no change of a promise.

A major of a port has a name of its own, so that whoever moves to it writes another name into the
SQL of its rules. Two texts of a contract cannot tell that from another question; the inputs can.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mesh_platform.model.changes.values import Change, Level
from mesh_platform.model.naming import PortName

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


def _asks_the_same(change: Change, inputs: Collection[PortName]) -> bool:
    before, after = change.before, change.after
    if not inputs or not isinstance(before, str) or not isinstance(after, str):
        return False
    names = _any_major(inputs)
    return names.sub(r"\1", before) == names.sub(r"\1", after)


def _any_major(inputs: Collection[PortName]) -> re.Pattern[str]:
    """The names that SQL has for all majors of the inputs."""
    bases = sorted({(port.relation[0], port.base) for port in inputs})
    ports = "|".join(rf"{re.escape(schema)}\.{re.escape(base)}" for schema, base in bases)
    return re.compile(rf"\b({ports})(?:_v\d+)?\b", re.IGNORECASE)
