"""Explain which source is at fault where a model failed because of it.

The engine speaks of a missing column as of an alias, and of a damaged file as of the model.
"""

from __future__ import annotations

import re

from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.duckdb.unknown_columns import Held, unknown_column
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import Place, PromiseBrokenError, listed
from mesh_platform.files import text_of
from mesh_platform.model.dialect import delimiter_to_set
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.naming import LANDING
from mesh_platform.release.inputs import Inputs, landing_cache, refuse_unreadable
from mesh_platform.release.models import BuiltModels, words_of, written_in

_MOST = 30
"""Number of column names that one message lists."""
_BINDER = "binder error"


def refuse_source_faults(
    workspace: Workspace, product: Product, built: BuiltModels, inputs: Inputs
) -> None:
    """End a build whose models failed because of what they read.

    Raises:
        PromiseBrokenError: a model reads a column that no source of it has.
        MeshError: the data of an input is damaged.
    """
    failed = [node for node in built.nodes if node.kind == "model" and node.status == "error"]
    for node in failed:
        if node.sql and _BINDER in (node.message or "").lower():
            _refuse_missing_column(workspace, product, node, built)
    if failed:
        cache = landing_cache(workspace, product)
        refuse_unreadable(inputs, built.views, cache, whole=True)


def _refuse_missing_column(
    workspace: Workspace, product: Product, node: NodeResult, built: BuiltModels
) -> None:
    domain = workspace.mesh.domain(product.name.domain)
    words, written = words_of(workspace.mesh, product), written_in(product)
    found = unknown_column(workspace.warehouse(domain.name), built.views, node.sql or "")
    if found is None:
        return
    sources = {model.name: model.sources for model in built.manifest.models}
    read = {name: found.held[name] for name in sources.get(node.name, ()) if name in found.held}
    known = {column.lower() for columns in read.values() for column in columns}
    if read and found.name.lower() not in known:
        shown = {
            name: tuple(words.column(column, written) for column in columns)
            for name, columns in read.items()
        }
        place = _place(domain, node.path, found.name)
        name = words.column(found.name, written)
        raise _refusal(
            product, f"model `{node.name}` reads the column `{name}`", place, shown, _way_out(read)
        )


def _refusal(
    product: Product, said: str, place: Place, read: Held, way_out: str
) -> PromiseBrokenError:
    files = {item.name: f" (`{item.file}`)" for item in product.landings}
    held = [
        f"`{schema}.{name}`{files.get(name, '') if schema == LANDING else ''} has "
        + listed([f"`{column}`" for column in columns], _MOST)
        for (schema, name), columns in read.items()
    ]
    return PromiseBrokenError(
        f"{product.name}: {said}, and no source of it has one of that name",
        place=place,
        fix=f"{'; '.join(held)}: {way_out}",
    )


def _way_out(read: Held) -> str:
    found = filter(None, map(delimiter_to_set, read.values()))
    return next(found, "correct the model, or what delivers the source")


def _place(domain: Domain, path: str, column: str) -> Place:
    """Return the first line of the model that names the column."""
    word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)", re.I)
    text = text_of(domain.folder / path)
    lines = (number for number, line in enumerate(text.splitlines(), 1) if word.search(line))
    return Place(f"{domain.folder.parent.name}/{domain.name}/{path}", next(lines, None))
