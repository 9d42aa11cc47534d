"""Describes the views through which dbt reads sources."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mesh_platform.engines.duckdb.landing.contents import compression_of
from mesh_platform.engines.duckdb.landing.csv_rows import refuse_names
from mesh_platform.engines.duckdb.landing.faults import AGAIN, Quotable, SourceError, told
from mesh_platform.engines.duckdb.landing.snapshot import PARQUET, snapshot
from mesh_platform.engines.duckdb.session import QueryError, open_session
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract
from mesh_platform.model.landing import Landing
from mesh_platform.model.naming import LANDING

_SCHEMA = "select name, num_children, precision from parquet_schema(?)"
_MOST_DIGITS = 38


def landing_view(
    landing: Landing, path: Path, cache: Path, promised: Iterable[Contract] = ()
) -> View:
    """Read a source, and describe the view through which dbt reads it.

    Args:
        landing: the input port.
        path: the file behind it.
        cache: the product's own folder for copies of sources.
        promised: contracts of the product; errors quote no value of a name that they classify.

    Raises:
        MeshError: the source is not as the input port says.
    """
    try:
        if landing.format != "parquet":
            return _view(landing, snapshot(landing, path, cache))
        if compression_of(landing.dialect, path) != "none":
            path = snapshot(landing, path, cache)
        _refuse_damage(path)
        return _view(landing, path)
    except SourceError as error:
        raise told(landing, error, Quotable(promised)) from error
    except OSError as error:
        raise MeshError(
            f"input port `{landing.name}`: `{landing.file}` cannot be read: {error.strerror}",
            place=landing.place,
            fix=f"look at the rights of the file and of {cache}, and at the room left on the disk",
        ) from error


def _view(landing: Landing, path: Path) -> View:
    return View(LANDING, landing.name, parquet_query([str(path)]))


def _refuse_damage(path: Path) -> None:
    """Refuse a file that is empty, is not Parquet, or is cut off or damaged."""
    with path.open("rb") as file:
        begin = file.read(len(PARQUET))
    if not begin:
        raise SourceError("the file is empty")
    if begin != PARQUET:
        fix = "correct the property `format`, or deliver Parquet"
        raise SourceError("it is not a Parquet file", fix=fix)
    with open_session(threads=1) as session:
        try:
            session.execute(f"{parquet_query([str(path)])} limit 0")
            schema = session.execute(_SCHEMA, [str(path)]).fetchall()
        except QueryError as error:
            raise SourceError("the Parquet file is cut off, or damaged", fix=AGAIN) from error
    _refuse_schema(schema)


def _refuse_schema(schema: list[tuple[str, int | None, int | None]]) -> None:
    """Refuse what DuckDB would read otherwise than the file says it, without a word.

    Args:
        schema: all columns and fields, each before those inside it: its name, how many it holds,
            and how many digits it has.
    """
    refuse_names(
        _top_names(schema), None, "deliver the file with a name of its own for each column"
    )
    for name, _, digits in schema:
        if (digits or 0) > _MOST_DIGITS:
            raise SourceError(
                f"the column `{name}` has {digits} digits: DuckDB would read the nearest DOUBLE",
                columns=[name],
                fix=f"deliver it as DECIMAL with at most {_MOST_DIGITS} digits, or as text",
            )


def _top_names(schema: list[tuple[str, int | None, int | None]]) -> list[str]:
    """Return the names of the columns, without the fields inside them."""
    names, open_ones = list[str](), list[int]()
    for name, children, _ in schema:
        if len(open_ones) == 1:
            names.append(name)
        if open_ones:
            open_ones[-1] -= 1
        open_ones.append(children or 0)
        while open_ones and not open_ones[-1]:
            open_ones.pop()
    return names
