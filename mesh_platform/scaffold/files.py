"""The one way in which files of the repository are written: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.whole_files import delivered


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that no reader sees half of it.

    A file that exists keeps its mode; where the path is a link, the file behind it is written.

    Raises:
        MeshError: the folder does not let itself be written to, or is full.
    """
    try:
        with delivered(path) as private:
            private.write_bytes(content)
    except OSError as error:
        said = f"cannot be written: {error.strerror or error}"
        fix = "make room for it and its folder writable, then run the command again"
        raise MeshError(said, place=Place(str(path)), fix=fix) from error
