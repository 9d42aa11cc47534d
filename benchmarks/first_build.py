"""Figure a: the first build of the whole mesh against plain dbt on the same models.

The mesh's side includes checks, releases and recording in Dagster; dbt's side does none of these.
"""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Pair


def measure(bench: Bench) -> Figure:
    """Compare whole processes: one `mesh build` and one `dbt build` per domain."""
    pairs = tuple(Pair(one.first, one.dbt) for one in bench.builds if one.dbt is not None)
    return Figure("a", "first `mesh build` / five `dbt build` commands", 0.8, pairs)
