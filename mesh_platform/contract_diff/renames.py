"""A column that vanishes while another of the same type and meaning comes may be renamed.

For consumers it is removed all the same: what they read is not there. The message says so.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

from mesh_platform.contract_diff.terms import unit_of
from mesh_platform.contract_diff.values import Change, Kind

_CLOSE = 0.6


def with_renames(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Name the likely new name at each removed column; no two get the same."""
    columns = [(index, change) for index, change in enumerate(changes) if _is_column(change)]
    gone = [(index, change) for index, change in columns if change.kind is Kind.REMOVE]
    added = [(index, change) for index, change in columns if change.kind is Kind.ADD]
    likely = [
        (score, -i, -j)
        for i, old in gone
        for j, new in added
        if _are_near(old, new) and (score := _likeness(old, new))
    ]
    twins: dict[int, int] = {}
    for _, i, j in sorted(likely, reverse=True):
        if -i not in twins and -j not in twins.values():
            twins[-i] = -j
    return tuple(
        _with_twin(change, changes[twins[index]]) if index in twins else change
        for index, change in enumerate(changes)
    )


def _is_column(change: Change) -> bool:
    return change.code in ("column.removed", "column.added", "column.added-to-key")


def _are_near(gone: Change, new: Change) -> bool:
    return bool(_parent(new) == _parent(gone) and new.columns and gone.columns)


def _with_twin(gone: Change, new: Change) -> Change:
    twin, old_unit, unit = new.columns[0], unit_of(gone.before), unit_of(new.after)
    said = f"{gone.message}; `{twin}` seems to be its new name"
    if old_unit and unit and old_unit != unit:
        said += f", counted in {unit}, not in {old_unit}"
    return replace(gone, renamed=twin, message=said)


def _parent(change: Change) -> str:
    return change.path.rpartition("/")[0]


def _likeness(gone: Change, new: Change) -> float:
    """Return how surely it is the same column.

    2 by its id, 1 by its words, less by its name; 0 if it is not.
    """
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
    """Return what is said about a column's meaning."""
    text = column.get("description") or column.get("businessName") or ""
    return " ".join(str(text).split()).lower()
