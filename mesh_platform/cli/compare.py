"""`mesh diff`: what changed in a port's data between two releases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType

from mesh_platform.cli.arguments import PortArgument
from mesh_platform.cli.look import tell_place
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, cell, table
from mesh_platform.environments.reading import reading
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Port
from mesh_platform.state.records import Attempt

if TYPE_CHECKING:
    from mesh_platform.engines.duckdb.diff import ColumnDifference, Difference, Example, Side


def diff(
    context: typer.Context,
    port: PortArgument,
    before: Annotated[int | None, typer.Argument(metavar="[A]", help="From this release.")] = None,
    after: Annotated[int | None, typer.Argument(metavar="[B]", help="To this release.")] = None,
) -> None:
    """Show what changed in a port's data between two releases: rows by key, columns, types.

    PORT is `domain/product` where the product has one port, else `domain/product/port`. A and B
    are numbers of releases, see `mesh releases`. Without B the current release is meant, without A
    the one before it.

    Example: mesh diff flights/departures 3 4
    """
    from mesh_platform.engines.duckdb.diff import difference

    said = settings(context)
    workspace = said.begun()
    found, new = workspace.find(port, after)
    tell_place(workspace, new)
    old = _earlier(workspace, found, new) if before is None else None
    old = old or workspace.release(found.name.product, before)
    sides = [_side(workspace, found, release) for release in (old, new)]
    with reading(workspace, (old, found.name.name), (new, found.name.name)):
        seen = difference(sides[0], sides[1], found.contract)
    answer(said, _json(found, old, new, seen), lambda: _text(found, old, new, seen))


def _earlier(workspace: Workspace, port: Port, release: Attempt) -> Attempt:
    product = str(port.name.product)
    for other in workspace.home_of(release).registry.releases(product):
        if (other.number or 0) < (release.number or 0):
            return replace(other, environment=release.environment)
    raise MeshError(
        f"{product} has no release before {release.number}",
        fix="a second release is there after the next change; or name two with A and B",
    )


def _side(workspace: Workspace, port: Port, release: Attempt) -> Side:
    from mesh_platform.engines.duckdb.diff import Side

    files = workspace.files(release, port.name.name)
    record = release.port(port.name.name)
    return Side(files, record.columns if record else ())


def _json(port: Port, old: Attempt, new: Attempt, seen: Difference) -> dict[str, Any]:
    return {
        "port": str(port.name),
        "before": old.number,
        "after": new.number,
        "same": seen.same,
        "key": list(seen.key),
        "rows": {
            "before": seen.rows_before,
            "after": seen.rows_after,
            "added": seen.added,
            "removed": seen.removed,
            "changed": seen.changed,
        },
        "columns": [
            {"name": c.name, "before": c.before, "after": c.after, "changed": c.changed}
            for c in seen.columns
        ],
        "examples": [
            {"kind": e.kind, "row": e.row, "before": e.before, "after": e.after}
            for e in seen.examples
        ],
    }


def _text(port: Port, old: Attempt, new: Attempt, seen: Difference) -> RenderableType:
    title = f"{port.name}: release {old.number} → {new.number}"
    if seen.same:
        return f"{title}: the same {seen.rows_after:,} rows"
    key = f"matched by {', '.join(seen.key)}" if seen.key else "compared whole, without a key"
    changed = "" if seen.changed is None else f", {seen.changed:,} changed"
    parts: list[RenderableType] = [
        f"{title}: {seen.rows_before:,} → {seen.rows_after:,} rows, {key}",
        f"{seen.added:,} added, {seen.removed:,} removed{changed}",
    ]
    if differing := [_column(column, seen) for column in seen.columns if not column.same]:
        parts += ["", table(("column", "what", "#rows", "#share"), differing)]
    if seen.examples:
        parts += ["", table(("rows", "which", "what"), map(_example, seen.examples))]
    return Group(*parts)


def _column(column: ColumnDifference, seen: Difference) -> tuple[str, str, str, str]:
    if column.before is None:
        return column.name, f"new: {column.after}", "", ""
    if column.after is None:
        return column.name, f"gone: {column.before}", "", ""
    types = "" if column.before == column.after else f"{column.before} → {column.after}"
    matched = seen.rows_before - seen.removed
    if not column.changed:
        return column.name, types, "0" if column.changed == 0 else "?", ""
    share = f"{100 * column.changed / matched:.2f} %"
    return column.name, types or "values", f"{column.changed:,}", share


def _example(example: Example) -> tuple[str, str, str]:
    row = ", ".join(f"{name}={_shown(value)}" for name, value in example.row.items())
    what = ", ".join(
        f"{name}: {_shown(old)} → {_shown(example.after[name])}"
        for name, old in example.before.items()
    )
    return example.kind, row, what


def _shown(value: object) -> str:
    return cell(value, null="null")
