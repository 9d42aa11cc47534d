"""References between columns, read from the two notations that the contract standard has.

The short one names things, `table.column`; the full one follows their ids,
`schema/<id>/properties/<id>`, and may begin with another contract's file. Who means what is
looked up elsewhere.
"""

from __future__ import annotations

from typing import Any

from mesh_platform.errors import Place
from mesh_platform.model.frozen import Frozen


class Reference(Frozen):
    """One column that a relationship names: table first, then column, then columns inside it."""

    text: str
    parts: tuple[str, ...]
    file: str | None = None

    @property
    def by_id(self) -> bool:
        """Whether the parts are ids; names otherwise."""
        return "/" in self.text


class Relationship(Frozen):
    """A foreign key; `source` is empty where it is written at its column."""

    source: tuple[Reference, ...]
    target: tuple[Reference, ...]
    place: Place


def read_relationship(entry: dict[str, Any], place: Place) -> Relationship:
    """Read one entry of a `relationships` list that the standard's schema accepts."""
    return Relationship(
        source=_references(entry.get("from")), target=_references(entry.get("to")), place=place
    )


def read_reference(text: str) -> Reference:
    """Read one reference in either notation."""
    file, _, path = text.rpartition("#")
    if "/" not in path:
        return Reference(text=text, parts=tuple(path.split(".")))
    steps = path.strip("/").split("/")
    return Reference(text=text, parts=tuple(steps[1::2]), file=file or None)


def _references(value: str | list[str] | None) -> tuple[Reference, ...]:
    texts = [value] if isinstance(value, str) else value or []
    return tuple(map(read_reference, texts))
