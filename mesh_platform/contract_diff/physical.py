"""The physical type of a column: by its own words, by those around it, and by those inside it.

`VARCHAR(10)[]`, and a list of items that are `VARCHAR` with `maxLength: 10`, are one promise. A
release holds one type for some logical types, so that these say the physical one too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mesh_platform.contract_diff.identity import physical_name
from mesh_platform.contract_diff.seen import Holder, Seen, opened_beside, options_of
from mesh_platform.contract_diff.values import Kind
from mesh_platform.model.contract import is_number
from mesh_platform.model.type_text import DataType, read_type

_ONLY = {"string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
"""The one type in which a release holds values of a logical type."""
_ZONED = {True: "TIMESTAMP WITH TIME ZONE", False: "TIMESTAMP"}
_LOGICAL = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "number"),
    **dict.fromkeys(_ZONED.values(), "timestamp"),
    **{physical: logical for logical, physical in _ONLY.items()},
    "STRUCT": "object",
    "LIST": "array",
    "MAP": "map",
}
"""The logical type that says no more than a physical one."""
_ELEMENTS = {"FLOAT": "float32", "DOUBLE": "float64", "TINYINT": "int8"}
_OF_TEXT = frozenset({"minLength", "maxLength", "pattern"})
"""Options that ask the same of a value whether its logical type is said or not."""
_TEXT = "VARCHAR"
Held = DataType | None
"""A type, with the longest length of each text in it; None where nothing says it."""


def held_types(seen: Seen) -> tuple[Held, Held]:
    """The type of the column before and now."""
    return _held(seen.way(0)), _held(seen.way(1))


def said_around(each: Seen) -> Iterator[Seen]:
    """Open a field, an item or a part of a map that the type around says where it is missing."""
    if each.place == "column" and each.kind in (Kind.ADD, Kind.REMOVE):
        missing = int(each.kind is Kind.REMOVE)
        *around, (step, column) = each.way(1 - missing)
        kind = _held(islice(each.way(missing), len(around)))
        if kind and kind.part(step):
            named = {key: column[key] for key in ("name", "physicalName") if key in column}
            for key in opened_beside(each, named):
                yield from said_around(key)
            return
    yield each


def logical_said_anyway(seen: Seen) -> bool:
    """Tell whether the physical type says the logical type that came or went anyway."""
    kinds, said = held_types(seen), seen.after if seen.kind is Kind.ADD else seen.before
    is_clear = all(options_of(column).keys() <= _OF_TEXT for column in seen.column)
    return is_clear and all(kind is not None and _LOGICAL.get(kind.name) == said for kind in kinds)


def option_said_anyway(seen: Seen) -> bool:
    """Tell whether the physical type says the zone, or the type of elements, anyway."""
    value = seen.after if seen.kind is Kind.ADD else seen.before
    return all(
        kind is not None and _said(seen.key, kind) == str(value) for kind in held_types(seen)
    )


def _said(option: str, kind: DataType) -> str | None:
    """The value of an option that a type says."""
    if option == "timezone":
        return {name: str(zoned) for zoned, name in _ZONED.items()}.get(kind.name)
    element = kind.part("")
    return _ELEMENTS.get(element.name) if element and option == "elementType" else None


def longest(kind: DataType) -> int | None:
    """The longest length of a text; None where it is none, or has no limit."""
    numbers = [int(number) for number in kind.numbers if number.isdigit()]
    return numbers[0] if kind.name == _TEXT and numbers else None


def _held(way: Iterator[tuple[str, Holder]]) -> Held:
    kind: Held = None
    for step, column in way:
        kind = _of(column, kind.part(step) if kind else None)
    return kind


def _of(column: Holder, around: Held) -> Held:
    """The type of one column, where the column around it says one, or none."""
    said = column.get("physicalType")
    kind = read_type(str(said)) if said else around or _implied(column)
    if kind is None:
        return None
    lengths = [longest(each) for each in (kind, around) if each is not None]
    if around and around.name == kind.name and not kind.parts:
        kind = around
    if kind.name == _TEXT:
        return _text([*lengths, options_of(column).get("maxLength")])
    inside = dict(_inside(column))
    held = (
        (name, (name in inside and _of(inside[name], part)) or part) for name, part in kind.parts
    )
    return DataType(kind.name, kind.numbers, tuple(held))


def _implied(column: Holder) -> Held:
    """The type that a logical one says."""
    logical, inside = column.get("logicalType"), dict(_inside(column))
    if logical == "timestamp":
        zoned = options_of(column).get("timezone")
        return read_type(_ZONED[zoned]) if isinstance(zoned, bool) else None
    parts = {"array": ("LIST", [""]), "map": ("MAP", ["key", "value"])}.get(str(logical))
    if parts is None:
        return read_type(_ONLY[logical]) if logical in _ONLY else None
    held = [(name, _of(inside.get(name, {}), None)) for name in parts[1]]
    told = tuple((name, kind) for name, kind in held if kind is not None)
    return DataType(parts[0], (), told) if len(told) == len(held) else None


def _inside(column: Holder) -> Iterator[tuple[str, Holder]]:
    """Fields, items, keys and values of a column by the names that a type has for them."""
    of_map, entries = column.get("map"), column.get("properties")
    parts = of_map if isinstance(of_map, dict) else {}
    named = [("", column.get("items")), *((name, parts.get(name)) for name in ("key", "value"))]
    named += [(str(physical_name(e)), e) for e in (entries if isinstance(entries, list) else ())]
    yield from ((name, each) for name, each in named if isinstance(each, dict))


def _text(lengths: list[Any]) -> DataType:
    given = [int(each) for each in lengths if is_number(each)]
    return DataType(_TEXT, (str(min(given)),) if given else ())
