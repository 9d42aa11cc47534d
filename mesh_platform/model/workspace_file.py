"""Reads `workspace.yaml`, the list of the code locations that Dagster shows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.files import read_text
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding

WORKSPACE_FILE = "workspace.yaml"
KEYS = frozenset(
    {"relative_path", "module_name", "package_name", "attribute"}
    | {"location_name", "working_directory", "executable_path"}
)
"""Keys of an entry that loads code; a test compares them with Dagster's."""
_LOADED = {
    "python_file": "relative_path",
    "python_module": "module_name",
    "python_package": "package_name",
    "autoload_defs_module": "module_name",
}


class _Entry(NamedTuple):
    """Hold what one code location is loaded from, and its name in Dagster."""

    loaded: str
    name: str
    unknown: tuple[str, ...]
    place: Place
    is_file: bool


class _Listed(NamedTuple):
    """Hold what Dagster loads, and every text of the list, in whatever form it is."""

    entries: tuple[_Entry, ...]
    texts: tuple[str, ...]


def unshown(root: Path, definitions: Path) -> MeshError | None:
    """Return why Dagster does not show a code location, and the way out; None where it does.

    Args:
        root: the mesh's folder.
        definitions: the file of the code location.
    """
    file, shown = root / WORKSPACE_FILE, definitions.relative_to(root).as_posix()
    line = f"`- python_file: {{relative_path: {shown}, location_name: {definitions.parent.name}}}`"
    if not file.exists():
        return MeshError("is not there", fix=f"write it: `load_from:`, and below it {line}")
    try:
        entries, texts = _read(root)
    except MeshError as error:
        return MeshError(f"cannot be read: {error.message}", place=error.place, fix=error.fix)
    if own := [each for each in entries if _is_at(root / each.loaded, definitions)]:
        return next(filter(None, (_fault(each, entries) for each in own)), None)
    if any(_is_at(root / each, definitions) for each in texts):  # a list in another form
        return None
    return MeshError("does not name it", fix=f"add below `load_from:` the line {line}")


def unloadable(root: Path) -> MeshError | None:
    """Return why Dagster refuses the whole list and shows no domain; None if it does not."""
    try:
        entries = _read(root).entries
    except MeshError as error:
        return error
    found = next(filter(None, (_fault(each, entries) for each in entries)), None)
    if found is None:
        return None
    return MeshError(f"{WORKSPACE_FILE} {found.message}", place=found.place, fix=found.fix)


def lost_locations(root: Path) -> Iterator[Finding]:
    """Warn of code locations whose file is gone: Dagster shows an error in their place."""
    try:
        entries = _read(root).entries
    except MeshError:
        return  # told where a domain looks for itself
    for entry in entries:
        if entry.is_file and not _is_there(root / entry.loaded):
            yield Finding(
                "domain.location",
                f"{WORKSPACE_FILE} names {entry.loaded}, which does not exist: Dagster shows an"
                " error in its place",
                entry.place,
                "remove the entry, or put the domain back",
                severity="warning",
            )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # in a folder that this user may not look into, which is told elsewhere


def _fault(entry: _Entry, entries: Sequence[_Entry]) -> MeshError | None:
    """Return why Dagster refuses an entry; of two with one name, the second is told."""
    if entry.unknown:
        return MeshError(
            f"has the key `{entry.unknown[0]}`, which Dagster does not know, and shows no domain",
            place=entry.place,
            fix=did_you_mean(entry.unknown[0], KEYS),
        )
    before = entries[: entries.index(entry)]
    twin = next((each for each in before if each.name == entry.name), None)
    if twin is None:
        return None
    return MeshError(
        f"gives two code locations the name `{entry.name}`, so that Dagster shows no domain",
        place=entry.place,
        fix=f"write `location_name: {Path(entry.loaded).parent.name or entry.loaded}`",
    )


def _is_at(path: Path, definitions: Path) -> bool:
    return os.path.normpath(path) == os.path.normpath(definitions)


def _read(root: Path) -> _Listed:
    return _listed(read_text(root / WORKSPACE_FILE, WORKSPACE_FILE))


@lru_cache(maxsize=1)
def _listed(text: str) -> _Listed:
    """Return what is loaded: every domain of a mesh asks for the same file."""
    document = parse_document(text, WORKSPACE_FILE)
    listed = document.data.get("load_from")
    found: list[_Entry] = []
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        for kind, key in _LOADED.items():
            value = item.get(kind) if isinstance(item, dict) else None
            said = value if isinstance(value, dict) else {key: value}
            if isinstance(said.get(key), str):
                name = said.get("location_name") or _usual_name(kind, said[key])
                unknown = tuple(word for word in said if word not in KEYS)
                place = document.place(("load_from", index))
                is_file = kind == "python_file"
                found.append(_Entry(said[key], str(name), unknown, place, is_file))
    return _Listed(tuple(found), tuple(_leaves(listed)))


def _usual_name(kind: str, loaded: str) -> str:
    """Return the name that Dagster gives to a code location without one."""
    return Path(loaded).name if kind == "python_file" else loaded


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
