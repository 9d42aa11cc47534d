"""Says which source lacks a column that a model reads: the engine speaks of aliases instead."""

from __future__ import annotations

import re

from mesh_platform.engine.dbt import NodeResult
from mesh_platform.engine.manifest import Manifest
from mesh_platform.engine.unknown_columns import Held, UnknownColumn, unknown_column
from mesh_platform.engine.views import View
from mesh_platform.errors import Place, PromiseBrokenError, listed
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.naming import LANDING
from mesh_platform.release.workspace import Workspace

_MOST = 30
"""Names of columns that one message lists."""
_BINDER = "binder error"


def refuse_missing_columns(
    workspace: Workspace,
    product: Product,
    nodes: tuple[NodeResult, ...],
    manifest: Manifest,
    views: tuple[View, ...],
) -> None:
    """End a build whose model reads a column that no source of it has.

    Raises:
        PromiseBrokenError: there is one.
    """
    domain = workspace.mesh.domain(product.name.domain)
    sources = {model.name: model.sources for model in manifest.models_of(product.name.name)}
    for node in nodes:
        if node.ok or not node.sql or _BINDER not in (node.message or "").lower():
            continue
        found = unknown_column(workspace.warehouse(domain.name), views, node.sql)
        if found is None:
            continue
        read = {name: found.held[name] for name in sources.get(node.name, ()) if name in found.held}
        known = {column.lower() for columns in read.values() for column in columns}
        if read and found.name.lower() not in known:
            raise _refusal(product, domain, node, found, read)


def _refusal(
    product: Product, domain: Domain, node: NodeResult, found: UnknownColumn, read: Held
) -> PromiseBrokenError:
    files = {item.name: f" (`{item.location.rpartition('/')[2]}`)" for item in product.landings}
    held = [
        f"`{schema}.{name}`{files.get(name, '') if schema == LANDING else ''} has "
        + listed([f"`{column}`" for column in columns], _MOST)
        for (schema, name), columns in read.items()
    ]
    return PromiseBrokenError(
        f"{product.name}: model `{node.name}` reads the column `{found.name}`, and no source of it "
        "has one of that name",
        place=_place(domain, node.path, found.name),
        fix=f"{'; '.join(held)}: correct the model, or what delivers the source",
    )


def _place(domain: Domain, path: str, column: str) -> Place:
    """The first line of the model that names the column."""
    word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)", re.I)
    text = (domain.folder / path).read_text(encoding="utf-8", errors="replace")
    lines = (number for number, line in enumerate(text.splitlines(), 1) if word.search(line))
    return Place(f"{domain.folder.parent.name}/{domain.name}/{path}", next(lines, None))
