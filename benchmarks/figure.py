"""What a benchmark says: paired times of the platform and its peer, held against a limit.

Seconds depend on the machine and on who else uses it, so only ratios of neighbours are told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Pair:
    """Platform and peer, in seconds or megabytes, measured one right after the other."""

    platform: float
    peer: float

    @property
    def ratio(self) -> float:
        """How many times the peer's time the platform takes."""
        return self.platform / self.peer


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the table: what is compared, and how far it may go."""

    letter: str
    title: str
    limit: float | None
    pairs: tuple[Pair, ...]
    unit: str = "s"

    @property
    def medians(self) -> str:
        """Both sides in their unit, for an idea of the size."""
        own = median(pair.platform for pair in self.pairs)
        peer = median(pair.peer for pair in self.pairs)
        return f"{own:,.1f} / {peer:,.1f} {self.unit}"

    @property
    def ratio(self) -> float:
        """Median of the pairs' ratios."""
        return median(pair.ratio for pair in self.pairs)

    @property
    def low(self) -> float:
        """Best ratio."""
        return min(pair.ratio for pair in self.pairs)

    @property
    def high(self) -> float:
        """Worst ratio."""
        return max(pair.ratio for pair in self.pairs)

    @property
    def reached(self) -> bool:
        """Whether the median keeps the limit."""
        return self.limit is None or self.ratio <= self.limit

    @property
    def verdict(self) -> str:
        """The verdict in words, with the distance where the limit is missed."""
        if self.limit is None:
            return "for comparison"
        if self.reached:
            return "reached"
        return f"not reached, by {self.ratio / self.limit - 1:.0%}"


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call; starts with nothing left to write from what ran before."""
    os.sync()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turns(runs: int, platform: Callable[[], float], peer: Callable[[], float]) -> Iterable[Pair]:
    """Measure both sides next to each other, and swap who goes first each time."""
    for turn in range(runs):
        if turn % 2:
            own = platform()
            yield Pair(own, peer())
        else:
            other = peer()
            yield Pair(platform(), other)
