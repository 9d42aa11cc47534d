"""What happens to a mesh, as policies see it: a change of a promise, a release of data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mesh_platform.errors import Place
from mesh_platform.governance.written import MeshSubject, PortSubject
from mesh_platform.model.changes.values import Change, Level, in_words
from mesh_platform.model.naming import numbers

_DEPTH = {Level.MAJOR: 1, Level.MINOR: 2, Level.PATCH: 3}


@dataclass(frozen=True)
class ChangeSubject:
    """One change of a port since its last release.

    `before` is the version that was released; `acknowledged` the consumers that agreed to it;
    `kept_beside` says that the major it breaks is still offered.
    """

    change: Change
    port: PortSubject
    before: str
    acknowledged: tuple[str, ...] = ()
    kept_beside: bool = False

    @property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.port.mesh

    @property
    def name(self) -> str:
        """The port, and what was changed in it."""
        return f"{self.port.name}{self.change.path}"

    @property
    def place(self) -> Place:
        """The contract."""
        return self.port.place

    @property
    def level(self) -> str:
        """`major`, `minor` or `patch`."""
        return self.change.level.word

    @property
    def message(self) -> str:
        """What happened, in one line."""
        return in_words(self.change)

    @property
    def bumped(self) -> bool:
        """Whether the version says at least the level of the change."""
        depth = _DEPTH[self.change.level]
        return numbers(self.port.port.version)[:depth] > numbers(self.before)[:depth]


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """What a check said; the outcome in its own word."""

    name: str
    outcome: str


@dataclass(frozen=True)
class ReleaseSubject:
    """One port of a release that is about to be published, beside the release before it."""

    port: PortSubject
    rows: int
    at: datetime
    checks: tuple[CheckSeen, ...] = ()
    rows_before: int | None = None
    at_before: datetime | None = None

    @property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.port.mesh

    @property
    def name(self) -> str:
        """The port."""
        return self.port.name

    @property
    def place(self) -> Place:
        """The contract."""
        return self.port.place
