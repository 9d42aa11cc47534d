"""Compute the longest wait between two runs of a cron schedule; no clock, no library.

Looked at are two years that hold a leap day, which every pattern of five fields repeats in.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from itertools import pairwise

from mesh_platform.contract_diff.relations import Relation
from mesh_platform.model.cron import FIELDS, LAST, NAMED, Field, field_values

_FIRST, _LOOKED_AT = datetime.date(2023, 3, 1), 731


@dataclass(frozen=True, slots=True)
class Runs:
    """Hold when a schedule fires: minutes of the day, and days counted from a fixed one."""

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
    """Compare how long one waits for runs of two schedules; they may be at other times."""
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
    parts = NAMED.get(cron.strip().lower(), cron).lower().split()
    if len(parts) != len(FIELDS):
        return None
    sets = [_values(text, field) for text, field in zip(parts, FIELDS, strict=True)]
    if not all(sets):
        return None
    minutes = frozenset(hour * 60 + minute for hour in sets[1] for minute in sets[0])
    days = frozenset(_days(sets, any_date=parts[2] == "*", any_weekday=parts[4] == "*"))
    return Runs(minutes, days) if days else None


def _values(text: str, field: Field) -> set[int]:
    """The values that a field names; the last day of a month is the day 0 of the next one."""
    parts = text.split(",")
    others = [part for part in parts if part != LAST]
    if field is not FIELDS[2] or len(others) == len(parts):
        return field_values(text, field)
    named = field_values(",".join(others), field) if others else set()
    return {0} | named if named or not others else set()


def _days(sets: list[set[int]], *, any_date: bool, any_weekday: bool) -> set[int]:
    """Days that fit; where date and weekday are both given, either is enough."""
    found, weekdays = set(), {day % 7 for day in sets[4]}
    for number in range(_LOOKED_AT):
        day = _FIRST + datetime.timedelta(number)
        is_last = (day + datetime.timedelta(1)).day == 1
        date = day.day in sets[2] or (is_last and 0 in sets[2])
        weekday = day.isoweekday() % 7 in weekdays
        fits = date and weekday if any_date or any_weekday else date or weekday
        if fits and day.month in sets[3]:
            found.add(number)
    return found
