"""YAML files with the position of every value, so that each finding can name file and line."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import read_text
from mesh_platform.model.parsing import Spot, parse

Key = str | int
QUOTE_COMMA = "between `{` and `}` a comma ends a text: put the whole text in quotes"
Path = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Hold one YAML file: its data, its text, and where each value stands.

    `moved` maps a path of `data` to the path at which the file has it, where a reader has given
    a key another name.
    """

    file: str
    text: str
    data: dict[str, Any]
    spots: Spot = field(repr=False)
    moved: dict[Path, Path] = field(default_factory=dict)

    def place(self, path: Path = ()) -> Place:
        """Return the position of the value at `path`, or of the closest value around it."""
        spot = self.spots
        for key in self._in_file(path):
            held = spot.held
            if held is None or key not in held:
                break
            spot = held[key]
        return Place(self.file, spot.mark.line + 1, spot.mark.column + 1)

    def ends_at_comma(self, path: Path) -> bool:
        """Tell whether a key is what a comma has cut off a text, as `two` in `{a: one, two}`."""
        at, key = self.place(path), str(path[-1])
        line, column = (at.line or 1) - 1, (at.column or 1) - 1
        rest = self.text.split("\n")[line][column:]
        return rest.startswith(key) and not rest[len(key) :].lstrip().startswith(":")

    def written(self, path: Path) -> str | None:
        """Return a value as the file has it where YAML reads it as another type than text.

        `NO` is false to YAML, and `1.10` the number 1.1.
        """
        node: Any = _composed(self.text)
        for key in self._in_file(path):
            node = _inside(node, key)
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        return node.value if plain and isinstance(node.value, str) else None

    def _in_file(self, path: Path) -> Path:
        for length in range(len(path) if self.moved else 0, 0, -1):
            if path[:length] in self.moved:
                return (*self.moved[path[:length]], *path[length:])
        return path


@functools.lru_cache(maxsize=4)
def _composed(text: str) -> yaml.Node | None:
    """Return the nodes of a text that has been parsed before; only what is wrong needs them."""
    return yaml.compose(text, yaml.CSafeLoader)


def _inside(node: Any, key: str | int) -> Any:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
        return node.value[key] if key < len(node.value) else None
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if getattr(name, "value", None) == key), None)


def read_document(path: FilePath, shown: str) -> Document:
    """Read a YAML file whose top level is a mapping.

    Args:
        path: the file.
        shown: its name in messages, relative to the mesh.

    Raises:
        MeshError: the file is missing, unreadable, not UTF-8, not YAML or not a mapping.
    """
    return parse_document(read_text(path, shown), shown)


def parse_document(text: str, shown: str) -> Document:
    """Read YAML text whose top level is a mapping.

    Raises:
        MeshError: it is not YAML, or not a mapping.
    """
    data, spots = parse(text, shown)
    if not isinstance(data, dict):
        raise MeshError(
            "the file must hold `key: value` pairs at its top level", place=Place(shown, 1)
        )
    return Document(shown, text, data, spots)
