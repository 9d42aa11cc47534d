"""Who works in an environment right now, so that nobody drops it from under their feet.

Each process that writes leaves a locked mark in the environment's folder. The gate is one lock for
all environments: under it marks are set, and environments are dropped or come to read each other.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_GATE = "environments.lock"
_MARKS = "in_use"


@contextmanager
def gate(folder: Path) -> Iterator[None]:
    """Hold what is true of all environments below a folder; for moments only."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / _GATE):
        yield


@contextmanager
def in_use(home: Path) -> Iterator[None]:
    """Keep the environment in a folder from being dropped; it comes into being where needed."""
    with gate(home.parent):
        mark = home / _MARKS / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        mark.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(mark)
        lock.acquire()
    try:
        yield
    finally:
        with gate(home.parent):
            lock.release()
            _forget(mark)


def users(home: Path) -> list[int]:
    """Numbers of the processes that work in an environment; call it under the gate."""
    found = []
    for mark in sorted((home / _MARKS).glob("*-*")):
        try:
            FileLock(mark).acquire(timeout=0).lock.release()
        except Timeout:
            found.append(int(mark.name.split("-")[0]))
        else:
            _forget(mark)  # its process was killed
    return found


def _forget(mark: Path) -> None:
    """Leave no trace of a mark, nor of an environment in which nothing was made."""
    mark.unlink(missing_ok=True)
    with suppress(OSError):
        mark.parent.rmdir()
        mark.parent.parent.rmdir()
