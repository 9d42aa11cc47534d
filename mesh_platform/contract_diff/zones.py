"""Time zones by what they mean: several names stand for one zone."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_FIRST, _YEARS, _STEP = datetime(2000, 1, 1, tzinfo=UTC), 40, timedelta(hours=12)
"""Changes of clocks are half a year apart; two zones that ever differ do so for longer."""


@functools.lru_cache(maxsize=256)
def same_zone(one: str, other: str) -> bool:
    """Tell whether clocks in two zones show the same time, from the year 2000 to 2040."""
    if one == other:
        return True
    try:
        zones = ZoneInfo(one), ZoneInfo(other)
    except (ValueError, OSError):  # `ZoneInfoNotFoundError` is a `KeyError`
        return False
    except KeyError:
        return False
    return all(
        moment.astimezone(zones[0]).utcoffset() == moment.astimezone(zones[1]).utcoffset()
        for moment in _moments()
    )


def _moments() -> Iterator[datetime]:
    moment = _FIRST
    while moment.year < _FIRST.year + _YEARS:
        yield moment
        moment += _STEP
