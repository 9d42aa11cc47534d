"""A change as a value: what changed, where, and how much it matters to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesh_platform.contract_diff.documents import Difference


class Level(IntEnum):
    """Which number of the version must say a change; the greater, the more it breaks."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The level as people and files write it."""
        return self.name.lower()


class Kind(StrEnum):
    """What happened to one value of a document."""

    ADD = "ADD"
    REMOVE = "REMOVE"
    CHANGE = "CHANGE"
    MOVE = "MOVE"


@dataclass(frozen=True, slots=True)
class Change:
    """One judged change between two versions of a document.

    `level` is for consumers: what the version must say. `producer` is for the makers: MAJOR where
    data that kept the promise before may break it now. `columns` are the promised columns that it
    concerns, dotted where nested, as consumers read them; empty means the port as a whole.
    `renamed` is the column that a removed one seems to be called now. `spot` is the path in the new
    document, keys and positions, of the value or of the closest one around it. `differences` are
    those of the documents that it stands for: `documents.apply` makes the new document of the old
    one and those of all changes, but for the version.
    """

    code: str
    kind: Kind
    path: str
    level: Level
    producer: Level
    before: Any
    after: Any
    why: str
    columns: tuple[str, ...] = ()
    message: str = ""
    renamed: str = ""
    spot: tuple[str | int, ...] = field(default=(), compare=False)
    differences: tuple[Difference, ...] = field(default=(), compare=False, repr=False)


def in_words(change: Change) -> str:
    """The one line that a person reads: ``column `discount` is removed``."""
    return change.message or f"{change.path} changes"


def highest(levels: tuple[Level, ...]) -> Level | None:
    """The greatest of several levels; None where nothing changed."""
    return max(levels, default=None)
