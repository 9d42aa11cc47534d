"""A domain's private DuckDB file: where dbt builds, and from where a port's Parquet is staged."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from mesh_platform.checks.sql import quoted
from mesh_platform.checks.types import ActualColumn
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.session import (
    Connection,
    QueryError,
    arrow_schema,
    mount,
    open_session,
    within,
)
from mesh_platform.engines.duckdb.views import View, one_file
from mesh_platform.errors import MeshError

_LEFT_BEHIND = """
    select kind, schema_name, name from (
        select 1 as turn, 'view' as kind, database_name, schema_name, view_name as name,
            view_oid as oid
        from duckdb_views() where not internal
        union all
        select 2, 'table', database_name, schema_name, table_name, table_oid from duckdb_tables()
        union all
        select 3, if(function_type = 'macro', 'macro', 'macro table'), database_name, schema_name,
            function_name, function_oid
        from duckdb_functions() where not internal
        union all
        select 4, 'sequence', database_name, schema_name, sequence_name, sequence_oid
        from duckdb_sequences()
        union all
        select 5, 'type', database_name, schema_name, type_name, type_oid
        from duckdb_types() where not internal
    ) where database_name = current_database() order by turn, oid desc
"""
"""All that a database holds; what others may need comes after them, newer tables first."""
_WIDEST_SPAN = 2**31
"""From here on the differences of 32-bit numbers do not fit into 32 bits."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A Parquet file that nobody can see yet; `bytes` on disk, `schema` its columns in Arrow.

    `endless` are the columns with an infinite date or timestamp, also in a part of them.
    """

    path: Path
    rows: int
    bytes: int
    schema: Any
    endless: tuple[str, ...] = ()


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
        (self._name,) = self._session.execute("select current_database()").fetchall()[0]

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
            "where database_name = ? and schema_name = 'main' and table_name = ? "
            "order by column_index",
            [self._name, table],
        ).fetchall()
        return tuple(ActualColumn(name, kind) for name, kind in rows)

    def start_from(self, tables: Iterable[View], keep: Container[tuple[str, str]] = ()) -> None:
        """Drop what earlier builds left, then make these tables: nothing else is remembered.

        Args:
            tables: the state that a build starts from.
            keep: schemas and names of tables and views that stay.

        Raises:
            MeshError: a release's files cannot be read.
        """
        try:
            self._start_from(tables, keep)
        except QueryError as error:
            raise MeshError(
                f"the current release cannot be read into the warehouse: {self._words.told(error)}",
                fix="build with `--full`, which starts without it",
            ) from None

    def _start_from(self, tables: Iterable[View], keep: Container[tuple[str, str]]) -> None:
        for kind, schema, name in self._session.execute(_LEFT_BEHIND).fetchall():
            if (schema, name) not in keep:
                self._session.execute(f"drop {kind} if exists {quoted(schema)}.{quoted(name)}")
        for table in tables:
            place = f"{quoted(table.schema)}.{quoted(table.name)}"
            self._session.execute(f"create schema if not exists {quoted(table.schema)}")
            self._session.execute(f"create table {place} as {table.query}")

    def row_counts(self) -> dict[str, int]:
        """Rows of every table, from DuckDB's own book-keeping."""
        rows = self._session.execute(
            "select table_name, estimated_size from duckdb_tables()"
            " where database_name = ? and schema_name = 'main'",
            [self._name],
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
        place = f"{quoted(self._name)}.main.{quoted(table)}"  # else a view of DuckDB's own is found
        query = f"select {', '.join(map(quoted, columns))} from {place}"
        try:
            rows = self._written(query, target, "v2")
            if self._is_too_wide(target):
                rows = self._written(query, target, "v1")
        except QueryError as error:
            raise MeshError(
                f"the data of `{table}` cannot be written: {self._words.told(error)}"
            ) from None
        schema, endless = arrow_schema(str(target), self._session), self._endless(target, columns)
        return Staged(target, rows, target.stat().st_size, schema, endless)

    def _written(self, query: str, target: Path, version: str) -> int:
        place = str(target).replace("'", "''")
        rows = self._session.execute(
            f"copy ({query}) to '{place}' (format parquet, parquet_version {version})"
        ).fetchall()
        return int(rows[0][0])

    def _is_too_wide(self, file: Path) -> bool:
        """Tell whether other engines cannot read a file of Parquet's version 2.

        DuckDB writes 32-bit numbers as differences. Where they span half of what 32 bits hold, a
        difference of two differences needs 33, and Arrow and Spark read 32.
        """
        spans = [
            f"try_cast(stats_max_value as {kind}) - try_cast(stats_min_value as {kind})"
            for kind in ("hugeint", "date")
        ]
        rows = self._session.execute(
            "select 1 from parquet_metadata(?) where type = 'INT32' "
            "and encodings like '%DELTA_BINARY_PACKED%' "
            f"and coalesce({', '.join(spans)}) >= {_WIDEST_SPAN}",
            [one_file(str(file))],
        ).fetchall()
        return bool(rows)

    def _endless(self, file: Path, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Columns with an infinite date or timestamp, by what Parquet's footer says."""
        rows = self._session.execute(
            "select distinct path_in_schema from parquet_metadata(?) where type like 'INT%' and "
            "(stats_min_value like '%infinity' or stats_max_value like '%infinity')",
            [one_file(str(file))],
        ).fetchall()
        paths = [path for (path,) in rows]
        return tuple(c for c in columns if any(p == c or p.startswith(f"{c}, ") for p in paths))
