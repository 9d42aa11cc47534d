"""Opens DuckDB sessions: without extension downloads, in UTC, with clear errors on locks."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import duckdb

from mesh_platform.checks.sql import literal, quoted
from mesh_platform.engines.duckdb.limits import memory_limit
from mesh_platform.engines.duckdb.views import View, one_file, parquet_query
from mesh_platform.errors import MeshError

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
Connection = duckdb.DuckDBPyConnection
QueryError = duckdb.Error
INTERRUPTED = "INTERRUPT Error"
"""Words in DuckDB's message on a query that was interrupted."""
_STOPPED = "Query interrupted"
"""DuckDB's message if somebody stopped the process during a query: DuckDB catches the signal."""
_INTERRUPT_SECONDS = 0.1


def open_session(path: Path | None = None, threads: int | None = None) -> Connection:
    """Open a database file for this process alone, or a session in memory.

    Args:
        path: the file; None for a session in memory.
        threads: how many may run a query, by default one for each processor. One is enough where
            nothing large is read: starting more is a quarter of the time to open a session.

    Raises:
        MeshError: another program has the file open, or it is not a DuckDB file.
    """
    try:
        config = {**_CONFIG, "memory_limit": memory_limit()}
        config |= {"threads": threads} if threads else {}
        session = duckdb.connect(str(path) if path else ":memory:", config=config)
    except duckdb.Error as error:
        raise _open_error(path, str(error)) from error
    session.execute("set global TimeZone = 'UTC'")
    return session


def _open_error(path: Path | None, said: str) -> MeshError:
    holder = re.search(r"PID (\d+)", said)
    own = {os.getpid(), *(child.pid for child in multiprocessing.active_children())}
    if "same database file" in said or (holder and int(holder[1]) in own):
        return MeshError(
            f"the warehouse file {path} is still open in a process of this command",
            fix="end this command and start it again: what it holds ends with it",
        )
    if "lock" in said:
        who = f" (process {holder[1]})" if holder else ""
        return MeshError(
            f"the warehouse file {path} is open in another program{who}",
            fix="close that program, such as a DuckDB shell or an IDE, and build again",
        )
    return MeshError(
        f"the warehouse file {path} cannot be opened: {said.splitlines()[0]}",
        fix="it holds only what a build makes again: move it away and build",
    )


def create_views(session: Connection, views: Iterable[View], database: str = "memory") -> None:
    """Create views, and their schemas, in an attached database."""
    for view in views:
        session.execute(f"create schema if not exists {database}.{quoted(view.schema)}")
        session.execute(
            f"create or replace view {database}.{quoted(view.schema)}.{quoted(view.name)}"
            f" as {view.query}"
        )


def mount(session: Connection, views: Iterable[View]) -> None:
    """Create views on the inputs of a build in the session's database `mesh`, in memory."""
    session.execute("attach if not exists ':memory:' as mesh")
    create_views(session, views, "mesh")


def read_whole(session: Connection, view: View) -> None:
    """Read every value behind a view, to find out whether it can be read, and discard it.

    Raises:
        QueryError: some of it cannot be read.
    """
    session.execute(f"select bit_xor(hash(every)) from ({view.query}) as every").fetchall()


def seal(session: Connection, files: Iterable[str]) -> None:
    """Restrict the session to these files, without a way back."""
    names = {name: None for file in files for name in (file, one_file(file))}
    allowed = ", ".join(map(literal, names))
    session.execute(f"set allowed_paths = [{allowed}]")
    session.execute("set enable_external_access = false")
    session.execute("set lock_configuration = true")


def first_statement(text: str) -> str:
    """Return a text up to the semicolon that ends its first statement, if there is one."""
    written = text.encode("utf-8")
    ends = (at for at, kind in duckdb.tokenize(text) if kind == duckdb.token_type.operator)
    end = next((at for at in ends if written[at : at + 1] == b";"), len(written))
    return written[:end].decode("utf-8")


def was_stopped(error: Exception) -> bool:
    """Tell whether an error means that a person stopped the process during a query."""
    return isinstance(error, RuntimeError) and str(error) == _STOPPED


class TookTooLongError(ValueError):
    """Raised if a query was interrupted because its time was over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"it took longer than {seconds:g} s; ask for less in one rule, or split it"
        )


@contextmanager
def within(session: Connection, seconds: float) -> Iterator[None]:
    """Interrupt what the session runs inside the block when the time is over.

    Interrupt repeatedly, because Great Expectations runs an interrupted query again.

    Raises:
        TookTooLongError: it took longer.
    """
    over, ended = Event(), Event()

    def stop() -> None:
        pause = seconds
        while not ended.wait(pause):
            over.set()
            session.interrupt()
            pause = _INTERRUPT_SECONDS

    watchdog = Thread(target=stop, daemon=True)
    watchdog.start()
    try:
        yield
    except duckdb.Error as error:
        if not over.is_set():
            raise
        raise TookTooLongError(seconds) from error
    finally:
        ended.set()
        watchdog.join()


def arrow_schema(file: str, session: Connection | None = None) -> Any:
    """Return a Parquet file's columns as an Arrow schema, read in the given or a new session."""
    import arro3.core

    used = session or open_session(threads=1)
    try:
        empty = used.sql(f"{parquet_query([file])} limit 0")
        return arro3.core.Table.from_arrow(empty).schema
    finally:
        if session is None:
            used.close()
