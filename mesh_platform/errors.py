"""Define the errors of the platform: each says what is wrong, where, and how to go on.

Every error the platform raises on purpose is a `MeshError`. Attributes carry the facts; the
sentence is built from them in one place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.redaction import redacted
from mesh_platform.visible import visible

_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Hold a position in a file that a person edits; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Write the place as editors understand it: `file:line:column`."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


class MeshError(Exception):
    """Raised if the tool could not do its job (exit code 2).

    Args:
        message: what went wrong, one sentence.
        place: where to look.
        fix: what to do next, an imperative sentence or a command.
    """

    exit_code = 2

    def __init__(self, message: str, *, place: Place | None = None, fix: str | None = None) -> None:
        self.message = redacted(message)
        super().__init__(self.message)
        self.place = place
        self.fix = redacted(fix) if fix else fix

    def __str__(self) -> str:
        """Lay the error out as it is shown: what, where, way out."""
        lines = [self.message]
        if self.place:
            lines.append(f"  at: {self.place}")
        if self.fix:
            lines.append("  try: " + self.fix.replace("\n", "\n    "))
        return visible("\n".join(lines))


class LogError(MeshError):
    """Raised if a Delta log cannot be read."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"the Delta log of {folder} cannot be read: {why}", fix="mesh doctor --deep"
        )


class PromiseBrokenError(MeshError):
    """Raised if the mesh breaks a promise or a policy (exit code 1)."""

    exit_code = 1


class UnknownNameError(MeshError):
    """Raised for a name that nothing carries; suggests the closest ones."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, place: Place | None = None
    ) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        super().__init__(
            f"no {kind} is called `{name}`", place=place, fix=did_you_mean(name, self.known)
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the closest known names, or show at most five of them."""
    names = sorted(known)
    close = near(name, names, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(f"`{match}`" for match in close) + "?"
    if not names:
        return "there is none yet"
    return f"known: {listed([f'`{known_name}`' for known_name in names])}"


def near(name: str, known: Sequence[str], *, cutoff: float) -> list[str]:
    """Return at most three names that are like one: of the same words, or of the same letters."""
    parts = _parts(name)
    same = [each for each in known if parts and _parts(each) == parts]
    return same[:3] or difflib.get_close_matches(name, known, n=3, cutoff=cutoff)


def _parts(name: str) -> list[str]:
    """Return the words of a name in one order, as `net_amount` may be called `amount_net`."""
    return sorted(_PART.findall(name.lower()))


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return the first names, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def several(number: int, noun: str, plural: str = "") -> str:
    """Format a number with its noun: `1 release`, `2 releases`; `plural` is for irregular nouns."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
