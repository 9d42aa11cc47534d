"""Reads the files of a mesh: the only module that does.

It refuses anything but a regular file of limited size, after following links. A named pipe would
keep a command waiting, and megabytes of YAML would fill its memory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from mesh_platform.errors import MeshError, Place

LARGEST = 2_000_000
"""Largest size of a contract, a model or a list of waivers, in bytes."""
UNREADABLE = "\ufdd0"
"""Marks text that cannot be read; a noncharacter, which text written by people never contains."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def resolved(path: str | Path) -> Path:
    """Return the absolute path behind all links; keep links that lead to each other as they are.

    `Path.resolve` raises RuntimeError on such links, which no caller takes for a missing file. A
    name that no file can have is kept as it is, too.
    """
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        return Path(path)


def read_bytes(path: Path, shown: str | None = None, *, most: int | None = LARGEST) -> bytes:
    """Return the content of a file.

    Args:
        path: the file.
        shown: its name in messages; without it, the path.
        most: how large it may be; None where it may hold data.

    Raises:
        MeshError: it is missing, is no file, cannot be read, or is too large.
    """
    shown = shown or str(path)
    with _opened(path, shown) as handle:
        content = handle.read(-1 if most is None else most + 1)
    if most is not None and len(content) > most:
        raise MeshError(
            f"the file is larger than {most // 1_000_000} MB",
            place=Place(shown),
            fix="a file of a mesh is written by people: move data into an input port's file",
        )
    return content


def read_text(path: Path, shown: str | None = None) -> str:
    """Return the text of a file, with line feeds as line ends.

    Raises:
        MeshError: as for `read_bytes`, or it is not UTF-8.
    """
    content = read_bytes(path, shown)
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].split(b"\n")
        place = Place(shown or str(path), len(before), len(before[-1]) + 1)
        raise MeshError(
            "the file is not UTF-8", place=place, fix="save it with the encoding UTF-8"
        ) from error


def text_of(path: Path) -> str:
    """Return the text of a file that another program reads, or that may be missing; never fail.

    Return an empty text for a missing file, and `UNREADABLE` for one that cannot be read. Append
    `UNREADABLE` to a text that is not UTF-8. Leave out the byte-order mark of some editors.
    """
    try:
        content = read_bytes(path)
    except MeshError:
        return UNREADABLE if os.path.lexists(path) else ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="replace") + UNREADABLE
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file of any size.

    Raises:
        MeshError: it is missing, is no file, or cannot be read.
    """
    return hashlib.sha256(read_bytes(path, most=None)).hexdigest()


def seen_from(root: Path, path: Path) -> str:
    """Return the path of a file as messages give it: from the mesh's root, with slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def files_under(folder: Path) -> list[Path]:
    """Return the files in a folder and below it, sorted; none if there is no such folder."""
    try:
        found = [f"{home}/{name}" for home, _, names in os.walk(folder) for name in names]
    except ValueError:  # a name that no file can have
        return []
    return [Path(name) for name in sorted(found, key=_steps) if os.path.isfile(name)]


def _steps(name: str) -> list[str]:
    """Return what paths are sorted by; to compare paths as objects takes ten times as long."""
    return name.split("/")


def _opened(path: Path, shown: str) -> BinaryIO:
    """Open a regular file; check its kind first, because opening a device can have effects."""
    place, fix = Place(shown), "put a file that can be read in its place, or remove it"
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
        if kind == stat.S_IFREG:
            return open(path, "rb", opener=_at_once)
    except FileNotFoundError as error:
        raise MeshError("the file does not exist", place=place) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise MeshError(f"cannot be read: {said}", place=place, fix=fix) from error
    raise MeshError(f"cannot be read: it is {_KINDS.get(kind, 'no file')}", place=place, fix=fix)


def _at_once(path: str, flags: int) -> int:
    """Open a file without blocking, in case a pipe has replaced it after the check of its kind."""
    return os.open(path, flags | os.O_NONBLOCK)


def is_leftover(name: str) -> bool:
    """Tell whether a file is what an editor or a Mac leaves beside the one that is meant."""
    return name.startswith((".", "#", "~"))


def may_write(path: Path) -> bool:
    """Tell whether this user may write a file, or into a folder."""
    return _may(path, os.W_OK)


def is_file(path: Path) -> bool:
    """Tell whether a file exists; return False, not an error, where this user may not look."""
    return os.path.isfile(path)  # `Path.is_file` raises PermissionError


def strangeness(path: Path) -> str | None:
    """Return why a path is neither file nor folder, or cannot be examined; None if it is one."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        return "is a link that leads nowhere, not a file"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if kind not in (stat.S_IFREG, stat.S_IFDIR):
        return f"is {_KINDS.get(kind, 'no file')}, not a file"
    return None


def closed(path: Path) -> str | None:
    """Return why this user cannot read a file or list a folder; None if nothing prevents it."""
    asked = os.R_OK | (os.X_OK if path.is_dir() else 0)
    return None if _may(path, asked) else f"cannot be read: {os.strerror(errno.EACCES)}"


def _may(path: Path, asked: int) -> bool:
    """Ask for the user whose rights count, where the system can tell."""
    return os.access(path, asked, effective_ids=os.access in os.supports_effective_ids)
