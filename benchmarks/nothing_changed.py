"""Figure b: a build that finds nothing to do against the first build."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Pair


def measure(bench: Bench) -> Figure:
    """Compare whole processes: the same command twice in the same environment."""
    pairs = tuple(Pair(one.unchanged, one.first) for one in bench.builds)
    return Figure("b", "`mesh build` with nothing changed / the first", 0.15, pairs)
