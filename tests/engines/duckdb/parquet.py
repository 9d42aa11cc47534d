"""Parquet files for tests, written by DuckDB from rows."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb


def write_parquet(path: Path, columns: str, rows: Iterable[Sequence[Any]]) -> str:
    """Write rows; `columns` is SQL such as `a integer, b varchar`. Returns the path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _database().cursor() as session:
        session.execute(f"create or replace temp table t ({columns})")
        filled = list(rows)
        if filled:
            marks = ", ".join("?" * len(filled[0]))
            session.executemany(f"insert into t values ({marks})", filled)
        session.execute(f"copy t to '{path}' (format parquet)")
    return str(path)


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all files: to open a database takes longer than to write most of them."""
    return duckdb.connect()
