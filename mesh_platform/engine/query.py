"""Answers a consumer's question about one release of a port, over its Parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mesh_platform.engine.session import (
    Connection,
    QueryError,
    create_views,
    open_session,
    seal,
)
from mesh_platform.engine.views import View, parquet_query
from mesh_platform.errors import MeshError
from mesh_platform.quality.sql import quoted


@dataclass(frozen=True, slots=True)
class Question:
    """What to read: columns (none = all), a condition, a limit, or a whole query over `port`."""

    columns: tuple[str, ...] = ()
    where: str | None = None
    limit: int | None = None
    sql: str | None = None
    for_spreadsheets: bool = False
    """Whether a text that a spreadsheet would take for a formula gets an apostrophe in front."""

    @property
    def text(self) -> str:
        """The SELECT that is asked for; the port is the table `port`."""
        if self.sql:
            return self.sql
        names = ", ".join(map(quoted, self.columns)) or "*"
        where = f" where {self.where}" if self.where else ""
        limit = f" limit {self.limit:d}" if self.limit is not None else ""
        return f"select {names} from port{where}{limit}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows in memory, with their column names."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def ask(files: tuple[str, ...], columns: tuple[str, ...], question: Question) -> Answer:
    """Run a question and fetch its rows.

    Raises:
        MeshError: the SQL is wrong or reaches for something else than the port.
    """
    session = _session(files, columns)
    try:
        cursor = session.execute(_text(session, question))
        names = tuple(column[0] for column in cursor.description or [])
        return Answer(names, cursor.fetchall())
    except QueryError as error:
        raise _wrong(error) from error
    finally:
        session.close()


def export(
    files: tuple[str, ...], columns: tuple[str, ...], question: Question, target: Path, kind: str
) -> int:
    """Write the answer to a file without holding it in memory.

    Args:
        files: Parquet files of the release.
        columns: promised columns, in order.
        question: what to read.
        target: file to write; replaced only when the whole answer is written.
        kind: `csv`, `json` or `parquet`.

    Returns:
        Number of rows written.

    Raises:
        MeshError: the SQL is wrong or the file cannot be written.
    """
    partial = target.with_name(target.name + ".part")
    session = _session(files, columns, sealed_for=str(partial.resolve()))
    try:
        place = str(partial.resolve()).replace("'", "''")
        header = ", header" if kind == "csv" else ""
        row = session.execute(
            f"copy ({_text(session, question)}) to '{place}' (format {kind}{header})"
        ).fetchone()
        partial.replace(target)
        return int(row[0]) if row else 0
    except (QueryError, OSError) as error:
        raise _wrong(error) from error
    finally:
        session.close()
        partial.unlink(missing_ok=True)


def arrow_stream(files: tuple[str, ...], columns: tuple[str, ...], question: Question) -> Any:
    """A `pyarrow.RecordBatchReader` over the answer.

    Raises:
        MeshError: pyarrow is not installed, or the SQL is wrong.
    """
    try:
        return _session(files, columns).sql(question.text).to_arrow_reader()
    except ImportError as error:
        raise MeshError(
            "the Arrow format needs pyarrow", fix="pip install 'mesh-platform[arrow]'"
        ) from error
    except QueryError as error:
        raise _wrong(error) from error


_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""Characters with which spreadsheets begin a formula, full-width forms included."""


def _text(session: Connection, question: Question) -> str:
    """The SELECT to run; for spreadsheets, names and texts that begin a formula are guarded."""
    if not question.for_spreadsheets:
        return question.text
    described = session.execute(f"describe {question.text}").fetchall()
    columns = ", ".join(_guarded(name, kind) for name, kind, *_ in described)
    return f"select {columns} from ({question.text}) as answer"


def _guarded(name: str, kind: str) -> str:
    shown = quoted(f"'{name}" if name[:1] in _FORMULA else name)
    if not kind.startswith(("VARCHAR", "ENUM", "JSON", "BLOB")):
        return f"{quoted(name)} as {shown}"
    text = f"cast({quoted(name)} as varchar)"
    begins = f"{text} <> '' and contains('{_FORMULA}', left({text}, 1))"
    return f"case when {begins} then '''' || {text} else {text} end as {shown}"


def _session(
    files: tuple[str, ...], columns: tuple[str, ...], sealed_for: str | None = None
) -> Connection:
    session = open_session()
    seal(session, (*files, sealed_for) if sealed_for else files)
    create_views(session, [View("main", "port", parquet_query(files, columns))])
    return session


def _wrong(error: Exception) -> MeshError:
    return MeshError(
        f"the query does not run: {str(error).splitlines()[0]}",
        fix="the port is the table `port`; `mesh show PRODUCT` lists its columns",
    )
