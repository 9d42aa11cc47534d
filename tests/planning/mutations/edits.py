"""Edits of a parsed document, named by paths such as `/schema[name=orders]/properties[0]/name`.

They know YAML's mappings, lists and scalars, and nothing of contracts.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["set", "add", "remove", "move"]
Document = dict[str, Any]
_STEP = re.compile(r"/([^/\[\]]+)(?:\[([^\]]+)\])?")


class EditError(Exception):
    """An edit that does not fit its document."""


@dataclass(frozen=True)
class Edit:
    """One change: `value` of `set` and `add`, `index` of `move`."""

    action: Action
    path: str
    value: Any = None
    index: int = 0


def edited(document: Document, edits: tuple[Edit, ...]) -> Document:
    """A copy of the document after all edits, one after the other.

    Raises:
        EditError: a path leads nowhere or to several entries, or the edit has nothing to do.
    """
    copy = deepcopy(document)
    for edit in edits:
        _apply(edit, copy)
    return copy


def _apply(edit: Edit, document: Document) -> None:
    *way, last = _steps(edit.path)
    holder: Any = document
    for step in way:
        holder = holder[_found(holder, step, edit.path)]
    if edit.action == "add":
        _add(holder, last, edit)
        return
    key = _found(holder, last, edit.path)
    match edit.action:
        case "set":
            holder[key] = deepcopy(edit.value)
        case "remove":
            del holder[key]
        case "move":
            holder.insert(edit.index, holder.pop(key))


def _add(holder: Any, key: str, edit: Edit) -> None:
    """Append to the list of that name; where there is no such key, add it."""
    if not isinstance(holder, dict):
        raise EditError(f"{edit.path} is not in a mapping")
    if key not in holder:
        holder[key] = deepcopy(edit.value)
    elif isinstance(holder[key], list):
        holder[key].append(deepcopy(edit.value))
    else:
        raise EditError(f"{edit.path} is there and no list")


def _steps(path: str) -> list[str]:
    """`/a[b=c]/d` as `a`, `[b=c]`, `d`."""
    found = list(_STEP.finditer(path))
    if not found or "".join(step.group() for step in found) != path:
        raise EditError(f"{path} is no path")
    steps = []
    for step in found:
        key, selector = step.groups()
        steps += [key, f"[{selector}]"] if selector else [key]
    return steps


def _found(holder: Any, step: str, path: str) -> str | int:
    """The key or the index that a step means."""
    if not step.startswith("["):
        if isinstance(holder, dict) and step in holder:
            return step
        raise EditError(f"{path} leads nowhere: there is no {step}")
    if not isinstance(holder, list):
        raise EditError(f"{path} leads nowhere: {step} needs a list")
    selector = step[1:-1]
    hits = [i for i, entry in enumerate(holder) if _selected(entry, i, selector)]
    if len(hits) != 1:
        raise EditError(f"{path} leads to {len(hits)} entries at {step}")
    return hits[0]


def _selected(entry: Any, index: int, selector: str) -> bool:
    """Whether an entry is at the position, or has all the values, that a selector names."""
    if selector.isdigit():
        return index == int(selector)
    pairs = [pair.partition("=") for pair in selector.split(",")]
    return isinstance(entry, dict) and all(
        key in entry and str(entry[key]) == value for key, _, value in pairs
    )
