"""The one line that a person reads of each change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mesh_platform.model.changes.documents import MISSING, Entry, Node
from mesh_platform.model.changes.identity import physical_name
from mesh_platform.model.changes.seen import Holder, Seen, is_named_column, is_part
from mesh_platform.model.changes.values import Kind
from mesh_platform.model.contract import Operator, Threshold, is_number

_KEYS = {
    "dataGranularityDescription": "grain",
    "logicalType": "logical type",
    "physicalType": "type",
    "physicalName": "physical name",
    "primaryKeyPosition": "place in the key",
    "criticalDataElement": "mark as critical",
    "contractId": "contract",
    "multipleOf": "multiple",
    "apiVersion": "version of the standard",
    "enum": "allowed values",
    "valueExt": "extended value",
    "items": "type of each item",
    "contractCreatedTs": "date of creation",
    "productCreatedTs": "date of creation",
}
_SUBJECTS = {
    "schema": "table",
    "properties": "column",
    "quality": "rule",
    "enum": "allowed value",
    "relationships": "foreign key",
    "slaProperties": "service level",
    "roles": "role",
    "servers": "server",
    "team": "team member",
    "members": "team member",
    "support": "support channel",
    "customProperties": "custom property",
    "authoritativeDefinitions": "link",
    "synonyms": "synonym",
    "constraints": "constraint",
    "verifiedStatements": "verified statement",
    "inputPorts": "input port",
    "outputPorts": "output port",
    "managementPorts": "management port",
    "sbom": "software bill",
    "inputContracts": "input contract",
    "tags": "tag",
    "validValues": "valid value",
    "missingValues": "missing value",
    "required": "required field",
}
_LISTS = {
    "properties": "columns",
    "quality": "rules",
    "enum": "allowed values",
    "slaProperties": "service levels",
    "relationships": "foreign keys",
    "schema": "tables",
    "required": "required fields",
}
"""What lists of such entries are called as a whole."""
_PLURAL = re.compile(r".*[^su]s")
_PARTS = {"items": "the items", "key": "the keys", "value": "the values"}
_WHOLES = {"team": "the team", "context": "the context"}
_FLAGS = {
    "required": ("is now required", "is no longer required"),
    "unique": ("is now unique", "is no longer unique"),
    "primaryKey": ("is now part of the key", "is no longer part of the key"),
    "partitioned": ("is now partitioned by", "is no longer partitioned by"),
    "deprecated": ("is now deprecated", "is no longer deprecated"),
    "criticalDataElement": ("is now critical", "is no longer critical"),
    "uniqueItems": ("now has distinct items", "may now have equal items"),
}
_SWITCHED = frozenset({"True", "False", "None", str(MISSING)})
_LONGEST = 60


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
        return f"{holder or 'it'} {_FLAGS[seen.key][0 if seen.after is True else 1]}"
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
    return f"{whole} {verb}" + (f" from {old} to {new}" if old and new else "")


def _is_switched(seen: Seen) -> bool:
    """A promise that is made or not begins or ceases."""
    values = {str(seen.before), str(seen.after)}
    is_flag = seen.key in _FLAGS and not seen.is_entry and values <= _SWITCHED
    return is_flag and (seen.before is True) != (seen.after is True)


def _named(seen: Seen) -> str:
    """The key in words; a list is called by what it holds."""
    is_list = isinstance(seen.before, list | tuple) or isinstance(seen.after, list)
    return (_LISTS.get(seen.key) if is_list else None) or _words(seen.key)


def shown(value: Any) -> str:
    """A value in a sentence; empty where it is too long to be read there."""
    if isinstance(value, dict) and "value" in value:
        text = shown(value["value"])
    elif isinstance(value, dict):
        parts = [f"{_words(key)} {shown(item)}" for key, item in value.items()]
        text = ", ".join(parts)
    elif isinstance(value, list):
        text = ", ".join(map(shown, value))
    else:
        text = {"True": "true", "False": "false", "None": "nothing"}.get(str(value), str(value))
    return text if len(text) <= _LONGEST and "\n" not in text.strip() else ""


def _words(key: str) -> str:
    """A key of the standards as people say it: `minLength` is `min length`."""
    return _KEYS.get(key) or re.sub(r"(?<=[a-z])([A-Z])", lambda m: " " + m[1].lower(), key)


def _of(holder: str) -> str:
    """A column is known by its name alone, everything else with what it is."""
    return f" of {holder.removeprefix('column ')}" if holder else ""


def _subject(seen: Seen, length: int) -> str:
    """What the first steps of a path lead to: ``column `address.zip```, ``rule `row_count```."""
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
    called = f"{_SUBJECTS.get(name, _words(name))} `{_called(name, seen.node(index), step)}`"
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
    name = _words(str((old or new).get("property")))
    holder = _subject(seen, len(seen.path) - (2 if seen.is_entry else 3))
    return _changed(name, holder, seen.kind, old.get("value"), new.get("value"))


def _threshold(rule: Holder) -> str:
    operator = next((each for each in Operator if rule.get(each) is not None), None)
    if operator is None:
        return ""
    operands = rule[operator] if isinstance(rule[operator], list) else [rule[operator]]
    share = " percent" if rule.get("unit") == "percent" else ""
    if not all(map(is_number, operands)):
        return f"{_words(operator)} {shown(operands)}{share}"
    return f"{Threshold(operator=operator, operands=tuple(operands))}{share}"


def _level(entry: Holder) -> str:
    parts = (entry.get("value"), entry.get("valueExt"), entry.get("unit"))
    return " ".join(shown(part) for part in parts if part is not None)


def _price(holder: Holder) -> str:
    amount = " ".join(
        str(holder[key]) for key in ("priceAmount", "priceCurrency") if holder.get(key) is not None
    )
    return f"{amount} per {holder['priceUnit']}" if holder.get("priceUnit") else amount


PHRASES: dict[str, Callable[[Holder], str]] = {
    "threshold": _threshold,
    "level": _level,
    "price": _price,
}
"""Promises that several keys say, in the words that say them best."""
