"""Foreign keys in one spelling: which columns find their values where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mesh_platform.contract_diff.nested import TABLE, Steps, by_name, every_column
from mesh_platform.contract_diff.seen import Holder, Seen
from mesh_platform.contract_diff.values import Kind
from mesh_platform.model.relationships import read_reference

_Pairs = frozenset[tuple[Steps, str]]
"""Columns of this side, each with the one of the other table."""


def is_held_elsewhere(seen: Seen) -> bool:
    """Tell whether the foreign key is there before and now, in another notation or place."""
    is_added = seen.kind is Kind.ADD
    here, there = seen.table[is_added], seen.table[not is_added]
    entry = seen.around("relationships")[is_added]
    pairs = next(pairs for each, pairs in _keys(here) if each is entry)
    return any(_same(pairs, other) for _, other in _keys(there))


def _same(one: _Pairs, other: _Pairs) -> bool:
    """Compare two keys; a target may be written with more of the name of its table."""
    if len(one) != len(other):
        return False
    return all(
        any(steps == own and _is_named(target, found) for own, found in other)
        for steps, target in one
    )


def _is_named(one: str, other: str) -> bool:
    """Tell whether two targets are one column, of which one may lack the domain."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    return short == long or ("/" not in long and long.endswith(f".{short}"))


def _keys(table: Holder) -> Iterator[tuple[Holder, _Pairs]]:
    for steps, holder in ((TABLE[0], table), *every_column(table)):
        for entry in holder.get("relationships") or ():
            if isinstance(entry, dict):
                yield entry, _pairs(table, steps, entry)


def _pairs(table: Holder, steps: Steps, entry: Holder) -> _Pairs:
    known, sources, targets = by_name(table), _listed(entry.get("from")), _listed(entry.get("to"))
    names = [".".join(read_reference(text).parts[1:]) or text for text in sources]
    columns = [steps] if steps else [known.get(name, ((name,), {}))[0] for name in names]
    return frozenset(zip(columns, targets, strict=False))


def _listed(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]
