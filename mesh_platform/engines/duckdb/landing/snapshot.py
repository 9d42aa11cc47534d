"""Copies a source into a Parquet file of the product's own, once for each version of the source.

Every column of a CSV or JSON source stays text. The product's SQL interprets the values.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mesh_platform.checks.sql import literal, quoted
from mesh_platform.engines.duckdb.landing.contents import (
    UTF_8,
    compression_of,
    decode,
    not_of_the_encoding,
    unpack,
)
from mesh_platform.engines.duckdb.landing.csv_rows import Row, csv_columns, csv_rows
from mesh_platform.engines.duckdb.landing.csv_shape import Shape, shape_of, with_one_line_end
from mesh_platform.engines.duckdb.landing.faults import SourceError
from mesh_platform.engines.duckdb.landing.files import identity
from mesh_platform.engines.duckdb.landing.json_rows import json_columns, json_rows
from mesh_platform.engines.duckdb.session import QueryError, open_session
from mesh_platform.engines.duckdb.views import one_file
from mesh_platform.model.dialect import Dialect
from mesh_platform.model.landing import Landing
from mesh_platform.whole_files import appears

PARQUET = b"PAR1"
"""Bytes with which a Parquet file begins and ends."""
READER = "1"
"""Version of this reading; change it when the same file would be read differently."""
_BATCH = 10_000
_COMMA = r"^([+-]?[0-9]*),([0-9]+([eE][+-]?[0-9]+)?)$"


def snapshot(landing: Landing, path: Path, cache: Path) -> Path:
    """Return the file that a build reads in place of the source; write it if it is missing.

    Args:
        landing: the input port.
        path: the file behind it.
        cache: folder of the product's own.

    Raises:
        SourceError: the source is not as the input port says.
        OSError: the cache cannot be written.
    """
    stand = _stand(path)
    said = "|".join((READER, str(path), stand, landing.model_dump_json(exclude={"place"})))
    target = cache / f"{_stem(landing)}-{hashlib.sha256(said.encode()).hexdigest()[:20]}.parquet"
    if _is_complete(target):
        return target
    cache.mkdir(parents=True, exist_ok=True)
    forget(landing, cache)
    with TemporaryDirectory(dir=cache) as folder, appears(target) as private:
        own = Path(folder)
        _read(landing, _plain(landing, path, own), own, private)
        if _stand(path) != stand:
            raise SourceError("the file changed while it was read", fix="build again")
    return target


def _stand(path: Path) -> str:
    """Return what changes with any write, also one that sets the old time again as `cp -p` does."""
    return f"{identity(path)}:{path.stat().st_ctime_ns}"


def forget(landing: Landing, cache: Path) -> None:
    """Delete the copies of a source, so that the next build reads the source again."""
    for old in cache.glob(f"{_stem(landing)}-*.parquet"):
        old.unlink(missing_ok=True)


def _stem(landing: Landing) -> str:
    return hashlib.sha256(landing.name.encode()).hexdigest()[:12]


def _is_complete(path: Path) -> bool:
    """Tell whether a file has the first and the last bytes of a Parquet file."""
    try:
        with path.open("rb") as file:
            begin = file.read(len(PARQUET))
            file.seek(-len(PARQUET), os.SEEK_END)
            return begin == file.read() == PARQUET
    except OSError:
        return False


def _plain(landing: Landing, path: Path, folder: Path) -> Path:
    """Return the source if it is plain UTF-8, else an unpacked and decoded copy."""
    compression, encoding = compression_of(landing.dialect, path), landing.dialect.encoding
    if compression != "none":
        unpack(path, compression, folder / "unpacked")
        path = folder / "unpacked"
    if landing.format != "parquet" and encoding != UTF_8:
        decode(path, encoding, folder / "decoded")
        path = folder / "decoded"
    return path


def _read(landing: Landing, path: Path, folder: Path, target: Path) -> None:
    try:
        match landing.format:
            case "csv":
                _read_csv(path, landing.dialect, folder, target)
            case "json":
                columns = json_columns(path)
                _write(columns, json_rows(path, columns), target)
            case _:
                path.replace(target)
    except UnicodeError as error:
        raise not_of_the_encoding(path, UTF_8) from error


def _read_csv(path: Path, dialect: Dialect, folder: Path, target: Path) -> None:
    columns = csv_columns(path, dialect)
    shape = shape_of(path, dialect, len(columns))
    if shape and shape.line_end is None:
        with_one_line_end(path, dialect.quote, folder / "lines")
        path, shape = folder / "lines", replace(shape, line_end="\n")
    if shape is None or not _copied(path, dialect, columns, shape, target):
        _write(columns, csv_rows(path, dialect, columns), target, _select(columns, dialect))


def _copied(
    path: Path, dialect: Dialect, columns: tuple[str, ...], shape: Shape, target: Path
) -> bool:
    """Let DuckDB copy a CSV file of a known shape; return False if it does not find all rows."""
    options = {
        "delim": dialect.delimiter,
        "quote": dialect.quote or "",
        "escape": dialect.quote or "",
        "header": dialect.header is True,
        "new_line": "\\r\\n" if shape.line_end == "\r\n" else "\\n",
        "parallel": shape.whole_lines,
        "auto_detect": False,
        "strict_mode": True,
        "allow_quoted_nulls": False,
        "compression": "none",
    }
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    words = ", ".join(f"{name} = {literal(value)}" for name, value in options.items())
    nulls = ", ".join(map(literal, dialect.null))
    file = literal(one_file(str(path)))
    source = f"read_csv({file}, columns = {{{types}}}, nullstr = [{nulls}], {words})"
    with open_session() as session:
        try:
            found = session.execute(_copy(_select(columns, dialect), source, target)).fetchone()
        except QueryError:
            return False
    return found is not None and found[0] == shape.rows - (dialect.header is True)


def _write(columns: tuple[str, ...], rows: Iterator[Row], target: Path, select: str = "*") -> None:
    """Write rows as a Parquet file of texts.

    Raises:
        SourceError: the rows raise it, or the file cannot be written.
    """
    from arro3.core import RecordBatchReader

    batches = _Batches(columns, rows)
    reader = RecordBatchReader.from_batches(batches.schema, batches)
    with open_session() as session:
        session.register("source", reader)
        try:
            session.execute(_copy(select, "source", target))
        except QueryError as error:
            if batches.error is None:
                what = f"what it holds cannot be written ({type(error).__name__})"
                raise SourceError(what, fix="look at the room left on the disk") from error
    if batches.error is not None:
        raise batches.error


class _Batches:
    """Yield rows in batches of columns; keep the error that the rows raise, which Arrow loses."""

    def __init__(self, columns: tuple[str, ...], rows: Iterator[Row]) -> None:
        from arro3.core import DataType, Field, Schema

        self.error: BaseException | None = None
        self._text, self._rows = DataType.string(), rows
        self.schema = Schema([Field(name, self._text, nullable=True) for name in columns])

    def __iter__(self) -> Iterator[Any]:
        from arro3.core import Array, RecordBatch

        try:
            while rows := list(itertools.islice(self._rows, _BATCH)):
                columns = [Array(list(column), self._text) for column in zip(*rows, strict=True)]
                yield RecordBatch.from_arrays(columns, schema=self.schema)
        except BaseException as error:
            self.error = error
            raise


def _select(columns: tuple[str, ...], dialect: Dialect) -> str:
    """Return the columns to select, with the decimal comma of numbers turned into a point."""
    if dialect.decimal == ".":
        return "*"
    changed = (
        f"regexp_replace({quoted(name)}, {literal(_COMMA)}, '\\1.\\2') as {quoted(name)}"
        for name in columns
    )
    return ", ".join(changed)


def _copy(select: str, source: str, target: Path) -> str:
    return f"copy (select {select} from {source}) to {literal(target)} (format parquet)"
