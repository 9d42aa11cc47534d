"""Service levels: which of two promises is the better one, by what the property means."""

from __future__ import annotations

import math
import re
from typing import Any

from mesh_platform.contract_diff.instants import instant
from mesh_platform.contract_diff.numbers import Span, compared
from mesh_platform.contract_diff.relations import Relation, ordered, stated
from mesh_platform.contract_diff.schedules import compared_schedules
from mesh_platform.contract_diff.seen import Holder, Seen
from mesh_platform.contract_diff.zones import same_zone
from mesh_platform.model.cron import UTC
from mesh_platform.model.durations import Amount, amount
from mesh_platform.model.lint_service import time_zone

_SHORT = {
    "av": "availability",
    "th": "throughput",
    "er": "errorrate",
    "ga": "generalavailability",
    "es": "endofsupport",
    "el": "endoflife",
    "re": "retention",
    "fy": "frequency",
    "ly": "latency",
    "ta": "timeofavailability",
    "td": "timetodetect",
    "tn": "timetonotify",
    "tr": "timetorepair",
}
"""The two letters that the standard gives a property."""
_MORE_IS_BETTER = frozenset(
    {"availability", "throughput", "retention", "uptime", "completeness", "accuracy"}
)
_LESS_IS_BETTER = frozenset(
    {
        *("latency", "frequency", "errorrate", "timetodetect", "timetonotify", "timetorepair"),
        *("freshness", "responsetime", "timetorespond", "timetoresolve", "recoverytime"),
    }
)
_ENDS = frozenset({"endofsupport", "endoflife"})
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*(?:(Z|UTC)|([+-])(\d{1,2}):?(\d{2}))?")
_HOURS = re.compile(r"(.*?)(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?(.*)")  # noqa: RUF001


def is_end(seen: Seen) -> bool:
    """Tell whether the service level says when the port ends."""
    old, new = _entry(seen)
    return _property(old or new) in _ENDS


def ends(seen: Seen) -> Relation:
    """Compare ends: an earlier one is looser; none, or a later one, is tighter."""
    old, new = (entry.get("value") for entry in _entry(seen))
    if old is None or new is None:
        return Relation.TIGHTER
    return _ordered_days(old, new, more_is_tighter=True)


def _ordered_days(old: Any, new: Any, *, more_is_tighter: bool) -> Relation:
    """Relation of two days or points in time; texts that are neither sort as texts."""
    first, second = instant(old), instant(new)
    if first is None or second is None:
        return ordered(str(old), str(new), more_is_tighter=more_is_tighter)
    return ordered(first, second, more_is_tighter=more_is_tighter)


def service_level(seen: Seen) -> Relation:
    """Compare the promised levels by value and unit together."""
    old, new = _entry(seen)
    if old.get("valueExt") != new.get("valueExt"):
        return Relation.OTHER
    name = _property(old)
    if name == "timeofavailability":
        return stated(_clock(old), _clock(new), _sooner) if _clocks(old, new) else Relation.OTHER
    if name == "generalavailability":
        return _ordered_days(old.get("value"), new.get("value"), more_is_tighter=False)
    if name == "supporthours":
        return _hours(old, new)
    if name in _MORE_IS_BETTER or name in _LESS_IS_BETTER:
        return _amounts(old, new, more_is_tighter=name in _MORE_IS_BETTER)
    return _same_amount(old, new)


def schedule(seen: Seen) -> Relation:
    """Compare how long one waits between two runs of a cron schedule."""
    old, new = _entry(seen)
    one, other = (str(entry.get("scheduler")).lower() for entry in (old, new))
    if one != other and _has_schedule(old):
        return Relation.OTHER if _has_schedule(new) else Relation.LOOSER
    return stated(old.get("schedule"), new.get("schedule"), _schedules)


def zone(seen: Seen) -> Relation:
    """Compare in which time zone a schedule is meant; UTC where it is not said."""
    old, new = (time_zone(entry) or UTC for entry in _entry(seen))
    return Relation.SAME if same_zone(old, new) else Relation.OTHER


def _has_schedule(entry: Holder) -> bool:
    return bool(entry.get("schedule"))


def _schedules(old: Any, new: Any) -> Relation:
    return compared_schedules(str(old), str(new))


def _entry(seen: Seen) -> tuple[Holder, Holder]:
    return seen.around("slaProperties")


def _property(entry: Holder) -> str:
    name = re.sub(r"[^a-z]", "", str(entry.get("property") or "").lower())
    return _SHORT.get(name, name)


def _amounts(old: Holder, new: Holder, *, more_is_tighter: bool) -> Relation:
    first, second = (amount(entry.get("value"), entry.get("unit")) for entry in (old, new))
    if first is None or second is None:
        return Relation.OTHER
    return _compared(first, second, more_is_tighter=more_is_tighter)


def _same_amount(old: Holder, new: Holder) -> Relation:
    """Compare amounts of which nobody knows which is better; but 24 h is 1 d."""
    relation = _amounts(old, new, more_is_tighter=True)
    return relation if relation is Relation.SAME else Relation.OTHER


def _clocks(old: Holder, new: Holder) -> bool:
    return (
        _clock(old) is not None and _clock(new) is not None and old.get("unit") == new.get("unit")
    )


def _clock(entry: Holder) -> int | None:
    """Minutes after midnight UTC."""
    found = _CLOCK.fullmatch(str(entry.get("value")).strip())
    if found is None:
        return None
    local = int(found[1]) * 60 + int(found[2])
    away = int(found[5]) * 60 + int(found[6]) if found[4] else 0
    return local + away if found[4] == "-" else local - away


def _sooner(old: int, new: int) -> Relation:
    return ordered(old, new, more_is_tighter=False)


def _hours(old: Holder, new: Holder) -> Relation:
    """Compare hours in which somebody answers: a number of them, or from when to when."""
    windows = [_window(entry) for entry in (old, new)]
    if None not in windows and windows[0][0] == windows[1][0]:  # type: ignore[index]
        before, after = (window[1] for window in windows if window)
        return compared((after,), (before,))
    return _amounts(old, new, more_is_tighter=True)


def _window(entry: Holder) -> tuple[Any, Span] | None:
    """The words around (days, zone), and the hours."""
    text = str(entry.get("value")).strip()
    if text.lower().replace(" ", "") in ("24x7", "24/7"):
        text = "0-24"
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    around = (found[1].strip(), found[6].strip(), entry.get("unit"))
    start, end = (int(found[i]) * 60 + int(found[i + 1] or 0) for i in (2, 4))
    return around, Span(start, end)


def _compared(old: Amount, new: Amount, *, more_is_tighter: bool) -> Relation:
    """Relation of two amounts; OTHER where their units, or months and days, cannot be compared."""
    if old.unit != new.unit:
        return Relation.OTHER
    if old.months and new.months:
        return ordered(old.months, new.months, more_is_tighter=more_is_tighter)
    if _close(old.least, new.least) and _close(old.most, new.most):
        return Relation.SAME
    if old.most <= new.least:
        return Relation.TIGHTER if more_is_tighter else Relation.LOOSER
    if new.most <= old.least:
        return Relation.LOOSER if more_is_tighter else Relation.TIGHTER
    return Relation.OTHER


def _close(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=1e-12, abs_tol=1e-12)
