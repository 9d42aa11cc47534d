"""A finding: one thing that is wrong in a file of the mesh, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from mesh_platform.errors import MeshError, Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the mesh's files says; `code` is stable and never reused."""

    code: str
    message: str
    place: Place
    fix: str | None = None
    product: str | None = None
    severity: str = "error"

    @property
    def blocking(self) -> bool:
        """Only errors stop a build."""
        return self.severity == "error"

    def __str__(self) -> str:
        """Lay the finding out for the terminal."""
        tail = f"\n  try: {self.fix}" if self.fix else ""
        owner = f"{self.product}: " if self.product else ""
        return f"{owner}{self.message}\n  at: {self.place}  [{self.code}]{tail}"


@dataclass(slots=True)
class Findings:
    """Collects findings while a folder is read, so that one error does not hide the next."""

    items: list[Finding] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        place: Place,
        *,
        fix: str | None = None,
        product: str | None = None,
    ) -> None:
        """Note one finding."""
        self.items.append(Finding(code, message, place, fix, product))

    def attempt(self, code: str, read: Callable[[], T | None], place: Place) -> T | None:
        """Run `read`; a `MeshError` becomes a finding and None."""
        try:
            return read()
        except MeshError as error:
            self.add(code, error.message, error.place or place, fix=error.fix)
            return None
