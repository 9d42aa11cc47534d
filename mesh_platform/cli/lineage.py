"""`mesh lineage`: what the columns of a product come from, and who depends on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mesh_platform.cli.arguments import ProductArgument
from mesh_platform.cli.lineage_text import lineage_tree
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, finding_json
from mesh_platform.environments.reading import unread_consumers
from mesh_platform.errors import UnknownNameError
from mesh_platform.lineage.sql.sources import ROWS
from mesh_platform.lineage.usage import Use
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.naming import ProductName

if TYPE_CHECKING:
    from mesh_platform.lineage.mesh_lineage import MeshLineage, Reader
    from mesh_platform.lineage.sql.sources import Column

Place = tuple[Port, str]
"""A port and one of its columns."""


def lineage(
    context: typer.Context,
    product: ProductArgument,
    column: Annotated[
        str | None, typer.Option(help="A promised column.", metavar="PORT.COLUMN")
    ] = None,
    up: Annotated[
        bool | None,
        typer.Option("--up/--down", help="Only what it comes from, or only who depends on it."),
    ] = None,
) -> None:
    """Show what a product is made of, column by column, and who depends on it.

    It is read from the SQL of the models; nothing is built. What the SQL does not tell is named.

    PRODUCT is `domain/product`.

    "made of it": the values of these columns come from it. "rows depend on it": it filters, joins
    or groups. "reads in all": every input column that the models and the rules of contracts name,
    made into a promised column or not. docs/reference/lineage.md has each word.

    Example: mesh lineage flights/departures --column departures.outcome --down
    """
    from mesh_platform.lineage.findings import lineage_findings
    from mesh_platform.release.lineage.files import MeshSql

    said = settings(context)
    workspace = said.workspace()
    found = workspace.mesh.product(product)
    known = MeshSql(workspace).lineage()
    places = _places(found)
    chosen = [_chosen(places, column)] if column else list(places.values())
    whole: list[tuple[Port, str | None]] = [(port, None) for port in found.ports]
    data: dict[str, Any] = {"product": product, "column": column}
    if up is not False:
        data["reads"] = [] if column else _reads(known, found)
        data["up"] = [_up(known, *place, deep=bool(column)) for place in chosen]
    if up is not True:
        unread = unread_consumers(workspace, found.name)
        data["down"] = _down(known, chosen if column else whole, unread)
    data["findings"] = [finding_json(f) for f in lineage_findings(known.product(found.name))]
    answer(said, data, lambda: lineage_tree(data))


def _places(product: Product) -> dict[str, Place]:
    """All promised columns by `PORT.COLUMN`, as people write it."""
    return {
        f"{port.name.name}.{column.name}": (port, column.name)
        for port in product.ports
        for column in port.contract.columns
    }


def _chosen(places: dict[str, Place], text: str) -> Place:
    """The column that people mean.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if text not in places:
        raise UnknownNameError("column", text, places)
    return places[text]


def _reads(known: MeshLineage, product: Product) -> list[dict[str, Any]]:
    found = known.product(product.name).read
    return [
        {"input": str(known.port_of(table) or table), "columns": sorted(columns)}
        for table, columns in found.items()
    ]


def _up(known: MeshLineage, port: Port, column: str, *, deep: bool) -> dict[str, Any]:
    sources = known.product(port.name.product).ports[port.name].columns[column.lower()]
    return {
        "port": port.name.name,
        "column": column,
        "values": [_source(known, found, deep) for found in _named(sources.values)],
        "rows": [_source(known, found, deep=False) for found in _named(sources.rows)],
        "unvouched": sorted(f"model `{doubt.model}`: {doubt.reason}" for doubt in sources.doubts),
    }


def _named(columns: Iterable[Column]) -> list[Column]:
    """Columns, without what stands for the rows of a table."""
    return sorted(column for column in columns if column.name != ROWS)


def _source(
    known: MeshLineage, column: Column, deep: bool, seen: frozenset[Column] = frozenset()
) -> dict[str, Any]:
    """A column of an input; with what that comes from in turn, as far as it goes."""
    port = known.port_of(column.table)
    entry: dict[str, Any] = {"input": str(port or column.table), "column": column.name}
    if deep and port in known.mesh.ports and column not in seen:
        assert port is not None  # noqa: S101 - it is a port of the mesh
        there = known.product(port.product).ports[port].columns.get(column.name)
        further = _named(there.values) if there else []
        entry["values"] = [_source(known, found, deep, seen | {column}) for found in further]
    return entry


def _down(
    known: MeshLineage,
    chosen: Iterable[tuple[Port, str | None]],
    unread: Iterable[ProductName],
) -> list[dict[str, Any]]:
    """Return who depends on columns; a consumer with errors in its files may."""
    return [
        {
            "port": port.name.name,
            "column": column,
            "consumers": [
                _affected(known, item)
                for item in (*known.downstream(port.name, column), *_perhaps(port, unread))
            ],
        }
        for port, column in chosen
    ]


def _perhaps(port: Port, unread: Iterable[ProductName]) -> Iterator[Reader]:
    from mesh_platform.lineage.mesh_lineage import Reader

    for name in unread:
        yield Reader(name, None, None, Use.UNKNOWN, port.name, direct=True)


def _affected(known: MeshLineage, item: Reader) -> dict[str, Any]:
    return {
        "product": str(item.product),
        "owner": known.mesh.domain(item.product.domain).team,
        "port": item.port.name if item.port else None,
        "column": item.column,
        "use": item.use.value,
        "through": str(item.reads),
        "direct": item.direct,
    }
