"""A column that vanishes while another of the same type and meaning comes may be renamed.

For consumers it is removed all the same: what they read is not there. The message says so.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mesh_platform.model.changes.terms import unit_of
from mesh_platform.model.changes.values import Change, Kind

_CLOSE = 0.6


def with_renames(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Name the likely new name at each removed column."""
    added = [c for c in changes if c.kind is Kind.ADD and _is_column(c)]
    if not added:
        return changes
    return tuple(
        _with_twin(c, added) if c.kind is Kind.REMOVE and _is_column(c) else c for c in changes
    )


def _is_column(change: Change) -> bool:
    return change.code in ("column.removed", "column.added", "column.added-to-key")


def _with_twin(gone: Change, added: Iterable[Change]) -> Change:
    near = [new for new in added if _parent(new) == _parent(gone) and new.columns and gone.columns]
    likely = [(score, new) for new in near if (score := _likeness(gone, new))]
    if not likely:
        return gone
    new = max(likely, key=lambda item: item[0])[1]
    twin, old_unit, unit = new.columns[0], unit_of(gone.before), unit_of(new.after)
    said = f"{gone.message}; `{twin}` seems to be its new name"
    if old_unit and unit and old_unit != unit:
        said += f", counted in {unit}, not in {old_unit}"
    return replace(gone, renamed=twin, message=said)


def _parent(change: Change) -> str:
    return change.path.rpartition("/")[0]


def _likeness(gone: Change, new: Change) -> float:
    """How surely it is the same column: 2 by its id, 1 by its words, less by its name; 0 if not."""
    old, come = gone.before, gone.after if gone.after else new.after
    if not isinstance(old, dict) or not isinstance(come, dict):
        return 0.0
    if old.get("id") is not None and old.get("id") == come.get("id"):
        return 2.0
    if any(old.get(key) != come.get(key) for key in ("logicalType", "physicalType")):
        return 0.0
    if _told(old) and _told(old) == _told(come):
        return 1.0
    near = difflib.SequenceMatcher(None, gone.columns[0], new.columns[0]).ratio()
    return near if near >= _CLOSE else 0.0


def _told(column: dict[str, Any]) -> str:
    """What is said about a column's meaning."""
    text = column.get("description") or column.get("businessName") or ""
    return " ".join(str(text).split()).lower()
