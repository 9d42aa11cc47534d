"""Changes of expectations: a suite is a list of promises without names, compared by content."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from mesh_platform.checks.suites import Expectation, read_suite
from mesh_platform.contract_diff.values import Change, Kind, Level
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.contract import Severity, Suite

_REMOVED, _ADDED = "expectation.removed", "expectation.added"
FROM_SUITE = frozenset({_REMOVED, _ADDED})
"""Codes of changes that stand in a suite, not in the contract."""
_LOOSER = "an expectation that held before is not checked any more"
_SAID = "an expectation that only warned is not checked any more"
_TIGHTER = "one more expectation is checked"


def suite_changes(before: str | None, now: Suite | None, shown: str) -> tuple[Change, ...]:
    """Expectations that went, which is major where they held back a release, and that came.

    An expectation with other arguments, or of another severity, went and came: whether the new one
    promises more, nobody but its author can tell.

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
    gone = [_change(Kind.REMOVE, each) for each in (old - new).elements()]
    come = [_change(Kind.ADD, each) for each in (new - old).elements()]
    return (*gone, *come)


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


def _change(kind: Kind, each: _Promise) -> Change:
    gone, warns = kind is Kind.REMOVE, each.severity is Severity.WARNING
    of = f" of {', '.join(f'`{column}`' for column in each.columns)}" if each.columns else ""
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
        message=f"the expectation `{each.type}`{of}{severity} is {'gone' if gone else 'new'}",
    )
