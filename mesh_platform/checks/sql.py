"""How names and values are written in SQL; the only place where quotes are made."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any


def quoted(name: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Write a value of a contract as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _float(value: float) -> str:
    """Exact decimals where they fit: `1e-07` would be a binary fraction to the engine."""
    if not math.isfinite(value):
        return f"'{value}'::double"
    return format(Decimal(repr(value)), "f") if 1e-12 <= abs(value) < 1e18 else repr(value)
