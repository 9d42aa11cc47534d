"""How far a column is protected: the order of the words for it, and whether data is personal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

RANKS = {
    "public": 0,
    "internal": 1,
    "confidential": 2,
    "sensitive": 2,
    "restricted": 3,
}
"""Words of `classification`, the least protected first; another word has no rank."""
HIGHEST = "restricted"


def rank(word: Any) -> int | None:
    """Place of a word in the order; None for one that nobody knows."""
    return RANKS.get(str(word).strip().lower())


@dataclass(frozen=True, slots=True)
class Protection:
    """What a contract says of a column, or of several that are looked at together."""

    words: frozenset[str] = frozenset()
    personal: bool = False

    def covers(self, other: Protection) -> bool:
        """Whether values that are protected like `other` are protected as well under this.

        A word that nobody knows is covered by itself and by the highest, and covers nothing else.
        """
        if other.personal and not self.personal:
            return False
        return all(self._reaches(word) for word in other.words)

    def _reaches(self, word: str) -> bool:
        if word in self.words or HIGHEST in self.words:
            return True
        asked = RANKS.get(word)
        return asked == 0 or (
            asked is not None and any(RANKS.get(each, 0) >= asked for each in self.words)
        )

    def __str__(self) -> str:
        """Say it as people do: `restricted`, personal data."""
        ranked = sorted(self.words, key=lambda word: -RANKS.get(word, len(RANKS)))
        said = [f"`{ranked[0]}`"] if ranked else []
        return ", ".join([*said, *(["personal data"] if self.personal else [])])


def joined(parts: Iterable[Protection]) -> Protection:
    """Protection of several columns together."""
    found = list(parts)
    words = frozenset(word for each in found for word in each.words)
    return Protection(words, any(each.personal for each in found))
