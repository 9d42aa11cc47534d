"""Installs the dbt packages of a domain, for one state of its files once, one process at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from mesh_platform.files import read_bytes, text_of
from mesh_platform.whole_files import write_whole

_NAMED_IN = ("packages.yml", "dependencies.yml")
_INSTALLED = "dbt_packages"
_MARK = ".installed"


def install(folder: Path, lock: Path, deps: Callable[[], None]) -> None:
    """Bring a project's packages to what its files name; nobody goes on with half of them.

    A mark with the digest of these files is written last: without it, or with another digest, what
    is there is half an installation, or that of other files.

    Args:
        folder: the project.
        lock: file that all processes lock which read this project, in whichever environment.
        deps: runs `dbt deps`, which empties the folder of packages and fills it.
    """
    if not any((folder / name).exists() for name in _NAMED_IN):
        return
    mark = folder / _INSTALLED / _MARK
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        wanted = _digest(folder)
        if not mark.is_file() or text_of(mark) != wanted.decode():
            deps()
            mark.parent.mkdir(exist_ok=True)
            write_whole(mark, wanted)


def _digest(folder: Path) -> bytes:
    found = [read_bytes(path) for name in _NAMED_IN if (path := folder / name).exists()]
    return hashlib.sha256(b"\0".join(found)).hexdigest().encode()
