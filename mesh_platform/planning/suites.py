"""Changes of expectations: a suite is a list of promises without names, compared by content."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from mesh_platform.checks.suites import Expectation, read_suite
from mesh_platform.contract_diff.values import Change, Kind, Level
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.contract import Severity, Suite

_REMOVED, _ADDED = "expectation.removed", "expectation.added"
_STRICTER = "expectation.stricter"
FROM_SUITE = frozenset({_REMOVED, _ADDED, _STRICTER})
"""Codes of changes that stand in a suite, not in the contract."""
_LOOSER = "An expectation that held before is not checked any more."
_SAID = "An expectation that only warned is not checked any more."
_TIGHTER = "One more expectation is checked."
_WORDS = {Kind.REMOVE: "gone", Kind.ADD: "new", Kind.CHANGE: "stricter"}
_LOW, _HIGH, _SHARE = "min_value", "max_value", "mostly"
_BETWEEN = "_between"
"""Ends the types whose bounds are those of the values or of the number that is looked at."""


def suite_changes(before: str | None, now: Suite | None, shown: str) -> tuple[Change, ...]:
    """Expectations that went, which is major where they held back a release, and that came.

    An expectation of which bounds are narrower, or the share is larger, goes on, and is stricter.
    One with other arguments, or of another severity, went and came: whether the new one promises
    more, nobody but its author can tell.

    Args:
        before: the JSON of then.
        now: the suite as it is.
        shown: what messages call the one of then.

    Raises:
        MeshError: one of them is no suite, or its JSON is older than its Python.
    """
    text = now.text if now else None
    if before == text and not (now and now.problem):
        return ()
    if now and now.problem:
        raise MeshError(now.problem, place=Place(now.file, 1), fix="mesh sync")
    old = _expectations(before, shown)
    new = _expectations(text, now.file if now else shown)
    gone, come = [*(old - new).elements()], [*(new - old).elements()]
    stricter = list[Change]()
    stays = new & old
    for was in sorted(gone, key=lambda each: sum(_holds(now_is, each) for now_is in come)):
        if (now_is := next((each for each in come if _holds(each, was)), None)) is not None:
            gone.remove(was)
            come.remove(now_is)
            stricter += [] if _holds(was, now_is) else [_made_stricter(was, now_is)]
        elif any(_holds(each, was) for each in stays if each != was):
            gone.remove(was)  # what stays asks for more
    lost = [_change(Kind.REMOVE, each) for each in gone]
    return (*lost, *stricter, *(_change(Kind.ADD, each) for each in come))


@dataclass(frozen=True, slots=True)
class _Promise:
    """What one expectation promises, whatever it is called and wherever it stands."""

    type: str
    arguments: str
    severity: Severity
    columns: tuple[str, ...]

    @classmethod
    def of(cls, expectation: Expectation) -> _Promise:
        arguments = json.dumps(expectation.kwargs, sort_keys=True)
        return cls(expectation.type, arguments, expectation.severity, expectation.columns)

    @property
    def written(self) -> dict[str, Any]:
        severity = "warning" if self.severity is Severity.WARNING else "critical"
        return {"type": self.type, "kwargs": json.loads(self.arguments), "severity": severity}


def _expectations(text: str | None, shown: str) -> Counter[_Promise]:
    return Counter(map(_Promise.of, read_suite(text, shown))) if text else Counter()


def _holds(now: _Promise, was: _Promise) -> bool:
    """Tell whether data that keeps the one surely keeps the other, by bounds and share alone."""
    if (now.type, now.severity) != (was.type, was.severity):
        return False
    new, old = json.loads(now.arguments), json.loads(was.arguments)
    bounds = (_LOW, _HIGH) if now.type.endswith(_BETWEEN) else ()
    return (
        {**new, **dict.fromkeys((*bounds, _SHARE))} == {**old, **dict.fromkeys((*bounds, _SHARE))}
        and _at_least(new.get(_SHARE), old.get(_SHARE), 1)
        and _at_least(new.get(_LOW), old.get(_LOW), -math.inf)
        and _at_least(old.get(_HIGH), new.get(_HIGH), math.inf)
    )


def _at_least(one: object, other: object, otherwise: float) -> bool:
    return one == other or _number(one, otherwise) >= _number(other, otherwise)


def _number(said: object, otherwise: float) -> float:
    """Return a bound; not a number, which compares with nothing, where it is none."""
    if said is None:
        return otherwise
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    return said if is_number else math.nan  # type: ignore[return-value]


def _made_stricter(was: _Promise, now: _Promise) -> Change:
    why = "It asks for more than before; what held before holds still."
    made = _change(Kind.CHANGE, now)
    return replace(made, code=_STRICTER, before=was.written, why=why)


def _of(each: _Promise) -> str:
    """Return the columns of an expectation, as a message goes on with them."""
    names = ", ".join(f"`{column}`" for column in each.columns)
    return f" of {names}" if names else ""


def _change(kind: Kind, each: _Promise) -> Change:
    gone, warns = kind is Kind.REMOVE, each.severity is Severity.WARNING
    severity = ", a warning," if warns else ""
    return Change(
        code=_REMOVED if gone else _ADDED,
        kind=kind,
        path=f"/expectations[type={each.type}]",
        level=Level.MAJOR if gone and not warns else Level.MINOR,
        producer=Level.MINOR if gone or warns else Level.MAJOR,
        before=each.written if gone else None,
        after=None if gone else each.written,
        why=(_SAID if warns else _LOOSER) if gone else _TIGHTER,
        columns=each.columns,
        message=f"the expectation `{each.type}`{_of(each)}{severity} is {_WORDS[kind]}",
    )
