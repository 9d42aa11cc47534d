"""Options of a column that contradict each other, its type or its allowed values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.quotes import in_quotes
from mesh_platform.model.verdict import as_written, shortened, shown

_BOUNDS = (
    ("minimum", "maximum", False),
    ("minimum", "exclusiveMaximum", True),
    ("exclusiveMinimum", "maximum", True),
    ("exclusiveMinimum", "exclusiveMaximum", True),
    ("minLength", "maxLength", False),
    ("minItems", "maxItems", False),
    ("minProperties", "maxProperties", False),
)
_TWICE = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "date": (str,),
    "timestamp": (str,),
    "time": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_WITHOUT_QUOTES = ("integer", "number", "boolean")
Column = dict[str, Any]


def columns_of(element: Column, path: Path) -> Iterator[tuple[Column, Path]]:
    """Every column of a table, with those inside objects, lists and maps."""
    parts = [((*path, "properties", i), c) for i, c in enumerate(element.get("properties") or [])]
    parts += [((*path, "items"), element["items"])] if element.get("items") else []
    for side in ("key", "value"):
        if (inner := (element.get("map") or {}).get(side)) is not None:
            parts.append(((*path, "map", side), inner))
    for where, column in parts:
        yield column, where
        yield from columns_of(column, where)


def option_findings(column: Column, path: Path, document: Document) -> Iterator[Finding]:
    """Yield what is wrong with one column's options and allowed values."""
    options, where = column.get("logicalTypeOptions") or {}, (*path, "logicalTypeOptions")
    for low, high, strict in _BOUNDS:
        if low in options and high in options and _crossed(options[low], options[high], strict):
            yield Finding(
                "contract.contradiction",
                f"no value can be kept: {low} {options[low]}, {high} {options[high]}",
                document.place((*where, low)),
                "correct one of the two",
            )
    for plain, exclusive in _TWICE:
        if plain in options and exclusive in options:
            yield Finding(
                "contract.two-bounds",
                f"{plain} {options[plain]} and {exclusive} {options[exclusive]} bound one side",
                document.place((*where, exclusive)),
                "keep the one that is meant; both are checked",
                severity="warning",
            )
    yield from _enum_findings(column, options, path, document)
    yield from _example_findings(column, path, document)


def _crossed(low: Any, high: Any, strict: bool) -> bool:
    if isinstance(low, str) != isinstance(high, str):
        return False
    return bool(low > high or (strict and low == high))


def _enum_findings(
    column: Column, options: dict[str, Any], path: Path, document: Document
) -> Iterator[Finding]:
    seen: set[tuple[type, Any]] = set()
    for index, entry in enumerate(column.get("enum") or []):
        value = entry["value"]
        where = (*path, "enum", index, "value")
        place, kind = document.place(where), column.get("logicalType")
        problem = _unfit(value, kind, options)
        if problem:
            told, fix = _as_typed(document, where, value, kind)
            yield Finding(
                "contract.enum-value",
                f"the allowed value {told} {problem}",
                place,
                fix or "correct the value, or what the column promises besides",
            )
        if (type(value), value) in seen:
            yield Finding(
                "contract.enum-twice",
                f"the value {shown(value)} is allowed twice",
                place,
                "remove one of the two",
                severity="warning",
            )
        seen.add((type(value), value))


def _example_findings(column: Column, path: Path, document: Document) -> Iterator[Finding]:
    kind = column.get("logicalType")
    for index, value in enumerate(column.get("examples") or []):
        if _unfit(_as_meant(value, kind), kind, {}):
            yield Finding(
                "contract.example",
                f"the example {shown(value)} is not of the type {kind}",
                document.place((*path, "examples", index)),
                "correct the example, or the type",
                severity="warning",
            )


def _as_typed(
    document: Document, path: Path, value: Any, kind: str | None
) -> tuple[str, str | None]:
    """Return a value as it is written, and what quotes would make of it, if that is the type."""
    if kind == "string" and isinstance(value, bool | int | float):
        written = as_written(document, path, value)
        return written, in_quotes(value, written)
    if isinstance(value, str) and kind in _WITHOUT_QUOTES:
        way = f"write it without quotes: `{value}`" if _as_meant(value, kind) != value else None
        return f"`'{shortened(value)}'`", way
    return as_written(document, path, value), None


def _as_meant(value: Any, kind: str | None) -> Any:
    """An example as a value: many write numbers and truth values as text."""
    if not isinstance(value, str) or kind not in ("integer", "number", "boolean"):
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    try:
        return int(value) if kind == "integer" else float(value)
    except ValueError:
        return value


def _unfit(value: Any, logical_type: str | None, options: dict[str, Any]) -> str | None:
    """Return why a value can never stand in the column, or None."""
    types = _TYPES.get(logical_type or "")
    if value is None or types is None:
        return None
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return f"is not of the type {logical_type}"
    for key, sign in (("minimum", 1), ("maximum", -1)):
        if key in options and _below(value, options[key], sign):
            return f"is {'below' if sign > 0 else 'above'} the {key} {shown(options[key])}"
    return _unfit_text(value, options) if isinstance(value, str) else None


def _below(value: Any, bound: Any, sign: int) -> bool:
    """Tell whether a value is beyond a bound; a text and a number are not compared."""
    if isinstance(value, str) != isinstance(bound, str):
        return False
    return bool(value < bound if sign > 0 else value > bound)


def _unfit_text(value: str, options: dict[str, Any]) -> str | None:
    least, most = options.get("minLength", 0), options.get("maxLength", len(value))
    if len(value) < least:
        return f"is shorter than minLength {least}"
    if len(value) > most:
        return f"is longer than maxLength {most}"
    return None
