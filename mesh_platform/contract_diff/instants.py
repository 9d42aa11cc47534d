"""Days, times and points in time as numbers, however they are written."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


def instant(value: Any) -> int | None:
    """Microseconds to a day or a point in time, since 1970 in UTC, or None where it is neither.

    Without a zone it is UTC, as the engine reads it; a day is its first instant.
    """
    try:
        told = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    zoned = told if told.tzinfo else told.replace(tzinfo=UTC)
    return (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def day(value: Any) -> int | None:
    """Days since 1970 to a day, or to a point in time at which one begins; else None."""
    since = instant(value)
    return None if since is None or since % _DAY else since // _DAY


def time_of_day(value: Any) -> int | None:
    """Microseconds since midnight UTC to a time of day, or None where it is none."""
    try:
        told = time.fromisoformat(str(value).strip())
    except ValueError:
        return None
    away = told.utcoffset() or timedelta()
    since = timedelta(hours=told.hour, minutes=told.minute, seconds=told.second)
    return (since - away + timedelta(microseconds=told.microsecond)) // _MICROSECOND % _DAY
