"""YAML read with the position of every value, so that each finding can name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from mesh_platform.errors import MeshError, Place

Key = str | int
Path = tuple[Key, ...]


class _Loader(yaml.CSafeLoader):
    """libyaml's loader without dates: the standards' schemas want them as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its data, its text, and where each value stands."""

    file: str
    text: str
    data: dict[str, Any]
    places: dict[Path, Place]

    def place(self, path: Path = ()) -> Place:
        """Position of the value at `path`, or of the closest value around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1))


def read_document(path: FilePath, shown: str) -> Document:
    """Read a YAML file whose top level is a mapping.

    Args:
        path: the file.
        shown: its name in messages, relative to the mesh.

    Raises:
        MeshError: the file is missing, unreadable, not UTF-8, not YAML or not a mapping.
    """
    text = _read_text(path, shown)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
        raise MeshError(f"not valid YAML: {error.problem}", place=place) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MeshError(f"not valid YAML: {error}", place=Place(shown)) from error
    if not isinstance(data, dict) or node is None:
        raise MeshError(
            "the file must hold `key: value` pairs at its top level", place=Place(shown, 1)
        )
    return Document(shown, text, data, dict(_places(node, shown, ())))


def _read_text(path: FilePath, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MeshError("the file does not exist", place=Place(shown)) from error
    except UnicodeDecodeError as error:
        raise MeshError("the file is not UTF-8", place=Place(shown)) from error
    except OSError as error:
        raise MeshError(f"cannot be read: {error.strerror}", place=Place(shown)) from error


def _places(node: yaml.Node, file: str, path: Path) -> Iterator[tuple[Path, Place]]:
    """Walk the node tree; a mapping's entry is placed at its key, where people look."""
    if not path:
        yield path, Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        _refuse_repeated_keys(node, file)
        children = [((*path, str(key.value)), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [((*path, index), value, value) for index, value in enumerate(node.value)]
    else:
        return
    for child_path, marked, value in children:
        yield child_path, Place(file, marked.start_mark.line + 1, marked.start_mark.column + 1)
        yield from _places(value, file, child_path)


def _refuse_repeated_keys(node: yaml.MappingNode, file: str) -> None:
    """YAML keeps the last of two equal keys and says nothing; a promise must not vanish so."""
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
            place = Place(file, key.start_mark.line + 1, key.start_mark.column + 1)
            raise MeshError(
                f"the key `{key.value}` stands here twice", place=place, fix="remove one of them"
            )
        seen.add(key.value)
