"""Take the last release of a product away, once the product itself is gone from the files."""

from __future__ import annotations

from mesh_platform.environments.reading import unread_consumers
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, PromiseBrokenError, UnknownNameError
from mesh_platform.model.naming import PRODUCTS, ProductName
from mesh_platform.state.records import Attempt


def gone(workspace: Workspace) -> list[str]:
    """Return the products that have a current release here, and no folder any more."""
    there = {str(name) for name in (*workspace.mesh.products, *workspace.mesh.unread)}
    return sorted(workspace.registry.all_current().keys() - there)


def retire(workspace: Workspace, name: str) -> Attempt:
    """Clear the current release of a product that is gone; keep its history and its data.

    Args:
        workspace: the environment that holds the release.
        name: `domain/product`.

    Returns:
        The release that was current.

    Raises:
        MeshError: the product is still there, is read, or has no release here.
    """
    product = _not_there(workspace, name)
    with workspace.only_builder(product.domain):
        release = workspace.registry.current(name)
        if release is None:
            raise UnknownNameError("product to retire", name, gone(workspace))
        workspace.registry.let_go(name)
    return release


def _not_there(workspace: Workspace, name: str) -> ProductName:
    mesh, product = workspace.mesh, ProductName.parse(name)
    folder = mesh.folder / product.domain / PRODUCTS / product.name
    if product in mesh.products or folder.is_dir():
        shown = folder.relative_to(mesh.root).as_posix()
        raise MeshError(
            f"{name} is still there: {shown}",
            fix=f"remove the folder first; `mesh plan {name}` then says whom that reaches",
        )
    readers = sorted({*mesh.consumers(product), *unread_consumers(workspace, product)})
    if readers:
        raise PromiseBrokenError(
            f"{name} is still read by {', '.join(map(str, readers))}",
            fix="remove it from their `inputPorts` first",
        )
    return product
