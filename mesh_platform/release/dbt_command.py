"""Runs plain dbt in a domain, with all inputs of its products mounted; it releases nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mesh_platform.engines.dbt.command import run_dbt
from mesh_platform.engines.duckdb.views import View
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.files import resolved
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.release.inputs import pin_views, resolve, source_views


def dbt_in_domain(
    workspace: Workspace,
    domain: Domain,
    arguments: Sequence[str],
    tell: Callable[[str], None],
) -> int:
    """Run dbt as the only builder of a domain.

    Args:
        workspace: where the mesh is.
        domain: whose project.
        arguments: of `dbt`.
        tell: told what is waited for, and which input could not be mounted.

    Returns:
        Dbt's exit code.

    Raises:
        MeshError: the folders of the environment cannot be written.
    """
    waiting = f"waiting for a build of `{domain.name}` to end"
    with workspace.only_builder(domain.name, lambda: tell(waiting)):
        views = list(_mounted(workspace, domain, tell))
        return run_dbt(workspace.dbt_places(domain), views, arguments)


def _mounted(workspace: Workspace, domain: Domain, tell: Callable[[str], None]) -> Iterator[View]:
    """Every input that is there; the others keep dbt from the models that read them only."""
    released = workspace.all_current()
    twice = _called_alike(domain)
    for name in sorted(twice):
        tell(f"not mounted: `landing.{name}` is another file in one product than in another")
    for product in domain.products:
        for single in _inputs_one_by_one(product):
            try:
                inputs = resolve(single, released, workspace.mesh, workspace.option)
                yield from pin_views(workspace, inputs)
                views = source_views(workspace, product, inputs)
                yield from (view for view in views if view.name not in twice)
            except MeshError as error:
                tell(f"not mounted: {error}")


def _called_alike(domain: Domain) -> frozenset[str]:
    """Return the names of input ports that stand for different files in two products."""
    files: dict[str, set[tuple[str, ...]]] = {}
    for product in domain.products:
        for item in product.landings:
            place = resolved(product.folder / item.location)
            said = (str(place), item.format, repr(item.dialect))
            files.setdefault(item.name, set()).add(said)
    return frozenset(name for name, found in files.items() if len(found) > 1)


def _inputs_one_by_one(product: Product) -> Iterator[Product]:
    for item in product.inputs:
        yield product.model_copy(update={"inputs": (item,), "landings": ()})
    for landing in product.landings:
        yield product.model_copy(update={"inputs": (), "landings": (landing,)})
