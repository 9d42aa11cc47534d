"""Tell which products a build would make, and why, without importing dbt or Dagster."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mesh_platform.environments.reading import first_damage
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.inputs import resolve
from mesh_platform.release.standing import Standing
from mesh_platform.state.records import Attempt


@dataclass(frozen=True, slots=True)
class Need:
    """Hold whether a build has something to do for a product, and the reason in words.

    `release` is the one that is read without building. `stale` is true beside it where the
    registry has yet to record that the release of another environment is read again, or where the
    release is damaged. A product that `waits` cannot be built any more as it is.
    """

    product: Product
    stale: bool
    reason: str
    release: Attempt | None = None
    waits: bool = False

    @property
    def rebuilds(self) -> bool:
        """Tell whether the product will have a new release."""
        return self.release is None


def needs(
    workspace: Workspace,
    products: Iterable[Product],
    *,
    full: bool = False,
    failing: Collection[str] = (),
) -> list[Need]:
    """Tell for each product, providers first, whether it is out of date.

    A product is stale too when a provider of it is going to be built before it.

    Args:
        workspace: the mesh and its releases.
        products: providers before their consumers.
        full: build even what is up to date.
        failing: products whose build will surely fail, so that nobody gets a new release of them.
    """
    standing, interrupted = Standing.of(workspace), workspace.registry.interrupted()
    released = standing.current
    found: dict[str, Need] = {}
    for product in products:
        name = str(product.name)
        providers = [str(provider) for provider in workspace.mesh.providers(product)]
        coming = (p for p in providers if p not in failing)
        rebuilt = [p for p in coming if p in found and found[p].rebuilds]
        if wait := standing.waits(workspace.mesh, product):
            found[name] = Need(product, False, wait.reason, wait.release, waits=True)
        elif full:
            found[name] = Need(product, True, "asked for with --full")
        elif name in interrupted:
            found[name] = Need(product, True, "a build is under way, or was interrupted")
        elif rebuilt:
            found[name] = Need(product, True, f"{', '.join(rebuilt)} will have a new release")
        else:
            found[name] = _need(workspace, product, standing, released)
            if (release := found[name].release) is not None:
                released[name] = release
    return list(found.values())


def _need(
    workspace: Workspace, product: Product, standing: Standing, released: dict[str, Attempt]
) -> Need:
    if str(product.name) not in released:
        return Need(product, True, "never released")
    try:
        workspace.refuse_if_behind(str(product.name))
        inputs = resolve(product, released, workspace.mesh, workspace.option)
        digest = fingerprint(workspace, product, inputs.identities)
    except MeshError as error:
        return Need(product, True, error.message)
    except Exception as error:  # noqa: BLE001 - the boundary: one product stops no other
        return Need(product, True, f"its files cannot be compared: `{type(error).__name__}`")
    stand = standing.stand(str(product.name), digest)
    if stand is None:
        return Need(product, True, "code, contract or inputs have changed")
    if damage := first_damage(workspace, stand.release):
        return Need(product, True, damage.sentence, stand.release)
    return Need(product, stand.leaves, stand.reason, stand.release)
