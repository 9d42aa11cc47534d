"""Compare what the keys of a column promise of its values, before and after."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from mesh_platform.contract_diff.identity import physical_name, plain
from mesh_platform.contract_diff.instants import day, instant, time_of_day
from mesh_platform.contract_diff.numbers import Span, Universe
from mesh_platform.contract_diff.numbers import compared as compared_spans
from mesh_platform.contract_diff.physical import held_types, longest
from mesh_platform.contract_diff.relations import (
    Judge,
    Relation,
    implied,
    ordered,
    stated,
    switched,
)
from mesh_platform.contract_diff.seen import Holder, Seen, options_of
from mesh_platform.contract_diff.values import Kind
from mesh_platform.contract_diff.widths import (
    Width,
    compared,
    compared_formats,
    compared_types,
    decimals_of,
    format_fits,
    integers_of,
)
from mesh_platform.contract_diff.zones import same_zone
from mesh_platform.model.contract import is_number
from mesh_platform.model.cron import UTC
from mesh_platform.model.type_text import DataType, read_type

_ONE = Fraction(1)
_ISO_DATE = "yyyy-MM-dd"
"""The format of a date that is kept as text, where its contract says no other."""


def width_is(*widths: Width) -> Judge:
    """Judge whether the physical type, with all that says it, changed in one of these ways."""
    return lambda seen: _width(seen) in widths


def is_respelt(seen: Seen) -> bool:
    """Tell whether the physical type is written in another way."""
    is_changed = seen.kind is Kind.CHANGE
    return is_changed and compared_types(seen.before, seen.after) is Width.SAME


def _width(seen: Seen) -> Width | None:
    if seen.key == "format":
        told = seen.before and seen.after
        return compared_formats(seen.before, seen.after) if told else None
    old, new = held_types(seen)
    return None if old is None or new is None else compared(old, new)


def flag(seen: Seen) -> Relation:
    """A promise that is made or not."""
    old, new = (bool(value) and value is not None for value in seen.values)
    return switched(old=old, new=new)


def default_is(default: str) -> Judge:
    """Judge whether what was left out, or is now, means the same as saying it."""

    def judge(seen: Seen) -> bool:
        return {value or default for value in seen.values} == {default}

    return judge


def address(seen: Seen) -> bool:
    """Tell whether what consumers read a table or column by is another name now."""
    old, new = seen.holder
    return bool(physical_name(old) != physical_name(new))


def least(seen: Seen) -> Relation:
    """A least number of characters or items."""
    return _limits(seen, more_is_tighter=True)


def most(seen: Seen) -> Relation:
    """A greatest number of characters, items or digits; of characters, types say one too."""
    kinds = held_types(seen)
    if seen.key != "maxLength" or not all(kind and kind.name == "VARCHAR" for kind in kinds):
        return _limits(seen, more_is_tighter=False)
    old, new = (longest(kind) for kind in kinds if kind)
    return stated(old, new, lambda a, b: ordered(a, b, more_is_tighter=False))


def _limits(seen: Seen, *, more_is_tighter: bool) -> Relation:
    old, new = seen.values
    if not all(value is None or is_number(value) for value in (old, new)):
        return Relation.OTHER
    if more_is_tighter:
        old, new = old or None, new or None  # at least 0 says nothing
    return stated(old, new, lambda a, b: ordered(a, b, more_is_tighter=more_is_tighter))


def lower(seen: Seen) -> Relation:
    """The least value, with or without the bound itself."""
    return _bounds(seen, "minimum", "exclusiveMinimum")


def upper(seen: Seen) -> Relation:
    """The greatest value, with or without the bound itself."""
    return _bounds(seen, "maximum", "exclusiveMaximum")


def _bounds(seen: Seen, closed: str, opened: str) -> Relation:
    options = [options_of(column) for column in seen.column]
    bounds = [[each.get(name) for name in (closed, opened)] for each in options]
    kinds = {str(column.get("logicalType")) for column in seen.column}
    kind = kinds.pop() if len(kinds) == 1 else ""
    numbers = [[_number(value, kind) for value in pair] for pair in bounds]
    pairs = _both(numbers, bounds)
    if len({is_number(v) for _, v in pairs if v is not None}) > 1 or any(
        n is None and v is not None for n, v in pairs
    ):
        return Relation.SAME if bounds[0] == bounds[1] else Relation.OTHER
    universes = [_universe(kind, physical) for physical in held_types(seen)]
    spans = [[_span(pair, is_lower=closed == "minimum")] for pair in numbers]
    old, new = (every.limit(span) for every, span in zip(universes, spans, strict=True))
    return compared_spans(old, new)


def _universe(logical: str, physical: DataType | None) -> Universe:
    """The values that a column can have at all."""
    if ends := integers_of(physical):
        return Universe(*ends, _ONE)
    step = _ONE if logical in ("integer", "date") else None
    if physical is None or (digits := decimals_of(physical)) is None:
        return Universe(step=step)
    smallest = Fraction(1, 10 ** digits[1])
    step = step or smallest
    end = (10 ** digits[0] - 1) * smallest // step * step
    return Universe(-end, end, step)


def _both(numbers: list[list[Any]], values: list[list[Any]]) -> list[tuple[Any, Any]]:
    return [pair for row in zip(numbers, values, strict=True) for pair in zip(*row, strict=True)]


def _number(value: Any, kind: str) -> float | None:
    """A bound as a number: of a day, a point in time or a time of day too."""
    if is_number(value):
        return float(value) if isinstance(value, float) else int(value)
    if value is None or isinstance(value, bool):
        return None
    read = {"date": day, "time": time_of_day}.get(kind, instant)
    return read(value)


def _span(pair: list[Any], *, is_lower: bool) -> Span:
    """The values that lie within a bound and an exclusive one."""
    ends = [(value, is_open) for value, is_open in zip(pair, (False, True), strict=True)]
    told = [(value, is_open) for value, is_open in ends if value is not None]
    if not told:
        return Span()
    if is_lower:
        low, is_open = max(told)
        return Span(low=low, low_open=is_open)
    high, is_open = min(told, key=lambda item: (item[0], not item[1]))
    return Span(high=high, high_open=is_open)


def multiple(seen: Seen) -> Relation:
    """Compare two numbers: multiples of one may be multiples of the other."""
    old, new = seen.values
    if not all(value is None or (is_number(value) and value > 0) for value in (old, new)):
        return Relation.OTHER
    kinds = zip(seen.column, held_types(seen), strict=True)
    steps = [_universe(str(column.get("logicalType")), kind).step for column, kind in kinds]
    if all(steps):
        old, new = old or steps[0], new or steps[1]  # every integer is a multiple of 1
    return stated(old, new, _multiples)


def _multiples(old: float, new: float) -> Relation:
    return implied(new_holds=_divides(new, old), old_holds=_divides(old, new))


def _divides(small: float, great: float) -> bool:
    times = great / small
    return abs(times - round(times)) < 1e-9 and round(times) > 0


def same_format(seen: Seen) -> bool:
    """Tell whether the format asks the same of values.

    Only text has to be written in the format of a date.
    """
    formats = (options_of(column).get("format") for column in seen.column)
    if all(map(format_fits, formats, held_types(seen))):
        return True
    old, new = (_date_format(column) for column in seen.column)
    return old == new and old is not None


def other_format(seen: Seen) -> bool:
    """Tell whether text that is a date is written in another way; one of the two may be usual."""
    old, new = (_date_format(column) for column in seen.column)
    return bool(old and new) and old != new


def _date_format(column: Holder) -> str | None:
    """The format that dates and times must have: none where they are no text; None of others."""
    if column.get("logicalType") not in ("date", "timestamp", "time"):
        return None
    if not _is_text(column):
        return ""
    usual = _ISO_DATE if column["logicalType"] == "date" else ""
    return str(options_of(column).get("format") or usual)


def enum_begins(seen: Seen) -> bool:
    """Tell whether there was no list of allowed values; an empty one allows all."""
    old, new = _enums(seen)
    return old is None and new is not None


def enum_ends(seen: Seen) -> bool:
    """Tell whether there is no list of allowed values any more."""
    old, new = _enums(seen)
    return old is not None and new is None


def is_allowed_otherwise(seen: Seen) -> bool:
    """Tell whether the value that came or went is in the other list, written in another way."""
    old, new = _enums(seen)
    entry = seen.after if seen.kind is Kind.ADD else seen.before
    column = seen.column[1 if seen.kind is Kind.ADD else 0]
    return _meant(entry, column) in (old or frozenset()) & (new or frozenset())


def _enums(seen: Seen) -> list[frozenset[str] | None]:
    return [allowed(column, "enum", column) for column in seen.column]


def allowed(holder: Holder, name: str, column: Holder) -> frozenset[str] | None:
    """The values of a list as a column means them; an empty list is none."""
    entries = holder.get(name)
    if not isinstance(entries, list) or not entries:
        return None
    return frozenset(_meant(entry, column) for entry in entries)


def _meant(entry: Any, column: Holder) -> str:
    """A value in one spelling: a number, a day or a point in time, however it is written."""
    value = entry.get("value") if isinstance(entry, dict) else entry
    kind = str(column.get("logicalType"))
    if value is not None and (kind == "string" or _is_text(column)):
        return repr(str(value).lower() if isinstance(value, bool) else str(plain(value)))
    read = _READ.get(kind)
    number = read(value) if read and not isinstance(value, bool) else None
    return repr(plain(value)) if number is None else repr(plain(number))


def _is_text(column: Holder) -> bool:
    return read_type(str(column.get("physicalType") or "")).name == "VARCHAR"


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number.normalize() if number.is_finite() else None


_READ: dict[str, Callable[[Any], Any]] = {
    "integer": _decimal,
    "number": _decimal,
    "date": day,
    "timestamp": instant,
    "time": time_of_day,
}


def same_time_zone(seen: Seen) -> bool:
    """The zone of times that say none is the same; it is UTC where nothing is said."""
    old, new = (str(value or UTC) for value in seen.values)
    return same_zone(old, new)


def becomes(word: str) -> Judge:
    """Judge whether the new value is this one."""
    return lambda seen: bool(seen.after == word)


def was(word: str) -> Judge:
    """Judge whether the old value was this one."""
    return lambda seen: bool(seen.before == word)
