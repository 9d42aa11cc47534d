"""What a benchmark says: paired times of the platform and its peer, held against a limit.

Seconds depend on the machine and on who else uses it, so only ratios of neighbours are told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import comb
from statistics import median

_CHANCE = 0.1
MOST_PAIRS = 15
"""More pairs hardly move a median; a figure that is not settled then says so."""


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
        word = "reached" if self.reached else f"not reached, by {self.ratio / self.limit - 1:.0%}"
        if self.settled:
            return word
        kept = sum(pair.ratio <= self.limit for pair in self.pairs)
        return f"{word}, not certain: {kept} of {len(self.pairs)} pairs keep it"

    @property
    def settled(self) -> bool:
        """Whether another measurement would most likely give the same verdict."""
        return self.limit is None or settled(self.pairs, self.limit)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call; starts with nothing left to write from what ran before."""
    os.sync()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def settled(pairs: Iterable[Pair], limit: float) -> bool:
    """Whether the pairs' median surely lies on one side of the limit.

    Were it at the limit, each pair would fall on either side as a coin does. Sure means that so
    one-sided a result then has a chance below 10 % (the sign test, both sides).
    """
    kept = [pair.ratio <= limit for pair in pairs]
    fewer = min(kept.count(True), kept.count(False))
    chance = sum(comb(len(kept), number) for number in range(fewer + 1)) / 2 ** len(kept)
    return bool(2 * chance < _CHANCE)


def in_turns(
    runs: int,
    platform: Callable[[], float],
    peer: Callable[[], float],
    limit: float | None = None,
) -> Iterator[Pair]:
    """Measure both sides next to each other, and swap who goes first each time.

    Args:
        runs: how many pairs.
        platform: measures the platform.
        peer: measures the peer.
        limit: go on, up to `MOST_PAIRS`, until the verdict on this limit is settled.
    """
    pairs: list[Pair] = []
    for pair in _turns(runs if limit is None else max(runs, MOST_PAIRS), platform, peer):
        pairs.append(pair)
        yield pair
        if len(pairs) >= runs and (limit is None or settled(pairs, limit)):
            return


def _turns(most: int, platform: Callable[[], float], peer: Callable[[], float]) -> Iterator[Pair]:
    for turn in range(most):
        if turn % 2:
            own = platform()
            yield Pair(own, peer())
        else:
            other = peer()
            yield Pair(platform(), other)
