"""Define the finding: one thing that is wrong in a file of the mesh, with the way out."""

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
    """Return the outcome of the findings that block.

    A finding that could not run outweighs one that failed.
    """
    blocking = [finding for finding in findings if finding.blocking]
    if any(finding.could_not_run for finding in blocking):
        return "could_not_run"
    return "failed" if blocking else "passed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one fault in the files of the mesh; `code` is stable and never reused.

    A finding of a policy brings its own texts: `asks` is what must hold, `why` the reason,
    `standing` whether it blocks and since when, `waiver` how to ask for an exception. Where a
    finding has none, `rule`, `reason`, `stands` and `help` give the platform's own text. A check
    that could not run never counts as passed. `stops` tells whether nothing of its domain is built
    as long as it stays; where it is None, the code tells.
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
    stops: bool | None = None

    def __post_init__(self) -> None:
        """Redact the values of variables in the message and the fix."""
        object.__setattr__(self, "message", redacted(self.message))
        object.__setattr__(self, "fix", redacted(self.fix) if self.fix else self.fix)

    @property
    def blocking(self) -> bool:
        """Tell whether the finding stops a build; only an error does."""
        return self.severity == "error"

    @property
    def stops_domain(self) -> bool:
        """Tell whether nothing of its domain is built as long as it stays."""
        stops = reason_of(self.code).stops if self.stops is None else self.stops
        return self.blocking and stops

    @property
    def withholds(self) -> bool:
        """Tell whether nothing of its product is released as long as it stays."""
        return self.stops_domain or (self.blocking and reason_of(self.code).withholds)

    @property
    def domain(self) -> str | None:
        """Return the domain that it is about, or None where it names none."""
        return self.product.split("/")[0] if self.product else None

    @property
    def rule(self) -> str | None:
        """Return what must hold."""
        return self.asks or reason_of(self.code).asks

    @property
    def reason(self) -> str | None:
        """Return what goes wrong, and for whom, as long as the finding remains."""
        return self.why or reason_of(self.code).why

    @property
    def stands(self) -> str:
        """Tell in words whether the finding blocks."""
        if self.standing is not None:
            return self.standing
        if self.could_not_run:
            return "yes, it could not run"
        words = {"error": "yes, and cannot be waived", "warning": "no, a warning"}
        return words.get(self.severity, "no, for information")

    @property
    def help(self) -> str:
        """Return the way out in general; `fix` and `waiver` hold that of this finding."""
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
        """Return what `read` returns; turn an exception into a finding, and return None."""
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - the boundary: one file stops no other
            self.items.append(failure(code, error, place, product))
            return None


def failure(code: str, error: Exception, place: Place, product: str | None = None) -> Finding:
    """Turn an error that was raised while a file was read or judged into a finding.

    Only the message of a `MeshError` is shown: the text of any other error may hold anything.
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
    code: str, found: Callable[[], Iterable[T]], place: Place, product: str | None = None
) -> list[T | Finding]:
    """Return what is found in one file, product or domain; turn an exception into one finding."""
    try:
        return list(found())
    except Exception as error:  # noqa: BLE001 - the boundary: one file stops no other
        return [failure(code, error, place, product)]
