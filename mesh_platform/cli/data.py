"""Provides `mesh read`, for the data of a port, and `mesh rollback`, to an earlier release."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mesh_platform.cli.arguments import FileOption, PortArgument, ProductArgument, ReleaseOption
from mesh_platform.cli.look import tell_place
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, cell, destination, emit, put, table, tell
from mesh_platform.environments.reading import reading
from mesh_platform.environments.workspace import port_of
from mesh_platform.errors import MeshError, UnknownNameError, several
from mesh_platform.model.mesh import Domain, Mesh, Port
from mesh_platform.model.naming import major
from mesh_platform.release.released import find_released
from mesh_platform.state.records import Attempt
from mesh_platform.visible import visible_json
from mesh_platform.whole_files import streamed

_SHOWN_ROWS = 50
Source = tuple[tuple[str, ...], tuple[str, ...]]
"""Files of a port, and its promised columns."""


class Format(StrEnum):
    """Name the formats in which `mesh read` gives the data of a port."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    ARROW = "arrow"
    PARQUET = "parquet"


def read(  # noqa: PLR0913, PLR0917 - the options people know from the docs
    context: typer.Context,
    port: PortArgument,
    columns: Annotated[str | None, typer.Option(help="Columns, separated by commas.")] = None,
    where: Annotated[str | None, typer.Option(help="Condition in SQL.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many rows.")] = None,
    sql: Annotated[str | None, typer.Option(help="Query; the port is the table `port`.")] = None,
    release: ReleaseOption = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Form of the answer; else the ending of FILE says it."),
    ] = None,
    file: FileOption = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="How long the query may take, in seconds.")
    ] = 300.0,
    checked: Annotated[
        bool, typer.Option("--verify", help="First compare the digest of every file.")
    ] = False,
    guarded: Annotated[
        bool,
        typer.Option("--safe-for-spreadsheets", help="No text of a CSV begins a formula."),
    ] = False,
) -> None:
    """Read a port's current or an earlier release.

    PORT is `domain/product` where the product has one port, else `domain/product/port`.

    A query that takes longer than `--seconds`, or more memory than MESH_MEMORY allows, is stopped.

    Example: mesh read flights/departures --sql "select carrier, count(*) from port group by all"
    """
    from mesh_platform.engines.duckdb.query import Question

    said = settings(context)
    workspace = said.begun()
    found, chosen = find_released(workspace, port, release)
    tell_place(workspace, chosen)
    _tell_errors(workspace.mesh.domain(found.name.product.domain), chosen)
    _tell_majors(workspace.mesh, port, found)
    if sql is not None and (columns or where):
        raise MeshError("`--sql` is a whole query", fix="leave out `--columns` and `--where`")
    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    _refuse_unknown(names, port_of(chosen, found.name.name).columns)
    form, shown = _chosen(form, file, as_json=said.json), limit
    if form is Format.TABLE and sql is None and limit is None and file is None:
        shown = _SHOWN_ROWS
    question = Question(names, where, shown, sql, guarded, seconds, form is Format.JSON)
    name = found.name.name
    files = workspace.files(chosen, name, deep=checked)
    with reading(workspace, (chosen, name)):
        _deliver((files, port_of(chosen, name).columns), question, form, file)


def _refuse_unknown(names: tuple[str, ...], columns: Sequence[str]) -> None:
    """Refuse a column that the port does not have, before anything runs.

    Raises:
        MeshError: there is one.
    """
    known = {column.lower() for column in columns}
    unknown = next((name for name in names if name.lower() not in known), None)
    if unknown is not None:
        raise UnknownNameError("column", unknown, list(columns))


def _chosen(form: Format | None, file: Path | None, *, as_json: bool) -> Format:
    """Return the format that was asked for, with a note where a file is called otherwise."""
    if form is None:
        return _form_of(file, as_json=as_json)
    ending = _ending(file) if file else ""
    if ending in tuple(Format) and ending != form:
        tell(f"{file} gets the format {form}, though its name says {ending}", style="yellow")
    return form


def _ending(file: Path) -> str:
    return file.suffix.removeprefix(".").lower()


def _form_of(file: Path | None, *, as_json: bool) -> Format:
    """Return the format that the ending of a file names; CSV for a file without an ending.

    Without a file, return JSON or a table.

    Raises:
        MeshError: the ending names no format.
    """
    if file is None:
        return Format.JSON if as_json else Format.TABLE
    ending = _ending(file)
    if ending and ending not in tuple(Format):
        raise MeshError(
            f"no form of an answer has the ending `.{ending}`",
            fix=f"say `--format`: {', '.join(Format)}",
        )
    return Format(ending) if ending else Format.CSV


def _deliver(source: Source, question: Any, form: Format, file: Path | None) -> None:
    if form is Format.TABLE:
        _put_table(source, question, file)
    elif not file and (form is Format.JSON or (form is Format.CSV and sys.stdout.isatty())):
        _print_text(source, question, form)
    else:
        _write(source, question, form, file)


def _tell_errors(domain: Domain, release: Attempt) -> None:
    """Warn that the release may differ from the domain's files, if these have errors."""
    if domain.broken:
        tell(
            f"the files of the domain `{domain.name}` have errors: this is release"
            f" {release.number}, as it was made before; see `mesh check {domain.name}`",
            style="yellow",
        )


def _tell_majors(mesh: Mesh, asked: str, found: Port) -> None:
    """Print which version is read and which others exist, if the user named no major."""
    others = [p for p in mesh.ports.values() if p.name.path == found.name.path and p != found]
    if others and "@" not in asked:
        names = ", ".join(f"{p.name.path}@{major(p.version)} is {p.version}" for p in others)
        tell(f"this is version {found.version}; {names}")


def rollback(
    context: typer.Context,
    product: ProductArgument,
    to: Annotated[int, typer.Option(help="Number of the release.")],
) -> None:
    """Make an earlier release current again, all ports together.

    It stays until code, contract or inputs change. See `mesh releases PRODUCT` for numbers.

    PRODUCT is `domain/product`.

    Example: mesh rollback flights/departures --to 3
    """
    from mesh_platform.release.publish import roll_back

    said = settings(context)
    workspace = said.begun()
    release = roll_back(workspace, workspace.mesh.product(product), to)
    data = {"product": product, "release": release.number}
    answer(said, data, lambda: f"{product}: release {release.number} is current")


def _write(source: Source, question: Any, form: Format, file: Path | None) -> None:
    from mesh_platform.engines.duckdb.query import arrow_stream, export

    with destination(file, f"the format {form}") as private:
        if form is Format.ARROW:
            rows = _write_arrow(arrow_stream(*source, question), private)
        else:
            rows = export(*source, question, private, form.value)
    if file:
        tell(f"{several(rows, 'row')} written to {file}")


def _write_arrow(reader: Any, file: Path) -> int:
    import pyarrow

    rows = 0
    with pyarrow.OSFile(str(file), "wb") as sink, pyarrow.ipc.new_file(sink, reader.schema) as out:
        for batch in reader:
            out.write_batch(batch)
            rows += batch.num_rows
    return rows


def _print_text(source: Source, question: Any, form: Format) -> None:
    """Print what a file would hold, with control characters as escapes."""
    from mesh_platform.engines.duckdb.query import export

    private = io.BytesIO()
    with streamed(private) as path:
        export(*source, question, path, form.value)
    text = private.getvalue().decode()
    shown = visible_json(text) if form is Format.JSON else text
    if sys.stdout.isatty():
        emit(shown)
    else:
        sys.stdout.write(shown)


def _put_table(source: Source, question: Any, file: Path | None) -> None:
    from mesh_platform.engines.duckdb.query import ask

    got = ask(*source, question)
    rows = [[cell(value) for value in row] for row in got.rows]
    put(table(got.columns, rows), file, several(len(rows), "row"))
    if question.limit == _SHOWN_ROWS and len(rows) == _SHOWN_ROWS and not file:
        tell(f"the first {_SHOWN_ROWS} rows; `--limit`, `--where` or `-o FILE` give others")
