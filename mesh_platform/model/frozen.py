"""The base of everything that is promised: frozen, and a key nobody knows is an error."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


class Frozen(BaseModel):
    """Immutable data; the standards' camelCase lives in aliases only."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
    )


_PLACEHOLDERS = ("NAME", "ADDRESS")
"""What the platform's own advice puts where people write something."""


def _in_words(said: str) -> str:
    """An entry that was copied and not filled in says nothing."""
    if said in _PLACEHOLDERS or not any(letter.isalnum() for letter in said):
        raise PydanticCustomError("no_words", "says nothing; write it in words")
    return said


InWords = Annotated[str, AfterValidator(_in_words)]
"""A text that somebody has written."""
