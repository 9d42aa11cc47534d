"""Suggest what was meant by a name for which there is no column."""

from __future__ import annotations

import re
from collections.abc import Collection

from mesh_platform.errors import did_you_mean, near

_UNITS = frozenset(
    {
        *("microsecond", "millisecond", "second", "minute", "hour", "day", "dow", "doy", "isodow"),
        *("week", "month", "quarter", "year", "decade", "century", "epoch"),
    }
)
_TYPOGRAPHIC = "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}`"
_TYPOGRAPHIC += "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE PRIME}"
_TYPOGRAPHIC += "\N{SINGLE LOW-9 QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}«»"


def meant(name: str, sql: str, columns: Collection[str]) -> str | None:
    """Return what to write instead of a name, or None where nothing is like it.

    Args:
        name: what a SELECT takes for a column, and nothing it reads has.
        sql: the SELECT.
        columns: the columns of what it reads.
    """
    bare = name.strip(_TYPOGRAPHIC)
    if bare != name:
        return f"`{name}` stands in typographic quotes: write a text as `'{bare}'`"
    if name.lower() in _UNITS and re.search(rf"\w\s*\(\s*{name}\s*,", sql, re.IGNORECASE):
        return f"write a unit of time as a text: `'{name}'`"
    close = near(name.lower(), sorted({column.lower() for column in columns}), cutoff=0.7)
    way = did_you_mean(name.lower(), close) if close else None
    if f'"{name}"' in sql:
        return f"write a text in single quotes: `'{name}'`" + (f"; {way}" if way else "")
    return way
