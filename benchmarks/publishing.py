"""Figure c: publishing ten million rows against a bare Parquet file of the same table.

The platform's side writes and fsyncs the file, commits it to a Delta table and makes it current in
the registry. The peer is DuckDB's `COPY … TO` with its own defaults, not flushed to disk. Both
open the same warehouse file anew.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figure import Figure, in_turns, seconds
from benchmarks.lineitem import TABLE, Lineitem
from mesh_platform.state.records import Attempt

_LIMIT = 1.05


def measure(bench: Bench) -> Figure:
    """Compare in one process, after one unmeasured turn that creates registry and Delta table."""
    table = bench.lineitem
    bare = bench.folder / "bare.parquet"
    _publish(table)
    _copy(table, bare)
    sides = (lambda: _publish(table), lambda: _copy(table, bare))
    pairs = tuple(in_turns(2 * bench.runs, *sides, _LIMIT))
    title = "publish 10 M rows of 10 columns / bare `COPY … TO` Parquet"
    return Figure("c", title, _LIMIT, pairs)


def _publish(table: Lineitem) -> float:
    releases: list[Attempt] = []
    took = seconds(lambda: releases.append(table.release()))
    table.forget(releases[0])
    return took


def _copy(table: Lineitem, target: Path) -> float:
    def work() -> None:
        with table.opened() as session:
            session.execute(f"copy {TABLE} to '{target}' (format parquet)")

    took = seconds(work)
    target.unlink()
    return took
