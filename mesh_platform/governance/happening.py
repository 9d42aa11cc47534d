"""Show policies what happens to a mesh: a change of a promise, a release of data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mesh_platform.contract_diff.values import Change, in_words
from mesh_platform.errors import Place
from mesh_platform.governance.written import MeshSubject, OfPort, PortSubject, ProductSubject


@dataclass(frozen=True)
class ChangeSubject:
    """One change of a product, or of a port of it, since its last release.

    `before` is the version that was released, `after` the one that stands in the files now.
    `consumers` are the products that it concerns, `acknowledged` those of them that agreed to it,
    or have moved on. `at` is the line of the change.
    """

    change: Change
    product: ProductSubject
    before: str
    after: str
    port: PortSubject | None = None
    consumers: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    at: Place | None = None

    @property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.product.mesh

    @property
    def name(self) -> str:
        """Return what was changed, and in which of its parts."""
        return f"{(self.port or self.product).name}{self.change.path}"

    @property
    def place(self) -> Place:
        """The line of the change, else the contract or the descriptor."""
        return self.at or (self.port or self.product).place

    @property
    def level(self) -> str:
        """`major`, `minor` or `patch`."""
        return self.change.level.word

    @property
    def message(self) -> str:
        """Return what happened, in one line."""
        return in_words(self.change)


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """Hold the result of a check; the outcome in its own word."""

    name: str
    outcome: str


@dataclass(frozen=True)
class ReleaseSubject(OfPort):
    """One port of a release that is about to be published, beside the release before it."""

    rows: int
    at: datetime
    checks: tuple[CheckSeen, ...] = ()
    rows_before: int | None = None
    at_before: datetime | None = None
