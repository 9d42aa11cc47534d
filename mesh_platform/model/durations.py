"""Amounts with a unit: `24 h` is `1 d`, `99.9%` is `99.9 percent`.

Months and years have no fixed length: they span from their shortest to their longest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mesh_platform.model.contract import is_number

_SECONDS = {
    "ms": 0.001,
    "millisecond": 0.001,
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "wk": 604800,
    "week": 604800,
}
_MONTHS = {"mo": 1, "month": 1, "q": 3, "quarter": 3, "y": 12, "yr": 12, "year": 12}
_EVERY = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
}
_ALIASES = {"%": "percent", "pct": "percent"}
_DAYS_OF_MONTHS = {1: (28, 31), 3: (89, 92), 12: (365, 366)}
_AMOUNT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*([A-Za-z%]*)\s*")
_ISO = re.compile(
    r"P(?:(?P<y>\d+)Y)?(?:(?P<mo>\d+)M)?(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<min>\d+)M)?(?:(?P<s>\d+)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of one unit; of a length of time, seconds at least and at most."""

    unit: str
    least: float
    most: float
    months: float = 0


def amount(value: Any, unit: Any) -> Amount | None:
    """Read a value and its unit; None where it is no number."""
    word = str(unit or "").strip().lower()
    if is_number(value):
        return _of(float(value), word)
    text = str(value).strip()
    if text.lower() in _EVERY and not word:
        return _of(1, _EVERY[text.lower()])
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        parts = [_of(float(count), name) for name, count in iso.groupdict().items() if count]
        return Amount("time", sum(p.least for p in parts), sum(p.most for p in parts))
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[2] and word and found[2].lower() != word):
        return None
    return _of(float(found[1]), found[2].lower() or word)


def _of(number: float, word: str) -> Amount:
    singular = word[:-1] if word.endswith("s") and len(word) > 2 else word
    if singular in _SECONDS:
        seconds = number * _SECONDS[singular]
        return Amount("time", seconds, seconds)
    if singular in _MONTHS:
        months = _MONTHS[singular]
        least, most = (number * days * 86400 for days in _DAYS_OF_MONTHS[months])
        return Amount("time", least, most, number * months)
    return Amount(_ALIASES.get(word, word), number, number)
