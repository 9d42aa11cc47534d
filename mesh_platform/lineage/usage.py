"""How somebody uses a column: the one vocabulary of lineage, plans and what they show."""

from __future__ import annotations

from enum import StrEnum


class Use(StrEnum):
    """How a column, or a port, is used; the strongest first."""

    VALUES = "values"
    ROWS = "rows"
    UNKNOWN = "unknown"
    NAMED = "named"
    WHOLE = "whole_port"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return _RANKS[self]


_RANKS = {use: rank for rank, use in enumerate(Use)}
