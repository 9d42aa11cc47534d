"""Changes of expectations: a suite is a list of promises without names, compared by content."""

from __future__ import annotations

import json
from collections import Counter

from mesh_platform.model.changes.values import Change, Kind, Level

_LOOSER = "an expectation that held before is not checked any more"
_TIGHTER = "one more expectation is checked"


def suite_changes(before: str | None, now: str | None) -> tuple[Change, ...]:
    """Expectations that went, which is major, and that came, which is minor.

    An expectation with other arguments went and came: whether the new one promises more, nobody
    but its author can tell.
    """
    old, new = _expectations(before), _expectations(now)
    gone = [_change(Kind.REMOVE, text) for text in (old - new).elements()]
    come = [_change(Kind.ADD, text) for text in (new - old).elements()]
    return (*gone, *come)


def _expectations(text: str | None) -> Counter[str]:
    if text is None:
        return Counter()
    found = json.loads(text).get("expectations") or ()
    kept = ({"type": item.get("type"), "kwargs": item.get("kwargs") or {}} for item in found)
    return Counter(json.dumps(item, sort_keys=True) for item in kept)


def _change(kind: Kind, text: str) -> Change:
    expectation = json.loads(text)
    gone = kind is Kind.REMOVE
    column = expectation["kwargs"].get("column")
    of = f" of `{column}`" if column else ""
    return Change(
        code="expectation.removed" if gone else "expectation.added",
        kind=kind,
        path=f"/expectations[type={expectation['type']}]",
        level=Level.MAJOR if gone else Level.MINOR,
        producer=Level.MINOR if gone else Level.MAJOR,
        before=expectation if gone else None,
        after=None if gone else expectation,
        why=_LOOSER if gone else _TIGHTER,
        columns=(column,) if isinstance(column, str) else (),
        message=f"the expectation `{expectation['type']}`{of} is {'gone' if gone else 'new'}",
    )
