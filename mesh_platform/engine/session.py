"""Opens DuckDB the way the mesh wants it: no extension downloads, UTC, a clear word on locks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any

import duckdb

from mesh_platform.engine.limits import memory_limit
from mesh_platform.engine.views import View, parquet_query
from mesh_platform.errors import MeshError

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
Connection = duckdb.DuckDBPyConnection
QueryError = duckdb.Error


def open_session(path: Path | None = None) -> Connection:
    """Open a database file for this process alone, or a session in memory.

    Raises:
        MeshError: another program has the file open, or it is not a DuckDB file.
    """
    try:
        config = {**_CONFIG, "memory_limit": memory_limit()}
        session = duckdb.connect(str(path) if path else ":memory:", config=config)
    except duckdb.Error as error:
        raise _open_error(path, str(error)) from error
    session.execute("set TimeZone = 'UTC'")
    return session


def _open_error(path: Path | None, said: str) -> MeshError:
    if "lock" in said:
        holder = re.search(r"PID (\d+)", said)
        who = f" (process {holder.group(1)})" if holder else ""
        return MeshError(
            f"the warehouse file {path} is open in another program{who}",
            fix="close that program, such as a DuckDB shell or an IDE, and build again",
        )
    return MeshError(
        f"the warehouse file {path} cannot be opened: {said.splitlines()[0]}",
        fix="it only holds what a build makes again: move it away and build with `--full`",
    )


def create_views(session: Connection, views: Iterable[View], database: str = "memory") -> None:
    """Create views, and their schemas, in an attached database."""
    for view in views:
        session.execute(f'create schema if not exists {database}."{view.schema}"')
        session.execute(
            f'create or replace view {database}."{view.schema}"."{view.name}" as {view.query}'
        )


def seal(session: Connection, files: Iterable[str]) -> None:
    """Let the session read these files and nothing else, for good."""
    allowed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    session.execute(f"set allowed_paths = [{allowed}]")
    session.execute("set enable_external_access = false")
    session.execute("set lock_configuration = true")


@contextmanager
def within(session: Connection, seconds: float) -> Iterator[None]:
    """Interrupt what the session runs inside the block when the time is over.

    Raises:
        ValueError: it took longer.
    """
    over = Event()

    def stop() -> None:
        over.set()
        session.interrupt()

    watchdog = Timer(seconds, stop)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except duckdb.Error as error:
        if not over.is_set():
            raise
        said = f"it took longer than {seconds:g} s; ask for less in one rule, or split it"
        raise ValueError(said) from error
    finally:
        watchdog.cancel()
        watchdog.join()


def arrow_schema(file: str, session: Connection | None = None) -> Any:
    """Columns of a Parquet file as an Arrow schema, read in a session that is open or a new one."""
    import arro3.core

    used = session or open_session()
    try:
        empty = used.sql(f"{parquet_query([file])} limit 0")
        return arro3.core.Table.from_arrow(empty).schema
    finally:
        if session is None:
            used.close()
