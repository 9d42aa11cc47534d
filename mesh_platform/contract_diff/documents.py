"""Two parsed documents → every difference between them, and the way back.

Structure only: what a difference means is judged elsewhere. Nothing goes unnoticed:
`apply(old, differences(old, new)) == new`, the order of lists included. The order of keys means
nothing, as in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, NamedTuple

from mesh_platform.contract_diff.identity import labels, pairs, same
from mesh_platform.contract_diff.values import Kind


class Missing(Enum):
    """Stand for a value that is not there; null is a value."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


class Entry(NamedTuple):
    """A step into a list: what the entry is known by, `name=orders`, or its position."""

    label: str


Step = str | Entry
Steps = tuple[Step, ...]
Node = tuple[Any, Any]
"""The old and the new value at one place."""

_WHOLE = frozenset(
    {"value", "implementation", "mustBeBetween", "mustNotBeBetween", "from", "to", "examples"}
)
"""Keys whose lists and mappings are one value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two documents differ.

    `position` is where an added entry stands in the new list. Of a MOVE, `before` and `after` are
    the labels of the entries that both lists have, in each one's order. `nodes` are the values
    around, from the whole documents inwards; `spot` the path in the new document.
    """

    kind: Kind
    path: Steps
    before: Any = MISSING
    after: Any = MISSING
    position: int | None = None
    nodes: tuple[Node, ...] = field(default=(), compare=False, repr=False)
    spot: tuple[str | int, ...] = field(default=(), compare=False, repr=False)


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """Compare two documents; equal ones give none."""
    comparison = _Comparison()
    comparison.compare(old, new, _At())
    return tuple(comparison.found)


def written(path: Steps) -> str:
    """A path as people and OMDS write it: `/schema[name=orders]/properties[name=discount]`."""
    return "".join(
        f"[{step.label.replace(']', '~2')}]"
        if isinstance(step, Entry)
        else "/" + step.replace("~", "~0").replace("/", "~1")
        for step in path
    )


class _At(NamedTuple):
    """Hold where a comparison is: the path, the values around, the path in the new document."""

    path: Steps = ()
    nodes: tuple[Node, ...] = ()
    spot: tuple[str | int, ...] = ()

    @property
    def name(self) -> str:
        """The key that leads here; empty for an entry of a list."""
        last = self.path[-1] if self.path else ""
        return last if isinstance(last, str) else ""

    @property
    def is_whole(self) -> bool:
        """Tell whether a list or mapping is one value here; what a map is made of is a column."""
        of_map = self.name == "value" and self.path[-2:-1] == ("map",)
        return self.name in _WHOLE and not of_map

    def into(self, step: Step, node: Node, key: str | int | None) -> _At:
        spot = self.spot if key is None else (*self.spot, key)
        return _At((*self.path, step), (*self.nodes, node), spot)


class _Comparison:
    """Walks two documents side by side and notes where they differ."""

    def __init__(self) -> None:
        self.found: list[Difference] = []

    def compare(self, old: Any, new: Any, at: _At) -> None:
        if old is new:
            return
        whole = at.is_whole
        if isinstance(old, dict) and isinstance(new, dict) and not whole:
            self._mappings(old, new, at)
        elif isinstance(old, list) and isinstance(new, list) and not whole:
            self._lists(old, new, at)
        elif not same(old, new):
            self._note(Kind.CHANGE, at, old, new)

    def _mappings(self, old: dict[str, Any], new: dict[str, Any], at: _At) -> None:
        node = (old, new)
        for key, value in old.items():
            if key not in new:
                self._note(Kind.REMOVE, at.into(key, node, None), before=value)
            elif value is not new[key]:
                self.compare(value, new[key], at.into(key, node, key))
        for key, value in new.items():
            if key not in old:
                self._note(Kind.ADD, at.into(key, node, key), after=value)

    def _lists(self, old: list[Any], new: list[Any], at: _At) -> None:
        if old == new and same(old, new):
            return
        names, node, matched = labels(at.name, old), (old, new), pairs(at.name, old, new)
        self._order(names, matched, at)
        pair = dict(matched)
        for i, value in enumerate(old):
            step, j = Entry(names[i]), pair.get(i)
            if j is None:
                self._note(Kind.REMOVE, at.into(step, node, None), before=value)
            else:
                self.compare(value, new[j], at.into(step, node, j))
        self._added(old, new, at, set(pair.values()))

    def _added(self, old: list[Any], new: list[Any], at: _At, known: set[int]) -> None:
        if len(known) == len(new):
            return
        names = labels(at.name, new)
        for j, value in enumerate(new):
            if j not in known:
                inside = at.into(Entry(names[j]), (old, new), j)
                self._note(Kind.ADD, inside, after=value, position=j)

    def _order(self, names: list[str], matched: list[tuple[int, int]], at: _At) -> None:
        moved = sorted(matched, key=lambda pair: pair[1])
        if moved != matched:
            before = tuple(names[i] for i, _ in matched)
            after = tuple(names[i] for i, _ in moved)
            self._note(Kind.MOVE, at, before, after)

    def _note(
        self,
        kind: Kind,
        at: _At,
        before: Any = MISSING,
        after: Any = MISSING,
        position: int | None = None,
    ) -> None:
        self.found.append(Difference(kind, at.path, before, after, position, at.nodes, at.spot))


def apply(old: Any, changes: Iterable[Difference]) -> Any:
    """The new document: the old one with all its differences; the old one stays as it is."""
    return _applied(old, [(change.path, change) for change in changes], "")


_Pending = tuple[Steps, Difference]


def _applied(old: Any, pending: Sequence[_Pending], name: str) -> Any:
    for path, change in pending:
        if not path and change.kind is not Kind.MOVE:
            return change.after
    if not pending:
        return old
    return _list(old, pending, name) if isinstance(old, list) else _mapping(old, pending)


def _mapping(old: dict[str, Any], pending: Sequence[_Pending]) -> dict[str, Any]:
    new = dict(old)
    for step, inside in _by_step(pending).items():
        change = inside[0][1]
        if not inside[0][0] and change.kind is Kind.REMOVE:
            del new[str(step)]
        else:
            new[str(step)] = _applied(old.get(str(step)), inside, str(step))
    return new


def _list(old: list[Any], pending: Sequence[_Pending], name: str) -> list[Any]:
    moved = [c for path, c in pending if not path]
    added = [c for path, c in pending if _is_added(path, c)]
    inside = _by_step((path, c) for path, c in pending if path and not _is_added(path, c))
    kept = {}
    for label, value in zip(labels(name, old), old, strict=True):
        changes = inside.get(Entry(label), [])
        if not (changes and not changes[0][0] and changes[0][1].kind is Kind.REMOVE):
            kept[label] = _applied(value, changes, "")
    new = [kept[label] for label in (moved[0].after if moved else kept)]
    for change in sorted(added, key=lambda c: c.position or 0):
        new.insert(change.position or 0, change.after)
    return new


def _is_added(path: Steps, change: Difference) -> bool:
    return len(path) == 1 and change.kind is Kind.ADD


def _by_step(pending: Iterable[_Pending]) -> dict[Step, list[_Pending]]:
    grouped: dict[Step, list[_Pending]] = {}
    for path, change in pending:
        grouped.setdefault(path[0], []).append((path[1:], change))
    return grouped
