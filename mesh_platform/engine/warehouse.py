"""A domain's private DuckDB file: where dbt builds, and from where a port's Parquet is staged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from mesh_platform.engine.engine_words import EngineWords
from mesh_platform.engine.session import (
    Connection,
    QueryError,
    arrow_schema,
    mount,
    open_session,
    within,
)
from mesh_platform.engine.views import View
from mesh_platform.errors import MeshError
from mesh_platform.quality.sql import quoted
from mesh_platform.quality.types import ActualColumn


@dataclass(frozen=True, slots=True)
class Staged:
    """A Parquet file that nobody can see yet; `bytes` on disk, `schema` its columns in Arrow."""

    path: Path
    rows: int
    bytes: int
    schema: Any


class Warehouse:
    """The file, opened; use it as a context manager and for as short as possible.

    Args:
        path: the file.
        words: what may be told of the engine's errors.
    """

    def __init__(self, path: Path, words: EngineWords | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._words = words or EngineWords()
        self._session: Connection = open_session(path)

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._session.close()

    def columns(self, table: str) -> tuple[ActualColumn, ...]:
        """Columns of a table in order; empty where there is no such table."""
        rows = self._session.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = 'main' and table_name = ? order by column_index",
            [table],
        ).fetchall()
        return tuple(ActualColumn(name, kind) for name, kind in rows)

    def row_counts(self) -> dict[str, int]:
        """Rows of every table, from DuckDB's own book-keeping."""
        rows = self._session.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
        return dict(rows)

    def mount(self, views: Iterable[View]) -> None:
        """Make inputs readable as they are for dbt; nothing of them stays in the file."""
        mount(self._session, views)

    def first_rows(self, query: str, number: int, seconds: float) -> list[dict[str, Any]]:
        """The first rows that a SELECT finds.

        Raises:
            QueryError: it cannot run.
            TookTooLongError: it took longer.
        """
        with within(self._session, seconds):
            cursor = self._session.execute(f"select * from (\n{query}\n) limit {number}")
            names = [column[0] for column in cursor.description or []]
            rows = cursor.fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def stage(self, table: str, columns: tuple[str, ...], target: Path) -> Staged:
        """Write the promised columns of a table as one Parquet file.

        Raises:
            MeshError: the file cannot be written (a full disk, no permission).
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        names = ", ".join(map(quoted, columns))
        place = str(target).replace("'", "''")
        try:
            row = self._session.execute(
                f"copy (select {names} from {quoted(table)}) to '{place}' "
                "(format parquet, parquet_version v2)"
            ).fetchone()
        except QueryError as error:
            raise MeshError(
                f"the data of `{table}` cannot be written: {self._words.told(error)}"
            ) from None
        rows, schema = int(row[0]) if row else 0, arrow_schema(str(target), self._session)
        return Staged(target, rows, target.stat().st_size, schema)
