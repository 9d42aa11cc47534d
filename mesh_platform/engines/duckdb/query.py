"""Answers a consumer's question about one release of a port, over its Parquet files."""

from __future__ import annotations

import pickle
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mesh_platform.checks.sql import literal, quoted
from mesh_platform.engines.duckdb import limits
from mesh_platform.engines.duckdb.json_values import json_column
from mesh_platform.engines.duckdb.limits import MEMORY_VARIABLE, end_after, limit_memory
from mesh_platform.engines.duckdb.session import (
    Connection,
    QueryError,
    TookTooLongError,
    create_views,
    first_statement,
    open_session,
    seal,
    within,
)
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.errors import MeshError, did_you_mean, listed
from mesh_platform.files import resolved
from mesh_platform.helper import Answer as Send
from mesh_platform.helper import HelperGoneError, HelperLateError, working
from mesh_platform.model.type_text import DataType, read_type

QUERY_SECONDS = 300.0
"""Default limit on the time of a query, in seconds."""
_NO_COLUMN = re.compile(
    r'Binder Error: (?:Referenced column|[\w ]+ "[^"]*" does not have a column named) "([^"]+)"'
)
_MOST_ROWS = 2**63 - 1
_OPTIONS = {"csv": ", header", "json": ", array true"}
"""Options of DuckDB's COPY for each format; JSON is written as one list."""


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what to read: columns (none = all), a condition, a limit, or a query over `port`."""

    columns: tuple[str, ...] = ()
    where: str | None = None
    limit: int | None = None
    sql: str | None = None
    for_spreadsheets: bool = False
    """Whether a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    seconds: float = QUERY_SECONDS
    as_objects: bool = False
    """Whether each row becomes an object, so that column names must be unique."""

    @property
    def text(self) -> str:
        """Return the query to run, in which the port is the table `port`."""
        if self.sql is not None:
            return self.sql
        names = ", ".join(map(quoted, self.columns)) or "*"
        where = f" where ({self.where}\n)" if self.where else ""  # a comment ends with its line
        return f"select {names} from port{where}{self.limit_clause}"

    @property
    def limit_clause(self) -> str:
        """Return the LIMIT clause; its number is at most the rows that DuckDB can count."""
        return f" limit {min(self.limit, _MOST_ROWS):d}" if self.limit is not None else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold rows in memory, with their column names."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


_START = 60.0
"""Seconds that the process of a query may take to start."""
_AT_ONCE = 5_000
"""Rows that the reading process sends in one message."""


def ask(files: tuple[str, ...], columns: tuple[str, ...], question: Question) -> Answer:
    """Run a question and fetch its rows.

    Raises:
        MeshError: the SQL is wrong, reaches for something else than the port, or takes too long.
    """
    names, *parts = _told(_rows, _Task(files, columns, question))
    return Answer(names, [row for part in parts for row in part])


def export(
    files: tuple[str, ...], columns: tuple[str, ...], question: Question, target: Path, kind: str
) -> int:
    """Write the answer to a file without holding it in memory.

    Args:
        files: Parquet files of the release.
        columns: promised columns, in order.
        question: what to read.
        target: new file to write; after an error it may hold a part of the answer.
        kind: `csv`, `json` or `parquet`.

    Returns:
        Number of rows written.

    Raises:
        MeshError: the SQL is wrong, takes too long, or the file cannot be written.
    """
    task = _Task(files, columns, question, str(resolved(target)))
    (rows,) = _told(partial(_copy, kind=kind), task)
    return int(rows)


def arrow_stream(files: tuple[str, ...], columns: tuple[str, ...], question: Question) -> Any:
    """Return a `pyarrow.RecordBatchReader` over the answer.

    Raises:
        MeshError: pyarrow is not installed, the SQL is wrong, or it takes too long.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MeshError(
            "the Arrow format needs pyarrow", fix="pip install 'mesh-platform[arrow]'"
        ) from error
    told = _told(_batches, _Task(files, columns, question))
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(next(told)))
    batches = (pyarrow.ipc.read_record_batch(pyarrow.py_buffer(each), schema) for each in told)
    return pyarrow.RecordBatchReader.from_batches(schema, batches)


@dataclass(frozen=True, slots=True)
class _Task:
    """Hold what a process reads, and the only file that it may write."""

    files: tuple[str, ...]
    columns: tuple[str, ...]
    question: Question
    target: str | None = None


def _told(read: Callable[..., None], task: _Task) -> Iterator[Any]:
    """Yield what a reading process sends; kill it if an interrupt does not stop it in time."""
    until = time.monotonic() + task.question.seconds + limits.GRACE + _START
    try:
        with working(partial(_call, read, task)) as worker:
            while True:
                left = max(until - time.monotonic(), 0)
                word, value = pickle.loads(worker.answer(left))  # noqa: S301 - runs our code alone
                if word == "begun":
                    until = time.monotonic() + task.question.seconds + limits.GRACE
                elif word == "part":
                    yield value
                else:
                    break
    except HelperLateError:
        word, value = "late", None
    except HelperGoneError:
        word, value = "gone", None
    if word != "end":
        raise _failed(word, value, task)


def _call(read: Callable[..., None], task: _Task, send: Send) -> None:
    read(task, send=send)


def _failed(word: str, value: Any, task: _Task) -> MeshError:
    match word:
        case "late":
            return MeshError(
                f"the query took longer than {task.question.seconds:g} s",
                fix="ask for less, or give it more time with `--seconds`",
            )
        case "gone":
            return MeshError(
                "the query has ended the process that ran it",
                fix=f"it may need more memory than one process may take: ask for less, or set "
                f"{MEMORY_VARIABLE}",
            )
        case _:
            return _wrong(str(value), task.columns)


@contextmanager
def _reading(task: _Task, send: Send) -> Iterator[tuple[Connection, Callable[[Any], None]]]:
    """Yield a session in the reading process, and a function that sends a part of the answer."""

    def tell(word: str, value: Any = None) -> None:
        send(pickle.dumps((word, value)))

    limit_memory()
    try:
        with closing(_session(task)) as session:
            tell("begun")
            end_after(task.question.seconds + limits.ALONE)
            with within(session, task.question.seconds):
                yield session, partial(tell, "part")
        tell("end")
    except TookTooLongError:
        tell("late")
    except (QueryError, OSError) as error:
        tell("wrong", str(error))
    finally:
        end_after(None)


def _rows(task: _Task, send: Send) -> None:
    with _reading(task, send) as (session, part):
        cursor = session.execute(_text(session, task.question))
        part(tuple(column[0] for column in cursor.description or []))
        while rows := cursor.fetchmany(_AT_ONCE):
            part(rows)


def _copy(task: _Task, kind: str, send: Send) -> None:
    with _reading(task, send) as (session, part):
        options = _OPTIONS.get(kind, "")
        asked = _text(session, task.question)
        asked = _held_exactly(session, asked) if kind == "parquet" else asked
        text, place = _counted(session, asked), literal(str(task.target))
        row = session.execute(f"copy ({text}\n) to {place} (format {kind}{options})").fetchone()
        part(int(row[0]) if row else 0)


def _batches(task: _Task, send: Send) -> None:
    with _reading(task, send) as (session, part):
        reader = session.sql(_text(session, task.question)).to_arrow_reader()
        part(reader.schema.serialize().to_pybytes())
        for batch in reader:
            part(batch.serialize().to_pybytes())


_PIVOT = "MULTI"
"""DuckDB's name for a query with a PIVOT, which it runs as several statements."""
_EXACT = {
    **dict.fromkeys(("HUGEINT", "UHUGEINT"), DataType("DECIMAL", ("38", "0"))),
    **dict.fromkeys(("INTERVAL", "TIME WITH TIME ZONE"), DataType("VARCHAR")),
}
"""Types that DuckDB writes to Parquet as others, which hold fewer values, and what holds all."""
_QUERIES = ("SELECT", _PIVOT)
_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""Characters with which spreadsheets begin a formula, full-width forms included."""


def _text(session: Connection, question: Question) -> str:
    """Return the SELECT to run; for spreadsheets, guard names and texts that begin a formula."""
    text = _single(session, question.text)
    if question.sql is not None and question.limit is not None:
        text = f"select * from ({text}\n) as answer{question.limit_clause}"
    if not (question.for_spreadsheets or question.as_objects):
        return text
    described = session.execute(f"describe {text}").fetchall()
    if question.as_objects:
        _refuse_twins(name for name, *_ in described)
    write = json_column if question.as_objects else _guarded
    columns = ", ".join(write(name, kind) for name, kind, *_ in described)
    return f"select {columns} from ({text}\n) as answer"


def _held_exactly(session: Connection, text: str) -> str:
    """Cast what a Parquet file would round: integers of 128 bits, intervals, zoned times."""
    casts = []
    for name, kind, *_ in session.execute(f"describe {text}").fetchall():
        asked = read_type(kind)
        if (held := _exact(asked)) != asked:
            casts.append(f"cast({quoted(name)} as {held}) as {quoted(name)}")
    return f"select * replace ({', '.join(casts)}) from ({text}\n) as answer" if casts else text


def _exact(kind: DataType) -> DataType:
    parts = tuple((name, _exact(part)) for name, part in kind.parts)
    return _EXACT.get(kind.name) or replace(kind, parts=parts)


def _single(session: Connection, text: str) -> str:
    """Return the one query of a text without its final semicolon, so that it can be nested.

    Raises:
        QueryError: the text holds no statement, several, or one that is not a query.
    """
    statements = session.extract_statements(text)
    if len(statements) != 1:
        raise QueryError("it must be exactly one statement")
    if statements[0].type.name not in _QUERIES:
        raise QueryError("it must be a query: SELECT, FROM, VALUES, PIVOT, DESCRIBE or SUMMARIZE")
    return first_statement(statements[0].query)


def _counted(session: Connection, text: str) -> str:
    """Return a query that COPY can count: the rows of a PIVOT go into a temporary table first."""
    if session.extract_statements(text)[0].type.name != _PIVOT:
        return text
    session.execute(f"create temp table answer as ({text}\n)")
    return "from answer"


def _refuse_twins(columns: Iterable[str]) -> None:
    """Refuse two columns of the same name: an object would hold only the last.

    Raises:
        QueryError: there are two.
    """
    twin = next((name for name, times in Counter(columns).items() if times > 1), None)
    if twin is not None:
        raise QueryError(
            f"two columns of the answer are called `{twin}`, of which JSON would hold one:"
            " give one of them another name, `… as other`"
        )


def _guarded(name: str, kind: str) -> str:
    shown = quoted(f"'{name}" if name[:1] in _FORMULA else name)
    if not kind.startswith(("VARCHAR", "ENUM", "JSON", "BLOB")):
        return f"{quoted(name)} as {shown}"
    text = f"cast({quoted(name)} as varchar)"
    begins = f"{text} <> '' and contains('{_FORMULA}', left({text}, 1))"
    return f"case when {begins} then '''' || {text} else {text} end as {shown}"


def _session(task: _Task) -> Connection:
    session = open_session()
    seal(session, (*task.files, task.target) if task.target else task.files)
    create_views(session, [View("main", "port", parquet_query(task.files, task.columns))])
    return session


def _wrong(said: str, columns: tuple[str, ...]) -> MeshError:
    if said.startswith("Out of Memory"):
        return MeshError(
            "the query needs more memory than it may take",
            fix=f"ask for less, or set {MEMORY_VARIABLE}, as in `{MEMORY_VARIABLE}=4GB`",
        )
    if (found := _NO_COLUMN.match(said)) and found[1] not in columns:
        return MeshError(
            f"the query does not run: no column is called `{found[1]}`",
            fix=f"{did_you_mean(found[1], columns)}; a text stands in single quotes",
        )
    return MeshError(
        f"the query does not run: {said.splitlines()[0]}",
        fix=f"the port is the table `port`, with the columns {listed(columns)}",
    )
