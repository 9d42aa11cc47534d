"""The one line that a person reads of each change."""

from __future__ import annotations

import re
from typing import Any

from mesh_platform.contract_diff.documents import MISSING, Entry, Node
from mesh_platform.contract_diff.identity import physical_name
from mesh_platform.contract_diff.seen import Seen, is_named_column, is_part
from mesh_platform.contract_diff.values import Kind
from mesh_platform.contract_diff.vocabulary import FLAGS, LISTS, PHRASES, SUBJECTS, shown, worded

_PLURAL = re.compile(r".*[^su]s")
_PARTS = {"items": "the items", "key": "the keys", "value": "the values"}
_WHOLES = {"team": "the team", "context": "the context"}
_SWITCHED = frozenset({"True", "False", "None", str(MISSING)})


def sentence(seen: Seen, promise: str = "") -> str:
    """Say a difference: what changes, from what, to what.

    Args:
        seen: the difference.
        promise: what it is a part of, where several keys say one promise.
    """
    if promise in PHRASES and not seen.is_entry:
        return promised(seen, promise)
    holder = _subject(seen, len(seen.path) - 1)
    if seen.kind is Kind.MOVE:
        return f"the order of {_named(seen)}{_of(holder)} changes"
    if _is_custom(seen):
        return _custom(seen)
    if seen.is_entry:
        done = "added" if seen.kind is Kind.ADD else "removed"
        return f"{_subject(seen, len(seen.path))} is {done}"
    if _is_switched(seen):
        return f"{holder or 'the product'} {FLAGS[seen.key][0 if seen.after is True else 1]}"
    return _changed(_named(seen), holder, seen.kind, seen.before, seen.after)


def promised(seen: Seen, promise: str) -> str:
    """Say what one promise, made of several keys, becomes."""
    phrase, holder = PHRASES[promise], _subject(seen, len(seen.path) - 1)
    before, after = (phrase(each) for each in seen.holder)
    kind = Kind.ADD if not before else Kind.REMOVE if not after else Kind.CHANGE
    if promise == "level":
        return _changed(holder, "", kind, before, after)
    return _changed(promise, holder, kind, before, after)


def together(parts: list[Seen], promise: str, before: Any, after: Any) -> str:
    """Say several differences that are one promise."""
    first = parts[0]
    flag = next((part for part in parts if _is_switched(part)), None)
    if flag is not None:
        return sentence(flag)
    if promise in PHRASES:
        return promised(first, promise)
    holder = _subject(first, len(first.path) - (2 if first.is_entry else 1))
    kind = Kind.ADD if not before else Kind.REMOVE if not after else Kind.CHANGE
    return _changed(promise, holder, kind, before, after)


def _changed(name: str, holder: str, kind: Kind, before: Any, after: Any) -> str:
    """`unit of `distance` changes from miles to km`."""
    old, new = shown(before), shown(after)
    many = bool(_PLURAL.fullmatch(name))
    verb, told = ("change", "are") if many else ("changes", "is")
    whole = f"{name}{_of(holder)}"
    if kind is Kind.ADD:
        return f"{whole} {told} now said" + (f": {new}" if new else "")
    if kind is Kind.REMOVE:
        was = f": it was {old}" if not many else f": {old}"
        return f"{whole} {told} no longer said" + (was if old else "")
    if old and old == new:
        return f"{whole} {told} said in another way: {new}"
    return f"{whole} {verb}" + (f" from {old} to {new}" if old and new else "")


def _is_switched(seen: Seen) -> bool:
    """Tell whether a promise that is made or not begins or ceases."""
    values = {str(seen.before), str(seen.after)}
    is_flag = seen.key in FLAGS and not seen.is_entry and values <= _SWITCHED
    return is_flag and (seen.before is True) != (seen.after is True)


def _named(seen: Seen) -> str:
    """The key in words; a list is called by what it holds."""
    is_list = isinstance(seen.before, list | tuple) or isinstance(seen.after, list)
    return (LISTS.get(seen.key) if is_list else None) or worded(seen.key)


def _of(holder: str) -> str:
    """A column is known by its name alone, everything else with what it is."""
    return f" of {holder.removeprefix('column ')}" if holder else ""


def _subject(seen: Seen, length: int) -> str:
    """Return what first steps of a path lead to: ``column `address.zip```, ``rule `row_count```."""
    for index in range(length, 1, -1):
        step = seen.path[index - 1]
        if isinstance(step, Entry):
            return _entry(seen, index, step)
        if is_part(seen.path, index):
            return f"{_PARTS[step]}{_of(_subject(seen, index - 1))}"
    return _WHOLES.get(str(seen.path[0]), "") if length else ""


def _entry(seen: Seen, index: int, step: Entry) -> str:
    if is_named_column(seen.path, index):
        return f"column `{'.'.join(seen.column_names(index))}`"
    name = str(seen.path[index - 2])
    called = f"{SUBJECTS.get(name, worded(name))} `{_called(name, seen.node(index), step)}`"
    inside = name in ("quality", "enum", "relationships", "customProperties", "required")
    column = ".".join(seen.column_names(index)) if inside else ""
    return f"{called} of `{column}`" if column else called


def _called(name: str, node: Node, step: Entry) -> str:
    old, new = node
    entry = new if old is MISSING else old
    if name == "schema" and isinstance(entry, dict):
        return str(physical_name(entry))
    if name in ("outputPorts", "inputPorts") and isinstance(entry, dict):
        return str(entry.get("name"))
    return re.sub(r"(^|,)\w+=", r"\1", step.label).replace(",", " ")


def _is_custom(seen: Seen) -> bool:
    """A custom property that says one word, or its value."""
    old, new = seen.around("customProperties")
    is_value = seen.key == "value" and "customProperties" in seen.path[-3:-1]
    is_whole = seen.is_entry and seen.key == "customProperties"
    return is_value or (is_whole and bool(shown((old or new).get("value"))))


def _custom(seen: Seen) -> str:
    old, new = seen.around("customProperties")
    name = worded(str((old or new).get("property")))
    holder = _subject(seen, len(seen.path) - (2 if seen.is_entry else 3))
    return _changed(name, holder, seen.kind, old.get("value"), new.get("value"))
