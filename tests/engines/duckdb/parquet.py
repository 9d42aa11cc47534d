"""Parquet files for tests, written by DuckDB from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mesh_platform.checks.sql import literal
from tests.sessions import session


def write_parquet(path: Path, columns: str, rows: Iterable[Sequence[Any]]) -> str:
    """Write rows; `columns` is SQL such as `a integer, b varchar`. Returns the path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with session() as used:
        used.execute(f"create or replace temp table t ({columns})")
        filled = list(rows)
        if filled:
            marks = ", ".join("?" * len(filled[0]))
            used.executemany(f"insert into t values ({marks})", filled)
        used.execute(f"copy t to {literal(str(path))} (format parquet)")
    return str(path)
