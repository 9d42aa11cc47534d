"""Writes files that appear whole: under a private name first, then all at once.

`appears` is for the platform's own files, `delivered` for a file that a person names: what stands
at that name already stays what it is, also a link, a pipe or a device.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_PRIVATE = ".mesh-"


@contextmanager
def appears(path: Path) -> Iterator[Path]:
    """Give a private file to write; it takes its place by a rename when the block ends well.

    A file that is replaced passes its mode on. Two processes may do this at once: the last wins.

    Raises:
        OSError: the folder cannot be written.
    """
    with _private_folder(path.parent) as folder:
        private = folder / path.name
        yield private
        _to_disk(private)
        if path.exists():
            shutil.copymode(path, private)
        private.replace(path)


@contextmanager
def delivered(path: Path) -> Iterator[Path]:
    """Give a private file to write, whose content goes to a file of a person when all is well.

    A plain file is replaced, with its mode kept, also behind a link. Everything else is written
    through: a pipe, a device, a file with several names or of another owner.

    Raises:
        OSError: the file cannot be written.
    """
    place = _behind_links(path)
    if _may_be_replaced(place):
        with appears(place) as private:
            yield private
        return
    with _private_folder(None) as folder:
        private = folder / "answer"
        yield private
        with private.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


@contextmanager
def streamed(stream: BinaryIO) -> Iterator[Path]:
    """Give a private file to write, whose content goes to a stream when the block ends well."""
    with _private_folder(None) as folder:
        private = folder / "answer"
        yield private
        with private.open("rb") as source:
            shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of the platform; readers see the old content or the new one.

    Raises:
        OSError: it cannot be written.
    """
    with appears(path) as private:
        private.write_bytes(content)


def write_new(path: Path, content: bytes) -> None:
    """Write a file unless there is one; of several processes that try, one writes.

    Raises:
        OSError: it cannot be written.
    """
    if path.exists():
        return
    with _private_folder(path.parent) as folder:
        private = folder / path.name
        private.write_bytes(content)
        try:
            os.link(private, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            private.replace(path)


@contextmanager
def _private_folder(parent: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=_PRIVATE, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _behind_links(path: Path) -> Path:
    """The file that a link leads to; links of the system, as `/dev/stdout`, are no names of it."""
    of_system = path.absolute().as_posix().startswith(("/dev/", "/proc/"))
    return Path(os.path.realpath(path)) if path.is_symlink() and not of_system else path


def _may_be_replaced(path: Path) -> bool:
    """Whether a rename loses nothing: no file is there, or a plain one that is the user's alone."""
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return True
    if not stat.S_ISREG(seen.st_mode) or seen.st_nlink > 1 or seen.st_uid != os.geteuid():
        return False
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _to_disk(path: Path) -> None:
    """Flush a file: after a power cut a name must not stand for an empty file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
