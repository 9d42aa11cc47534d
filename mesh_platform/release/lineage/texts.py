"""Reads the text of a file of a dbt project, as far as it is one."""

from __future__ import annotations

from pathlib import Path

from mesh_platform.errors import MeshError


def text_of(path: Path) -> str:
    """The text of a file; what is no UTF-8 in it stays as signs that no SQL has."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise MeshError(f"{path} cannot be read: {error.strerror}") from error
