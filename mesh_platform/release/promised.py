"""Compare what a release promised, as the registry kept it, with what the files promise now."""

from __future__ import annotations

from mesh_platform.contract_diff.values import Level
from mesh_platform.environments.promises import port_as_promised, promise_of
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.planning.before import ProductBefore
from mesh_platform.planning.promises import ProductChanges, product_changes
from mesh_platform.planning.versions import VersionStep, version_steps
from mesh_platform.state.records import Attempt


def read_before(workspace: Workspace, product: Product) -> Attempt | None:
    """Return the release to compare a changed product with: what consumers read now.

    Where the environment defers to another one, return that one's release, even if this one
    has its own.
    """
    source = workspace.beyond or workspace
    found = source.current(str(product.name))
    return source.lend(found) if found and source is not workspace else found


def as_promised(product: Product, promise: ProductBefore) -> Product:
    """Return a product with the promises of a release in place of those of its files."""
    ports = tuple(map(port_as_promised, promise.ports))
    text = promise.descriptor or product.text
    return product.model_copy(update={"version": promise.version, "ports": ports, "text": text})


def changes_since(
    workspace: Workspace, product: Product, before: Attempt | None
) -> ProductChanges | None:
    """Return the changes of a product's promises since a release; None where they are unknown.

    Raises:
        MeshError: the two cannot be compared.
    """
    was = promise_of(workspace, before) if before else None
    return product_changes(product.name, was, product) if was else None


def unsaid_break(changes: ProductChanges) -> VersionStep | None:
    """Return the first version that keeps its major although it breaks a promise.

    Raises:
        MeshError: a version cannot be read.
    """
    steps = version_steps(changes)
    return next((step for step in steps if step.level is Level.MAJOR and not step.enough), None)


def understated(workspace: Workspace, product: Product, before: Attempt | None) -> tuple[str, ...]:
    """Return a notice where a product breaks a release's promise but keeps its major version.

    The build goes on, except in a guarded environment. Where the earlier release belongs to another
    environment, `mesh plan` still compares the change with it.
    """
    try:
        changes = changes_since(workspace, product, before)
        step = unsaid_break(changes) if changes else None
    except MeshError:
        return ()
    if before is None or step is None:
        return ()
    name, option = product.name, workspace.option
    said = f"{name} breaks what {step.known_as} promised, under the same major version"
    if before.environment:
        return (f"{said}: mesh plan {name}{option}",)
    return (
        f"{said}, and is released: from now on `mesh plan {name} --against REF` shows it, REF being"
        f" a commit from before; `mesh rollback {name} --to {before.number}{option}` takes it back",
    )
