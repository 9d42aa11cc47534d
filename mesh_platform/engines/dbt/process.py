"""dbt in a process of its own: it reads the next project while this process verifies a product.

dbt keeps global state, so the process does one thing at a time; it imports dbt while its parent
imports what it needs itself, and ends when the parent does, however that went.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import TypeVar

from mesh_platform.engines.dbt.runner import DbtHere, DbtPlaces, NodeResult
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.processes import serve_only
from mesh_platform.errors import MeshError

Answer = TypeVar("Answer")


class DbtProcess:
    """The process; projects that are expected are read whenever nothing else is asked of it."""

    def __init__(self) -> None:
        self._start()
        self._expected: list[DbtPlaces] = []
        self._read: dict[DbtPlaces, Future[None]] = {}
        self._lock = threading.Lock()

    def expect(self, places: Iterable[DbtPlaces]) -> None:
        """Name the projects that will be asked for, in this order."""
        with self._lock:
            self._expected = list(places)
        self._read_ahead()

    def parse(self, places: DbtPlaces) -> None:
        """Read a project, unless it was read ahead; see `Dbt.parse`."""
        with self._lock:
            ahead = self._read.pop(places, None)
            if ahead is None and places in self._expected:
                self._expected.remove(places)
        self._answer(lambda: ahead or self._pool.submit(_parse, places))

    def build(
        self, places: DbtPlaces, paths: Iterable[str], words: EngineWords, *, full: bool = False
    ) -> tuple[NodeResult, ...]:
        """Build folders of a project; see `Dbt.build`."""
        try:
            return self._answer(
                lambda: self._pool.submit(_build, places, tuple(paths), words, full)
            )
        finally:
            self._read_ahead()

    def close(self, *, at_once: bool) -> None:
        """End the process, or kill it where nobody waits for what it does."""
        self._expected = []
        if at_once:
            with contextlib.suppress(Exception):  # whatever it is, the first cause is told
                os.kill(self._number.result(), signal.SIGKILL)
        self._pool.shutdown(cancel_futures=True)

    def _answer(self, ask: Callable[[], Future[Answer]]) -> Answer:
        try:
            return ask().result()
        except BrokenProcessPool as error:
            with self._lock:
                self._read = {}
                self._start()
            raise MeshError(
                "the process that runs dbt has ended before it could answer",
                fix="build again; if it happens again, look for a model that needs more memory",
            ) from error

    def _read_ahead(self) -> None:
        with self._lock:
            if self._expected:
                places = self._expected[0]
                with contextlib.suppress(BrokenProcessPool):  # the next question starts it again
                    self._read[places] = self._pool.submit(_parse, places)
                    del self._expected[0]

    def _start(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=serve_only)
        self._number = self._pool.submit(_import_dbt)


@cache
def _dbt() -> DbtHere:
    """Return what the process has read so far."""
    return DbtHere()


def _import_dbt() -> int:
    """Number of the process, once it is ready."""
    import dbt.cli.main  # noqa: F401

    return os.getpid()


def _parse(places: DbtPlaces) -> None:
    _dbt().parse(places)


def _build(
    places: DbtPlaces, paths: tuple[str, ...], words: EngineWords, full: bool
) -> tuple[NodeResult, ...]:
    return _dbt().build(places, paths, words, full=full)
