"""Runs the checks of a contract on rows that a test names; real DuckDB over real Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify import verify
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet


def run(
    path: Path, typed: str, rows: list[tuple[Any, ...]], *columns: dict[str, Any], **more: Any
) -> dict[str, CheckResult]:
    """Results by check; `typed` is SQL such as `a integer, b varchar`."""
    file = write_parquet(path / "port.parquet", typed, rows)
    return {r.check: r for r in verify(contract(*columns, **more), (file,), [], ())}


def a(path: Path, kind: str, values: list[Any], **promises: Any) -> dict[str, CheckResult]:
    """Results for a table of one column `a`."""
    return run(path, f"a {kind}", [(value,) for value in values], column("a", **promises))


def broken(results: dict[str, CheckResult]) -> dict[str, float | None]:
    """What did not pass, with what was observed."""
    return {n: r.observed for n, r in results.items() if r.outcome is not Outcome.PASSED}
