"""Check cron schedules of five fields, as Dagster reads them, and their time zones.

Dagster must not be imported here, and a schedule that it refuses takes a whole domain down. A test
holds both readers against each other.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
UTC = "UTC"
Field = tuple[str, int, int, tuple[str, ...]]
FIELDS: tuple[Field, ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("weekday", 0, 7, WEEKDAYS),
)
"""Name, least and greatest value of each field, and the words for them."""
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")
LAST, _DAYS = "l", 31
"""The last day of a month, whichever it is."""
_SUNDAY = 7
"""Another number of the weekday 0."""
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron_problem(text: str) -> str | None:
    """Return why a text is no cron schedule; None where it is one."""
    fields = NAMED.get(text.strip().lower(), text).lower().split()
    if len(fields) != len(FIELDS):
        return f"it has {len(fields)} of five fields: minute, hour, day, month, weekday"
    for field, known in zip(fields, FIELDS, strict=True):
        for part in field.split(","):
            if problem := _part_problem(part, known):
                return problem
    return _never(fields)


def zone_problem(name: str) -> str | None:
    """Return why a text is no time zone; None where it is one."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # an unknown one is a `KeyError`
        return "it is not the name of a time zone"
    return None


def field_values(text: str, field: Field) -> set[int]:
    """The values that a field names; empty where it cannot be read."""
    parts = [_values(part, field) for part in text.split(",")]
    return set().union(*parts) if all(parts) else set()


def _part_problem(part: str, field: Field) -> str | None:
    name, low, high, words = field
    if _values(part, field) or (part == LAST and high == _DAYS):
        return None
    allowed = f"{low} to {high}" + (f", or {words[0]} to {words[-1]}" if words else "")
    wanted = "an hour" if name == "hour" else f"a {name}"
    return f"`{part}` is not {wanted}: {allowed}, `*`, `*/2` and ranges like `{low + 1}-{low + 4}`"


def _values(part: str, field: Field) -> set[int]:
    _, low, high, words = field
    found = _PART.fullmatch(part)
    if found is None:
        return set()
    first, last, step = found[1], found[2], int(found[3] or 1)
    top = high - (high == _SUNDAY)
    if first == "*":
        return set(range(low, top + 1, step)) if step and last is None else set()
    start = _number(first, low, words)
    end = _number(last, low, words) if last else top if found[3] else start
    if start is None or end is None or not step or not {start, end} <= {*range(low, high + 1)}:
        return set()
    if start == end:
        whole = last or found[3]  # Dagster's reader takes `5-5` and `31/2` for every value
        return set(range(low, top + 1, step)) if whole else {start}
    if start < end:
        return set(range(start, end + 1, step))
    return set([*range(start, top + 1), *range(low, end + 1)][::step])  # `fri-mon` goes round


def _number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text in words:
        return words.index(text) + low
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _never(fields: list[str]) -> str | None:
    """Days of the month and months that never meet; a weekday beside them is enough to run."""
    days, months = (field_values(fields[at], FIELDS[at]) for at in (2, 3))
    if fields[4] == "*" and days and min(days) > max(_DAYS_OF_MONTH[month - 1] for month in months):
        return f"it never runs: no such month has a day {min(days)}"
    return None
