"""Runs plain dbt in a domain, with all inputs of its products mounted; it releases nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mesh_platform.engines.dbt.command import run_dbt
from mesh_platform.engines.duckdb.views import View
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place
from mesh_platform.files import resolved, seen_from, strangeness
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.release.inputs import pin_views, resolve, source_views

_READ = (".sql", ".py", ".yml", ".yaml", ".md", ".csv")
_NOT_READ = frozenset({"target", "dbt_packages", "logs", "__pycache__"})


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
        MeshError: the folders of the environment cannot be written, or dbt would wait for a pipe.
    """
    _refuse_pipes(workspace, domain)
    waiting = f"waiting for a build of `{domain.name}` to end"
    with workspace.only_builder(domain.name, lambda: tell(waiting)):
        views = list(_mounted(workspace, domain, tell))
        return run_dbt(workspace.dbt_places(domain), views, arguments)


def _refuse_pipes(workspace: Workspace, domain: Domain) -> None:
    """Refuse a project with a file that is a pipe or a device: dbt would wait for its end."""
    for folder, below, names in os.walk(domain.folder):
        below[:] = [name for name in below if name not in _NOT_READ and not name.startswith(".")]
        for path in (Path(folder, name) for name in names if name.endswith(_READ)):
            if path.exists() and (strange := strangeness(path)) is not None:
                raise MeshError(
                    f"`{path.name}` {strange}: dbt may wait for it for ever",
                    place=Place(seen_from(workspace.mesh.root, path)),
                    fix="remove it, or put a plain file in its place",
                )


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
