"""Reads `workspace.yaml`, the list of the code locations that Dagster shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from mesh_platform.errors import MeshError
from mesh_platform.files import read_text
from mesh_platform.model.documents import parse_document

WORKSPACE_FILE = "workspace.yaml"


def unshown(root: Path, definitions: Path) -> MeshError | None:
    """Why Dagster does not show a code location, and the way out; None where it does.

    Args:
        root: the mesh's folder.
        definitions: the file of the code location.
    """
    file, shown = root / WORKSPACE_FILE, definitions.relative_to(root).as_posix()
    line = f"`- python_file: {{relative_path: {shown}, location_name: {definitions.parent.name}}}`"
    if not file.exists():
        return MeshError("is not there", fix=f"write it: `load_from:`, and below it {line}")
    try:
        named = _texts(read_text(file, WORKSPACE_FILE))
    except MeshError as error:
        return MeshError(f"cannot be read: {error.message}", place=error.place, fix=error.fix)
    if os.path.normpath(definitions) in {os.path.normpath(root / text) for text in named}:
        return None
    return MeshError("does not name it", fix=f"add below `load_from:` the line {line}")


@lru_cache(maxsize=1)
def _texts(text: str) -> frozenset[str]:
    """All that is written below `load_from`: every domain of a mesh asks for the same file."""
    return frozenset(_leaves(parse_document(text, WORKSPACE_FILE).data.get("load_from")))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
