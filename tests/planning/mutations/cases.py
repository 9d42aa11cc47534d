"""Reads `cases.yaml`: edits of one document, with the level and the consumers given by hand.

The labels are data: nothing here judges a change.
"""

from __future__ import annotations

import functools
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mesh_platform.model.documents import parse_document
from mesh_platform.model.parsing import parse
from tests.planning.mutations.edits import Action, Document, Edit, EditError, edited

FOLDER = Path(__file__).parent
MESH = FOLDER / "mesh"
PRODUCT = "shop/orders"
FILES = {
    "orders": "domains/shop/products/orders/orders.odcs.yaml",
    "customers": "domains/shop/products/orders/customers.odcs.yaml",
    "product": "domains/shop/products/orders/product.odps.yaml",
}
_ACTIONS: tuple[Action, ...] = ("set", "add", "remove", "move")
Level = Literal["major", "minor", "patch", "none"]


@dataclass(frozen=True)
class Rewrite:
    """A change of the file's text, before it is read."""

    old: str
    new: str


@dataclass(frozen=True)
class Case:
    """One mutation and its labels; `same` says that the parsed document does not change."""

    name: str
    of: str
    edits: tuple[Edit, ...]
    rewrites: tuple[Rewrite, ...]
    level: Level
    consumers: tuple[str, ...]
    why: str
    producer: Level | None = None
    codes: tuple[str, ...] = ()
    same: bool = False

    def documents(self) -> tuple[Document, Document]:
        """The document before and after; they share nothing that can be changed."""
        text = (MESH / FILES[self.of]).read_text(encoding="utf-8")
        after = _parsed(self._rewritten(text), self.of)
        return deepcopy(_parsed(text, self.of)), edited(after, self.edits)

    def _rewritten(self, text: str) -> str:
        for rewrite in self.rewrites:
            if text.count(rewrite.old) != 1:
                raise EditError(f"{rewrite.old!r} occurs {text.count(rewrite.old)} times")
            text = text.replace(rewrite.old, rewrite.new)
        return text


def read_cases() -> tuple[Case, ...]:
    """All cases, in the order of the file."""
    path = FOLDER / "cases.yaml"
    entries, _ = parse(path.read_text(encoding="utf-8"), path.name)
    return tuple(_case(dict(entry)) for entry in entries)


@functools.cache
def _parsed(text: str, of: str) -> Document:
    return parse_document(text, FILES[of]).data


def _case(entry: dict[str, Any]) -> Case:
    edits = entry.pop("edits")
    return Case(
        name=entry.pop("case"),
        edits=tuple(_edit(edit) for edit in edits if "text" not in edit),
        rewrites=tuple(Rewrite(edit["text"], edit["to"]) for edit in edits if "text" in edit),
        consumers=tuple(entry.pop("consumers")),
        codes=tuple(entry.pop("codes", ())),
        **entry,
    )


def _edit(entry: dict[str, Any]) -> Edit:
    [action] = [action for action in _ACTIONS if action in entry]
    value = entry["to"] if action == "set" else entry.get("value")
    return Edit(action, entry[action], value, entry.get("to_index", 0))
