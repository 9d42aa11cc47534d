"""The one way in which files of the repository are written: whole, or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from mesh_platform.errors import MeshError, Place


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that no reader sees half of it.

    A file that exists keeps its mode; where the path is a link, the file behind it is replaced.

    Raises:
        MeshError: the folder does not let itself be written to, or is full.
    """
    try:
        _replace(path, content)
    except OSError as error:
        said = f"cannot be written: {error.strerror or error}"
        fix = "make room for it and its folder writable, then run the command again"
        raise MeshError(said, place=Place(str(path)), fix=fix) from error


def _replace(path: Path, content: bytes) -> None:
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with beside.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if target.exists():
                beside.chmod(target.stat().st_mode)
            os.replace(beside, target)
        except BaseException:
            beside.unlink()
            raise
