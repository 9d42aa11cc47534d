"""A finding: one thing that is wrong in a file of the mesh, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from mesh_platform.errors import MeshError, Place

T = TypeVar("T")


_CONTROL = dict.fromkeys(
    {*range(0x20), *range(0x7F, 0xA0)} - set(map(ord, "\t\n")), "\N{REPLACEMENT CHARACTER}"
)
"""What a policy or a file says moves no cursor and begins no line of its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the mesh's files says; `code` is stable and never reused.

    Where a policy says it, `why` is the reason of the policy, `standing` whether it blocks and
    since when, and `waiver` how to ask for an exception. What could not run is never passed.
    """

    code: str
    message: str
    place: Place
    fix: str | None = None
    product: str | None = None
    severity: str = "error"
    why: str | None = None
    standing: str | None = None
    waiver: str | None = None
    could_not_run: bool = False

    @property
    def blocking(self) -> bool:
        """Only errors stop a build."""
        return self.severity == "error"

    def __str__(self) -> str:
        """Lay the finding out for the terminal."""
        owner = f"{self.product}: " if self.product else ""
        message = self.message.replace("\n", "\n  | ")
        lines = [f"{owner}{message}", f"  at: {self.place}  [{self.code}]"]
        for word, said in (
            ("why", self.why),
            ("blocking", self.standing),
            ("try", self.fix),
            ("waiver", self.waiver),
        ):
            if said:
                lines.append(f"  {word}: " + said.replace("\n", "\n    "))
        return "\n".join(lines).translate(_CONTROL)


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
