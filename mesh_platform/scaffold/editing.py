"""Edits a YAML file that a person wrote: what is not changed keeps its bytes.

The file is read with comments, quotes and order (ruamel.yaml). Because no writer keeps every
layout, the edited file is not written anew: only the lines that an edit changes are put into the
old text, and the result is read back before it replaces the file. An edit that cannot be made so
is refused, never half made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import read_bytes
from mesh_platform.model.documents import Path, read_document
from mesh_platform.model.parsing import parse
from mesh_platform.scaffold.files import replace_file

if TYPE_CHECKING:
    from ruamel.yaml import YAML

_BOM = "\ufeff"


class EditedFile:
    """One file while it is edited; nothing is written before `save`."""

    def __init__(self, path: FilePath, shown: str) -> None:
        """Read the file.

        Args:
            path: the file.
            shown: its name in messages, relative to the mesh.

        Raises:
            MeshError: the file cannot be read.
        """
        self.path, self.shown = path, shown
        read_document(path, shown)
        self._found = read_bytes(path, shown)
        text = self._found.decode("utf-8")
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._bom = _BOM if text.startswith(_BOM) else ""
        self._text = text.removeprefix(_BOM).replace("\r\n", "\n")
        self._yaml = _round_trip(self._text)
        self._data = self._yaml.load(self._text)
        self._before = self._dump()

    def set(self, path: Path, value: Any) -> None:
        """Give a key or an entry of a list another value, or add the key.

        Raises:
            MeshError: what should hold the key is not there.
        """
        parent = self._at(path[:-1])
        old = parent[path[-1]] if _holds(parent, path[-1]) else None
        if isinstance(parent, list) and old is None:
            parent.append(value)
        else:
            parent[path[-1]] = _in_the_style_of(old, value)

    def insert(self, path: Path, value: Any) -> None:
        """Add an entry to a list, before the one that stands at its place.

        Raises:
            MeshError: the list is not there.
        """
        self._at(path[:-1]).insert(path[-1], value)

    def set_below(self, path: Path, value: Any, above: str) -> None:
        """Give a key another value, or add it right below another key of its mapping.

        Raises:
            MeshError: what should hold the keys is not there.
        """
        parent = self._at(path[:-1])
        if _holds(parent, path[-1]):
            self.set(path, value)
        else:
            keys = list(parent)
            parent.insert(keys.index(above) + 1 if above in keys else len(keys), path[-1], value)

    def remove(self, path: Path) -> None:
        """Take a key or an entry of a list away.

        Raises:
            MeshError: it is not there.
        """
        self._at(path)
        del self._at(path[:-1])[path[-1]]

    def _at(self, path: Path) -> Any:
        value = self._data
        for index, key in enumerate(path):
            if not _holds(value, key):
                said = ".".join(map(str, path[: index + 1]))
                raise MeshError(f"there is no `{said}` to edit", place=Place(self.shown))
            value = value[key]
        return value

    def text(self) -> str:
        """The edited text.

        Raises:
            MeshError: the edit cannot be made without changing other lines.
        """
        old, after = self._text.splitlines(keepends=True), self._dump()
        lines = _transplanted(old, self._before, after)
        text = "".join(lines) if lines is not None else None
        if text is None or not self._says(text, "".join(after)):
            raise MeshError(
                "the edit cannot be made without writing other lines anew",
                place=Place(self.shown),
                fix="make the change by hand",
            )
        return self._bom + text.replace("\n", self._newline)

    def _says(self, text: str, wanted: str) -> bool:
        """Whether a text means what it should, or can be read at all."""
        try:
            return bool(parse(text, self.shown)[0] == parse(wanted, self.shown)[0])
        except MeshError:
            return False

    def save(self) -> None:
        """Replace the file in one step.

        Raises:
            MeshError: the edit cannot be made, or someone else changed the file meanwhile.
        """
        content = self.text().encode("utf-8")
        if read_bytes(self.path, self.shown) != self._found:
            raise MeshError(
                "the file was changed while it was edited",
                place=Place(self.shown),
                fix="run the command again",
            )
        replace_file(self.path, content)
        self._found = content

    def _dump(self) -> list[str]:
        out = io.StringIO()
        self._yaml.dump(self._data, out)
        return out.getvalue().splitlines(keepends=True)


def _round_trip(text: str) -> YAML:
    """A reader and writer that comes closest to the layout of the text."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.allow_duplicate_keys = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    if any(line.startswith("- ") for line in text.splitlines()):
        yaml.indent(mapping=2, sequence=2, offset=0)
    return yaml


def _holds(parent: Any, key: str | int) -> bool:
    if isinstance(parent, list):
        return isinstance(key, int) and key < len(parent)
    return isinstance(parent, dict) and key in parent


def _in_the_style_of(old: Any, value: Any) -> Any:
    """A text keeps the quotes of the text that it replaces."""
    from ruamel.yaml.scalarstring import ScalarString

    return type(old)(value) if isinstance(old, ScalarString) and isinstance(value, str) else value


def _transplanted(old: list[str], before: list[str], after: list[str]) -> list[str] | None:
    """Make in `old` the changes from `before` to `after`; None where they have no place there."""
    home = dict(_homes(before, old))
    lines, shift = list(old), 0
    for kind, first, last, start, end in _changes(before, after):
        if kind == "equal":
            continue
        inside = [home.get(index) for index in range(first, last)]
        at = home.get(first, len(old) if first == len(before) else None)
        if at is None or inside != list(range(at, at + last - first)):
            return None
        lines[at + shift : at + shift + last - first] = after[start:end]
        shift += (end - start) - (last - first)
    return lines


def _homes(before: list[str], old: list[str]) -> Iterator[tuple[int, int]]:
    """Where the lines as written anew stand in the file; lines laid out otherwise pair up."""
    for _, first, last, start, end in _changes(before, old):
        if last - first == end - start:
            yield from zip(range(first, last), range(start, end), strict=True)


def _changes(one: list[str], other: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
