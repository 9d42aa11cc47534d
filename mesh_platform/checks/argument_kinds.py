"""Tell which values an argument of an expectation cannot have, by its kind.

A value is read as Great Expectations reads it, which is lenient: the text `0.9` is a number, too.
What it takes must not be refused here; nothing of it is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?(?:Z|([+-]\d\d):?(\d\d)?)?)?"
)
_BOOLEANS = frozenset(("0", "1", "off", "on", "f", "t", "false", "true", "n", "y", "no", "yes"))
_EMPTY: tuple[Any, ...] = ("", [], {})


@dataclass(frozen=True, slots=True)
class ValueKind:
    """Hold a kind of values.

    Args:
        must: what such a value is, for people.
        read: returns the value that is meant; raises for one that is not of the kind.
        stands: whether an object, a parameter of the suite, may stand for it.
        never: values that it cannot be, though an object may stand for it.
        null: whether it may be null.
    """

    must: str
    read: Callable[[Any], object]
    stands: bool = True
    never: tuple[Any, ...] = ()
    null: bool = False

    def takes(self, value: object) -> bool:
        """Tell whether a value may be of the kind."""
        if value is None or value in self.never:
            return value is None and self.null
        return self.of(value) is not None or (self.stands and _as_object(value) is not None)

    def of(self, value: object) -> object:
        """Return the value that is meant; None where that is not known."""
        try:
            return self.read(value)
        except (ValueError, TypeError, OverflowError, LookupError, AttributeError):
            return None


def _as_object(value: Any) -> dict[Any, Any] | None:
    """Return a value as an object; a list of pairs is one, too."""
    try:
        return dict(value)
    except (ValueError, TypeError):
        return None


def _sure(*, fits: bool) -> None:
    if not fits:
        raise ValueError


def _text(value: Any) -> str:
    _sure(fits=isinstance(value, str | int | float))
    return str(value)


def _condition(value: Any) -> object:
    return value if isinstance(value, dict) else _text(value)


def _query(value: Any) -> str:
    return _text(value).format(batch="port")


def _character(value: Any) -> str:
    _sure(fits=len(_text(value)) == 1)
    return str(value)


def _column(value: Any) -> str:
    _sure(fits=isinstance(value, str) and value != "")
    return str(value)


def _share(value: Any) -> float:
    _sure(fits=0 <= float(value) <= 1)
    return float(value)


def _not_negative(value: Any) -> float:
    _sure(fits=float(value) >= 0)
    return float(value)


def _boolean(value: Any) -> bool:
    _sure(fits=str(value).lower() in _BOOLEANS or value in (0, 1))
    return str(value).lower() in ("1", "1.0", "on", "t", "true", "y", "yes")


def _moment(value: Any) -> date:
    """Return a date, or a date with time and perhaps a zone."""
    if isinstance(value, date):
        return value
    found = _MOMENT.fullmatch(value)
    _sure(fits=found is not None)
    year, month, day, hour, minute, second, ahead, more = map(int, found.groups("0"))  # type: ignore[union-attr]
    if ":" not in value:
        return date(year, month, day)
    zone = timezone(timedelta(hours=ahead, minutes=more))
    has_zone = value.endswith("Z") or found[7] is not None  # type: ignore[index]
    return datetime(year, month, day, hour, minute, second, tzinfo=zone if has_zone else None)


def _number_or_moment(value: Any) -> float | date:
    try:
        return float(value)
    except (ValueError, TypeError):
        return _moment(value)


def _count(value: Any) -> float | date:
    """Return a whole number; else a date and time, which a text of seconds is, too."""
    if isinstance(value, float):
        return int(value)
    read = _number_or_moment(value)
    _sure(fits=isinstance(read, float | datetime))
    return read


def _list(value: Any) -> list[Any]:
    _sure(fits=isinstance(value, list | tuple | set))
    return list(value)


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in _list(value)]


def _columns(value: Any) -> list[str]:
    found = [_column(each) for each in _list(value)]
    _sure(fits=len(found) > 1)
    return found


def _names(value: Any) -> list[str]:
    _sure(fits=len(_texts(value)) > 1)
    return _texts(value)


def _pairs(value: Any) -> list[Any]:
    _sure(fits=all(len(_list(each)) == 2 for each in _list(value)))
    return _list(value)


def _one_of(*words: str, stands: bool = True) -> ValueKind:
    def read(value: Any) -> str:
        _sure(fits=value in words)
        return str(value)

    *rest, last = (f"`{word}`" for word in words)
    return ValueKind(f"{', '.join(rest)} or {last}", read, stands)


_ROWS = ("all_values_are_missing", "any_value_is_missing", "never")
KINDS: Mapping[str, ValueKind] = {
    "boolean": ValueKind("true or false", _boolean),
    "plain_boolean": ValueKind("true or false", _boolean, stands=False),
    "character": ValueKind("one character", _character, never=("",)),
    "column": ValueKind("the name of a column", _column, stands=False),
    "columns": ValueKind("a list of two columns or more", _columns, stands=False),
    "condition": ValueKind("a condition", _condition, stands=False),
    "count": ValueKind("a whole number", _count),
    "list": ValueKind("a list", _list),
    "filled_list": ValueKind("a list of values", _list, never=_EMPTY),
    "match_on": _one_of("any", "all"),
    "method": _one_of("iqr", "std"),
    "number": ValueKind("a number", float),
    "number_or_moment": ValueKind("a number, a date, or a date and time", _number_or_moment),
    "not_negative": ValueKind("a number that is not negative", _not_negative),
    "object": ValueKind("an object", dict, stands=False),
    "of_pair": _one_of("both_values_are_missing", "either_value_is_missing", "neither"),
    "of_rows": _one_of(*_ROWS),
    "of_rows_alone": _one_of(*_ROWS, stands=False),
    "pairs": ValueKind("a list of pairs", _pairs),
    "parser": _one_of(
        "great_expectations", "great_expectations__experimental__", "pandas", "spark", stands=False
    ),
    "query": ValueKind("a text that knows no placeholder but {batch}", _query),
    "share": ValueKind("a number from 0 to 1", _share),
    "text": ValueKind("a text", _text),
    "texts": ValueKind("a list of texts", _texts),
    "filled_texts": ValueKind("a list of texts", _texts, never=_EMPTY),
    "whole": ValueKind("a whole number", int),
}
"""The kinds of values, by the names that the table of expectations has for them."""
