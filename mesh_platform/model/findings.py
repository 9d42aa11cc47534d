"""A finding: one thing that is wrong in a file of the mesh, and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.reasons import reason_of, way_of
from mesh_platform.redaction import redacted
from mesh_platform.visible import visible

T = TypeVar("T")


def outcome_of(findings: Iterable[Finding]) -> str:
    """The outcome of findings: the worst that blocks, where could-not-run is never passed."""
    blocking = [finding for finding in findings if finding.blocking]
    if any(finding.could_not_run for finding in blocking):
        return "could_not_run"
    return "failed" if blocking else "passed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the mesh's files says; `code` is stable and never reused.

    What a policy says comes with its findings: `asks` is what must hold, `why` for what reason,
    `standing` whether it blocks and since when, `waiver` how to ask for an exception. For the rest
    the platform speaks: `rule`, `reason`, `stands` and `help` are there for every finding. What
    could not run is never passed.
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
    asks: str | None = None

    def __post_init__(self) -> None:
        """Keep the values of variables out, whoever makes the finding."""
        object.__setattr__(self, "message", redacted(self.message))
        object.__setattr__(self, "fix", redacted(self.fix) if self.fix else self.fix)

    @property
    def blocking(self) -> bool:
        """Only errors stop a build."""
        return self.severity == "error"

    @property
    def rule(self) -> str | None:
        """What must hold."""
        return self.asks or reason_of(self.code).asks

    @property
    def reason(self) -> str | None:
        """What goes wrong, and for whom, if it stays."""
        return self.why or reason_of(self.code).why

    @property
    def stands(self) -> str:
        """Whether it blocks, in words; an error that is not a policy's blocks on every day."""
        if self.standing is not None:
            return self.standing
        if self.could_not_run:
            return "yes, it could not run"
        words = {"error": "yes, and cannot be waived", "warning": "no, a warning"}
        return words.get(self.severity, "no, for information")

    @property
    def help(self) -> str:
        """The way out in general; `fix` and `waiver` are those of this finding."""
        if self.asks is None:
            return f"{way_of(self.code)} A finding of the platform itself cannot be waived."
        about = f"`mesh policy list {self.code}` says what it asks, why, and how it is set."
        asked = " A waiver excuses from it until a day; each finding says where to ask for one."
        return about + (asked if self.waiver else "")

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
        return visible("\n".join(lines))


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
        severity: str = "error",
    ) -> None:
        """Note one finding."""
        self.items.append(Finding(code, message, place, fix, product, severity))

    def attempt(
        self, code: str, read: Callable[[], T | None], place: Place, product: str | None = None
    ) -> T | None:
        """Run `read`; whatever it raises becomes a finding and None."""
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - the boundary: one file stops no other
            self.items.append(failure(code, error, place, product))
            return None


def failure(code: str, error: Exception, place: Place, product: str | None = None) -> Finding:
    """An error while a file was read or judged, as a finding of that file.

    Only a `MeshError` has words for people; of another error the text may hold anything.
    """
    if isinstance(error, MeshError):
        return Finding(code, error.message, error.place or place, error.fix, product)
    return Finding(
        code,
        f"the platform failed when it read this: `{type(error).__name__}`",
        place,
        "undo the last change of the file; no file should do this, so please report it",
        product,
        could_not_run=True,
    )


def boundary(
    code: str, found: Callable[[], Iterable[Finding]], place: Place, product: str | None = None
) -> list[Finding]:
    """All findings of one file, product or domain; whatever is raised instead is one, too."""
    try:
        return list(found())
    except Exception as error:  # noqa: BLE001 - the boundary: one file stops no other
        return [failure(code, error, place, product)]
