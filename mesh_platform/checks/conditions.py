"""The condition that holds for a value that breaks its promise; nulls break presence only."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from mesh_platform.checks.formats import INTEGERS, NUMBERS, text_cast, text_pattern
from mesh_platform.checks.located import Located, comparable, limit, locate, not_a_date
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.sql import literal, quoted
from mesh_platform.checks.targets import Target
from mesh_platform.checks.types import family, is_text
from mesh_platform.model.contract import Column

_SIGNS = {
    "minimum": "<",
    "maximum": ">",
    "exclusiveMinimum": "<=",
    "exclusiveMaximum": ">=",
    "minLength": "<",
    "maxLength": ">",
    "minItems": "<",
    "maxItems": ">",
    "dimensions": "<>",
    "minProperties": "<",
    "maxProperties": ">",
}
_NOISE, _ROUNDING = 1e-9, 1e-15
"""How far a binary fraction may be from a multiple, at least and by its size: 0.1 + 0.2 is 0.3."""
_BYTES_AT_MOST = 4
"""Bytes of one character in UTF-8."""
_UNIT_LENGTH = 0.001
"""How far from 1 the length of a normalized vector may be: its elements may have 8 bits."""


def broken(spec: CheckSpec, target: Target) -> str:
    """Condition that holds for a row that breaks the promise in this column."""
    place = locate(target)
    if spec.kind is Kind.REQUIRED:
        return _missing(spec, target, place)
    written = _WRITERS.get(spec.kind)
    return written(spec, target, place.value) if written else _outside(spec, target, place.value)


def _missing(spec: CheckSpec, target: Target, place: Located) -> str:
    """Return the condition for a missing value: a field of an object that is not there is not."""
    values = _literals(spec.values, target.column)
    said = f"{place.value} is null"
    if values:
        said += f" or {place.value} in ({values})"
    if place.holder is None:
        return said
    return f"{place.holder} is not null and {f'({said})' if values else said}"


def _invalid(spec: CheckSpec, target: Target, value: str) -> str:
    values = _literals(spec.values, target.column)
    said = f"{value} not in ({values})" if values else f"{value} is not null"
    if "pattern" in spec.options:
        return f"{said} or {_unmatched(value, spec.options['pattern'])}"
    return said


def _literals(values: tuple[Any, ...], column: Column) -> str:
    """Values as the column has them: `1` is text in a text column, no word is a number."""
    kept = [value for value in values if value is not None]
    if column.logical_type == "string" or is_text(column):
        kept = [value if isinstance(value, str) else _word(value) for value in kept]
    elif column.logical_type in ("integer", "number"):
        kept = [value for value in kept if _is_number(value)]
    return ", ".join(literal(value) for value in kept)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _mismatched(spec: CheckSpec, _target: Target, value: str) -> str:
    return _unmatched(value, spec.options["pattern"])


def _unmatched(value: str, pattern: str) -> str:
    return f"not regexp_matches({_text(value)}, {literal(pattern)})"


def _text(value: str) -> str:
    """A value as text, also where its type is not the promised one; of text it costs nothing."""
    return f"{value}::varchar"


def _outside(spec: CheckSpec, target: Target, value: str) -> str:
    """Condition for limits of the value itself, or of its length or size."""
    measured = _measured(spec, target, value)
    said = [
        f"{measured} {sign} {limit(target, spec.options[key])}"
        for key, sign in _SIGNS.items()
        if key in spec.options
    ]
    if spec.kind is Kind.LENGTH and not _is_bytes(target):
        said = _by_bytes_first(spec.options, _text(value), said)
    if spec.kind is Kind.RANGE and _may_be_nan(target.column, spec.options):
        said.append(f"isnan({measured})")
    return " or ".join(said)


def _by_bytes_first(options: dict[str, Any], text: str, said: list[str]) -> list[str]:
    """Count characters only where the bytes, which are known, leave it open: half the time.

    A character has one to four bytes.
    """
    bounds = {"minLength": ("<", _BYTES_AT_MOST), "maxLength": (">", 1)}
    sizes = [
        f"strlen({text}) {sign} {int(options[key]) * times}"
        for key, (sign, times) in bounds.items()
        if key in options
    ]
    return [f"({size} and {count})" for size, count in zip(sizes, said, strict=True)]


def _is_bytes(target: Target) -> bool:
    return family(target.column.physical_type) == "BLOB"


def _repeated_items(_spec: CheckSpec, _target: Target, value: str) -> str:
    return f"len(list_distinct({value})) < list_count({value})"


def _not_of_length_one(_spec: CheckSpec, _target: Target, value: str) -> str:
    square = f"list_sum(list_transform({value}, lambda x: x::double * x))"
    return f"abs(sqrt({square}) - 1) > {_UNIT_LENGTH}"


def may_be_float(column: Column) -> bool:
    """Tell whether values may be binary fractions, which may be NaN."""
    physical = family(column.physical_type)
    if physical:
        return physical in ("FLOAT", "DOUBLE", "VARCHAR") and column.logical_type != "string"
    return column.logical_type in (None, "number")


def _may_be_nan(column: Column, options: dict[str, Any]) -> bool:
    """Tell whether NaN must be looked for: a lower limit does not find it, an upper one does."""
    bounded = "maximum" in options or "exclusiveMaximum" in options
    return column.logical_type == "number" and may_be_float(column) and not bounded


def _measured(spec: CheckSpec, target: Target, value: str) -> str:
    match spec.kind:
        case Kind.LENGTH if _is_bytes(target):
            return f"octet_length({value})"
        case Kind.LENGTH:
            return f"length({_text(value)})"
        case Kind.ITEMS:
            return f"len({value})"
        case Kind.PROPERTIES:
            return _properties(target, value)
        case _:
            return comparable(target, value)


def _properties(target: Target, value: str) -> str:
    """Return how many fields of an object are there; null where the object is not."""
    if family(target.column.physical_type) == "MAP":
        return f"cardinality({value})"
    fields = (f"(({value}).{quoted(c.name)} is not null)::int" for c in target.column.columns)
    return f"if({value} is null, null, {' + '.join(fields)})"


def _no_multiple(spec: CheckSpec, target: Target, value: str) -> str:
    value = comparable(target, value)
    exact = Decimal(str(spec.options["multipleOf"])).normalize()
    if target.column.logical_type != "number" or not may_be_float(target.column):
        return f"{value} % {exact:f} <> 0"
    times = f"{value}::double / {exact:f}"
    noise = f"greatest({_NOISE}, abs({times}) * {_ROUNDING})"
    return f"abs({times} - round({times})) > {noise} or isnan({times})"


def _ill_formed(spec: CheckSpec, target: Target, value: str) -> str:
    """Condition for `format`: of text, of a number's width, or of another type kept as text."""
    kind, name = target.column.logical_type, spec.options["format"]
    if kind in ("date", "timestamp", "time"):
        return not_a_date(target, value)
    if kind == "integer":
        return _not_an_integer(target, value, name)
    if kind in ("number", "boolean"):
        return _unreadable(value, NUMBERS.get(name, "DOUBLE" if kind == "number" else "BOOLEAN"))
    pattern = text_pattern(name)
    if pattern is not None:
        return _unmatched(value, pattern)
    return _unreadable(value, text_cast(name) or "VARCHAR")


def _not_an_integer(target: Target, value: str, name: str) -> str:
    conditions = []
    if is_text(target.column):
        conditions.append(f"not regexp_matches({value}, '^[+-]?[0-9]+$')")
    elif family(target.column.physical_type) in ("DECIMAL", "FLOAT", "DOUBLE"):
        conditions.append(f"{value} % 1 <> 0")
    if name in INTEGERS:
        conditions.append(_unreadable(value, INTEGERS[name]))
    return " or ".join(conditions)


def _unreadable(value: str, kind: str) -> str:
    return f"try_cast({value} as {kind}) is null and {value} is not null"


_WRITERS: dict[Kind, Callable[[CheckSpec, Target, str], str]] = {
    Kind.ALLOWED: _invalid,
    Kind.PATTERN: _mismatched,
    Kind.MULTIPLE: _no_multiple,
    Kind.FORMAT: _ill_formed,
    Kind.DISTINCT_ITEMS: _repeated_items,
    Kind.NORMALIZED: _not_of_length_one,
}
