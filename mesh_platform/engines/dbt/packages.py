"""Installs the dbt packages of a domain, for one state of its files once, one process at a time.

dbt installs a local package as a link with an absolute path. In a copy of the mesh such a link
leads into the original, so links are made relative, and one that leads astray is made anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock

from mesh_platform.files import read_bytes, resolved, text_of
from mesh_platform.model.dbt_project import PACKAGE_FILES, PACKAGE_LOCK, read_project
from mesh_platform.model.parsing import loaded
from mesh_platform.whole_files import write_whole

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
    if not any((folder / name).exists() for name in PACKAGE_FILES):
        return
    installed = read_project(folder, os.environ).installed
    mark = installed / _MARK
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        wanted = _digest(folder)
        if text_of(mark) != wanted.decode() or not _stands(folder, installed):
            deps()
            installed.mkdir(exist_ok=True)
            _shorten(installed)
            write_whole(mark, wanted)


def _digest(folder: Path) -> bytes:
    found = [read_bytes(path) for name in PACKAGE_FILES if (path := folder / name).exists()]
    return hashlib.sha256(b"\0".join(found)).hexdigest().encode()


def _stands(folder: Path, installed: Path) -> bool:
    """Tell whether links lead to folders here, and each local package is a link to its own."""
    here = all(link.is_dir() and not link.readlink().is_absolute() for link in _links(installed))
    wanted = _wanted(folder, installed)
    return here and all(link.is_symlink() and resolved(link) == home for link, home in wanted)


def _wanted(folder: Path, installed: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the link and the folder of each local package that dbt has noted in its lock file."""
    noted = loaded(text_of(folder / PACKAGE_LOCK))
    packages = noted.get("packages") if isinstance(noted, dict) else None
    for entry in packages if isinstance(packages, list) else ():
        if isinstance(entry, dict) and "local" in entry and "name" in entry:
            yield installed / str(entry["name"]), resolved(folder / str(entry["local"]))


def _shorten(installed: Path) -> None:
    """Make links relative, so that they lead to the same place of a copied or renamed mesh."""
    for link in _links(installed):
        home = os.path.relpath(resolved(link), resolved(installed))
        link.unlink()
        link.symlink_to(home)


def _links(installed: Path) -> list[Path]:
    return [path for path in installed.iterdir() if path.is_symlink()]
