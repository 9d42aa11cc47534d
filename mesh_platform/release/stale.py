"""Which products a build would make, and why. Imports neither dbt nor Dagster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.model.naming import PortName
from mesh_platform.registry.records import Attempt
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.inputs import resolve
from mesh_platform.release.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Need:
    """Whether a product must be built, and the reason in words."""

    product: Product
    stale: bool
    reason: str


def needs(workspace: Workspace, products: Iterable[Product], *, full: bool = False) -> list[Need]:
    """Tell for each product, providers first, whether it is out of date.

    A product is stale too when a provider of it is going to be built before it.
    """
    released = workspace.registry.all_current()
    newest = workspace.registry.newest()
    found: dict[str, Need] = {}
    for product in products:
        name = str(product.name)
        providers = [str(provider) for provider in workspace.mesh.providers(product)]
        rebuilt = [
            provider for provider in providers if provider in found and found[provider].stale
        ]
        if gone := _gone(workspace, product):
            found[name] = Need(product, False, f"waits: reads `{gone}`, which is no longer offered")
        elif full:
            found[name] = Need(product, True, "asked for with --full")
        elif rebuilt:
            found[name] = Need(product, True, f"{', '.join(rebuilt)} will have a new release")
        else:
            found[name] = _need(workspace, product, released, newest.get(name))
    return list(found.values())


def _gone(workspace: Workspace, product: Product) -> PortName | None:
    """A major that the product reads, that its provider ended, and that its team knows of."""
    ports = workspace.mesh.ports
    missing = (item.port for item in product.inputs if item.port not in ports)
    return next((port for port in missing if product.acknowledgement(port)), None)


def _need(
    workspace: Workspace, product: Product, released: dict[str, Attempt], newest: Attempt | None
) -> Need:
    if newest is None:
        return Need(product, True, "never released")
    try:
        inputs = resolve(product, released)
    except MeshError as error:
        return Need(product, True, error.message)
    if fingerprint(workspace, product, inputs.identities) != newest.fingerprint:
        return Need(product, True, "code, contract or inputs have changed")
    current = released[str(product.name)]
    if current.number != newest.number:
        return Need(product, False, f"up to date; held at release {current.number} by a rollback")
    return Need(product, False, f"up to date with release {newest.number}")
