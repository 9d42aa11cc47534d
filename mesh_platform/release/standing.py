"""Tell for each product whether its release stays, comes from another environment, or is built.

An environment may defer to another one. A product that was not built here is read there. A product
that would be built just as there is not built again. The fingerprint decides in both cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.state.records import Attempt


@dataclass(frozen=True, slots=True)
class Stand:
    """Hold why a product needs no build: the release that is read, and the reason in words.

    `leaves` is true where a release of this environment gives way to that of another one. `waits`
    is true where the product cannot be built any more as it is.
    """

    release: Attempt
    reason: str
    leaves: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold the current and newest releases of an environment, and of those that it defers to."""

    own: Mapping[str, Attempt]
    newest: Mapping[str, Attempt]
    others: Mapping[str, Attempt]
    others_newest: Mapping[str, Attempt]

    @classmethod
    def of(cls, workspace: Workspace) -> Standing:
        """Read the registries once; changes by other processes are not seen afterwards.

        Raises:
            MeshError: the environment that is deferred to is gone.
        """
        own, newest = workspace.registry.all_current(), workspace.registry.newest()
        newest = {product: newest[product] for product in own}
        other = workspace.beyond
        if other is None:
            return cls(own, newest, {}, {})
        there = cls.of(other)
        lent = {product: other.lend(release) for product, release in there.current.items()}
        return cls(own, newest, lent, {**there.others_newest, **there.newest})

    @property
    def current(self) -> dict[str, Attempt]:
        """Return the release of each product that is read in this environment."""
        return {**self.others, **self.own}

    def stand(self, product: str, fingerprint: str) -> Stand | None:
        """Return why a product with that fingerprint needs no build, or None where it needs one."""
        return self._here(product, fingerprint) or self._there(product, fingerprint)

    def waits(self, mesh: Mesh, product: Product) -> Stand | None:
        """Return why a product keeps its release: its team acknowledged that an input is gone."""
        missing = (item.port for item in product.inputs if mesh.lacks(item.port))
        gone = next((port for port in missing if product.acknowledgement(port)), None)
        kept = self.current.get(str(product.name))
        if gone is None or kept is None:
            return None
        return Stand(kept, f"waits: reads `{gone}`, which is no longer offered", waits=True)

    def _here(self, product: str, fingerprint: str) -> Stand | None:
        current, newest = self.own.get(product), self.newest.get(product)
        if current is None or newest is None or newest.fingerprint != fingerprint:
            return None
        if current.number != newest.number:
            reason = f"up to date; held at release {current.number} by a rollback"
            return Stand(current, reason)
        return Stand(current, f"up to date with release {newest.number}")

    def _there(self, product: str, fingerprint: str) -> Stand | None:
        """Skip a product that the parent environment would skip, even one held by a rollback."""
        found, newest = self.others.get(product), self.others_newest.get(product)
        if found is None or newest is None:
            return None
        if fingerprint not in (found.fingerprint, newest.fingerprint):
            return None
        held = ", held there by a rollback" if found.number != newest.number else ""
        reason = f"as in {found.environment}, release {found.number}{held}"
        return Stand(found, reason, leaves=product in self.own)
