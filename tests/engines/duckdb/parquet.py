"""Parquet files for tests, written by DuckDB from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb


def write_parquet(path: Path, columns: str, rows: Iterable[Sequence[Any]]) -> str:
    """Write rows; `columns` is SQL such as `a integer, b varchar`. Returns the path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as session:
        session.execute(f"create table t ({columns})")
        filled = list(rows)
        if filled:
            marks = ", ".join("?" * len(filled[0]))
            session.executemany(f"insert into t values ({marks})", filled)
        session.execute(f"copy t to '{path}' (format parquet)")
    return str(path)
