"""Do a piece of work in a process of its own, while this one goes on with another.

The process is a fork: it sees everything that is loaded, and what it returns is sent back. Python's
threads would take turns instead.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

T = TypeVar("T")
A_HANDFUL = 4
"""Up to so many products, looking at their files takes less than starting a process for it."""


class Meanwhile(Generic[T]):
    """Work that has begun; a process that fails leaves it to be done here, error and all.

    Args:
        work: what to do; it only looks, and returns a plain value.
        pays: whether it takes longer than to start a process; else it waits to be done here.
    """

    def __init__(self, work: Callable[[], T], *, pays: bool = True) -> None:
        self._work = work
        self._begun = _begun(work) if pays and processors() > 1 and _alone() else None

    def result(self) -> T:
        """Wait for the work, and return its result.

        Raises:
            Exception: whatever the work raises.
        """
        if self._begun is None:
            return self._work()
        process, reading = self._begun
        try:
            found: T = reading.recv()
        except (EOFError, OSError):  # it ended before, or while, it answered
            return self._work()
        finally:
            reading.close()
            process.join()
        return found


def processors() -> int:
    """Return how many processors this process may use; 1 where it cannot fork."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _alone() -> bool:
    """Tell whether this process has one thread; a fork leaves the locks of others closed."""
    return threading.active_count() == 1


def _begun(work: Callable[[], object]) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("fork")
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, writing), daemon=True)
    process.start()
    writing.close()
    return process, reading


def _send(work: Callable[[], object], writing: Connection) -> None:
    gc.disable()
    try:
        writing.send(work())
    except Exception:  # noqa: BLE001 - nothing sent: then it is done, and raises, where it is awaited
        writing.close()
