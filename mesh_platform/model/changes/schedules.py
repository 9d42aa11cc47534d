"""How long one waits between two runs of a cron schedule; no clock, no library.

Looked at are two years that hold a leap day, which every pattern of five fields repeats in.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from itertools import pairwise

from mesh_platform.model.changes.relations import Relation

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_Field = tuple[int, int, tuple[str, ...]]
_FIELDS: tuple[_Field, ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
)
"""Least and greatest value of each field, and the words for them."""
_FIRST, _LOOKED_AT = datetime.date(2023, 3, 1), 731


@dataclass(frozen=True, slots=True)
class Runs:
    """When a schedule fires: minutes of the day, and days counted from a fixed one."""

    minutes: frozenset[int]
    days: frozenset[int]

    @property
    def longest_wait(self) -> int:
        """Minutes between two runs, at worst."""
        times, days = sorted(self.minutes), sorted(self.days)
        within = max((b - a for a, b in pairwise(times)), default=0)
        between = max((b - a for a, b in pairwise(days)), default=_LOOKED_AT)
        return max(within, between * 1440 + times[0] - times[-1])


def compared_schedules(old: str, new: str) -> Relation:
    """Whether one waits longer for the new schedule's runs, less long, or for other times."""
    before, after = runs(old), runs(new)
    if before is None or after is None:
        return Relation.SAME if old.split() == new.split() else Relation.OTHER
    if before == after:
        return Relation.SAME
    if before.longest_wait != after.longest_wait:
        is_less = after.longest_wait < before.longest_wait
        return Relation.TIGHTER if is_less else Relation.LOOSER
    return _at_other_times(before, after)


def _at_other_times(old: Runs, new: Runs) -> Relation:
    """As often: more times are tighter; one time a day on the same days may come later."""
    if old.minutes <= new.minutes and old.days <= new.days:
        return Relation.TIGHTER
    if new.minutes <= old.minutes and new.days <= old.days:
        return Relation.LOOSER
    if old.days == new.days and len(old.minutes) == len(new.minutes) == 1:
        return Relation.LOOSER if min(new.minutes) > min(old.minutes) else Relation.TIGHTER
    return Relation.OTHER


@functools.lru_cache(maxsize=1024)
def runs(cron: str) -> Runs | None:
    """Read a schedule of five fields; None where it is none."""
    parts = _NAMED.get(cron.strip().lower(), cron).lower().split()
    if len(parts) != len(_FIELDS):
        return None
    sets = [_field(text, *field) for text, field in zip(parts, _FIELDS, strict=True)]
    if not all(sets):
        return None
    minutes = frozenset(hour * 60 + minute for hour in sets[1] for minute in sets[0])
    days = frozenset(_days(sets, any_date=parts[2] == "*", any_weekday=parts[4] == "*"))
    return Runs(minutes, days) if days else None


def _days(sets: list[set[int]], *, any_date: bool, any_weekday: bool) -> set[int]:
    """Days that fit; where date and weekday are both given, either is enough."""
    found, weekdays = set(), {day % 7 for day in sets[4]}
    for number in range(_LOOKED_AT):
        day = _FIRST + datetime.timedelta(number)
        date, weekday = day.day in sets[2], day.isoweekday() % 7 in weekdays
        fits = date and weekday if any_date or any_weekday else date or weekday
        if fits and day.month in sets[3]:
            found.add(number)
    return found


def _field(text: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    """Values of one field; empty where it cannot be read."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("*", "", "") if span == "*" else span.partition("-")
        start = low if first == "*" else _number(first, low, names)
        end = high if first == "*" or (step and not last) else _number(last or first, low, names)
        if start is None or end is None or not low <= start <= end <= high:
            return set()
        if step and not (step.isdigit() and int(step)):
            return set()
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text in names:
        return names.index(text) + low
    return int(text) if text.isdigit() else None
