"""Keeps the values of variables out of what the platform says: each stands there as `${NAME}`.

What fills a variable names its value here, and whatever leaves is looked through: errors, findings
and results of checks where they are made, answers where they are printed. A value that everybody
may know is none of these: one shorter than `SHORTEST`, and one that the files say themselves.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

SHORTEST = 6
"""Characters of a value that is kept back everywhere; a shorter one would hide other words."""
_SHORTEST_PART = 12
"""Characters of a word inside a value that is kept back: SQL takes a value apart into words."""


class Redactor:
    """The values that this process has filled in, and how they stand in the files."""

    def __init__(self) -> None:
        self.forget()

    def conceal(self, value: str, written: str) -> None:
        """Note a value, and what is said in its place."""
        if len(value) < SHORTEST or value in self._written:
            return
        quoted = {json.dumps(value)[1:-1], html.escape(value), quote(value), repr(value)[1:-1]}
        parts = {part for part in re.split(r"\W+", value) if len(part) >= _SHORTEST_PART}
        words = {form for word in {value, *parts} for form in (word, word.lower(), word.upper())}
        for form in quoted | words:
            self._written.setdefault(form, written)
        self._made()

    def publish(self, words: Iterable[str]) -> None:
        """Note words that everybody may know: names of the mesh."""
        self._public |= frozenset(words)
        self._made()

    def forget(self) -> None:
        """Know nothing, as at the start."""
        self._written: dict[str, str] = {}
        self._public: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def clean(self, text: str) -> str:
        """A text without the values."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._written[found[0]], text)

    def _made(self) -> None:
        secret = sorted(self._written.keys() - self._public, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, secret))) if secret else None


REDACTOR = Redactor()
"""Of this process: every exit asks it, and no caller has to think of it."""
conceal, publish, redacted = REDACTOR.conceal, REDACTOR.publish, REDACTOR.clean


def redacted_data(data: Any) -> Any:
    """The same of everything that is text in an answer for programs."""
    if isinstance(data, str):
        return redacted(data)
    if isinstance(data, Mapping):
        return {redacted_data(key): redacted_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [redacted_data(value) for value in data]
    return data
