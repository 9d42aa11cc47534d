"""Runs work in another process that can be killed: a helper, or a fork.

A helper is a fresh interpreter that ends with this process. A fork copies the locks of other
threads but not the threads, so a process with several threads asks a helper. Requests are pickled,
because they come from this program. Answers are bytes, and the caller decides how to decode them.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, Protocol

Answer = Callable[[bytes], None]
Serve = Callable[[Any, Answer], None]
_ANY_WORK = "mesh_platform.helper_main"


class HelperGoneError(Exception):
    """Raised if the helper or fork ended before it answered."""


class HelperLateError(Exception):
    """Raised if the helper or fork did not answer in time."""


class Helper:
    """Keep one helper: start it at the first request, and again if it has ended.

    Args:
        module: what the fresh interpreter runs; it calls `serve` with its first argument.
    """

    def __init__(self, module: str) -> None:
        self.lock = threading.RLock()
        """Held by a caller from its request until the last answer has come."""
        self._module = module
        self._running: tuple[subprocess.Popen[bytes], Connection] | None = None

    def ask(self, request: object) -> None:
        """Send a request.

        Raises:
            HelperGoneError: the helper cannot be started, or ended at once.
        """
        message = pickle.dumps(request)
        for _ in range(2):  # one that ended since the last request is started again
            with contextlib.suppress(OSError):
                self._connection().send_bytes(message)
                return
            self.end()
        raise HelperGoneError

    def answer(self, seconds: float | None) -> bytes:
        """Wait for the next answer.

        Raises:
            HelperGoneError: the helper ended.
            HelperLateError: there was none in time.
        """
        connection = self._connection()
        try:
            if not connection.poll(seconds):
                raise HelperLateError
            return connection.recv_bytes()
        except (EOFError, OSError) as error:
            self.end()
            raise HelperGoneError from error

    def end(self) -> None:
        """Kill the helper and all that it has started."""
        if self._running is None:
            return
        process, connection = self._running
        self._running = None
        connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _connection(self) -> Connection:
        if self._running is None:
            self._running = _started(self._module)
        return self._running[1]


class Worker(Protocol):
    """Read the answers of a process at work, or kill it."""

    def answer(self, seconds: float | None) -> bytes:
        """See `Helper.answer`."""

    def end(self) -> None:
        """See `Helper.end`."""


Work = Callable[[Answer], None]


@contextmanager
def working(work: Work) -> Iterator[Worker]:
    """Do work in a process that can be killed: a fork, or a helper where this one has threads.

    Args:
        work: what to do, with a function that sends an answer; it can be pickled.

    Raises:
        HelperGoneError: the helper cannot be started.
    """
    if threads() == 1:
        fork = _Fork(work)
        try:
            yield fork
        finally:
            fork.end()
        return
    served = helper(_ANY_WORK)
    with served.lock:
        served.ask(work)
        try:
            yield served
        except BaseException:
            served.end()  # answers that nobody awaits are still to come
            raise


def ahead(work: Work) -> None:
    """Let the helper do something that answers nothing, such as imports, before it is needed.

    A process of one thread forks instead of asking a helper: there is nothing to do ahead.
    """
    served = helper(_ANY_WORK)
    if threads() > 1:
        with served.lock, contextlib.suppress(HelperGoneError):  # who needs it starts it again
            served.ask(work)


def threads() -> int:
    """Count the threads of this process, with those of libraries; at least 2 if unknown."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return max(threading.active_count(), 2)


class _Fork:
    """Do one piece of work in a fork of this process."""

    def __init__(self, work: Work) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._reading, writing = Pipe(duplex=False)
        self._process = os.fork()
        if self._process == 0:
            _live(work, writing)
        writing.close()

    def answer(self, seconds: float | None) -> bytes:
        """See `Helper.answer`."""
        try:
            if not self._reading.poll(seconds):
                raise HelperLateError
            return self._reading.recv_bytes()
        except (EOFError, OSError) as error:
            raise HelperGoneError from error

    def end(self) -> None:
        """See `Helper.end`."""
        if self._process == 0:
            return
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        self._process = 0
        self._reading.close()


def _live(work: Work, writing: Connection) -> NoReturn:
    """Do the work inside the fork, then end the fork."""
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        work(writing.send_bytes)
    finally:
        os._exit(0)


def helper(module: str) -> Helper:
    """Return the helper of this process that runs a module."""
    return _helper(module, os.getpid())  # a fork has none of its parent's


@cache
def _helper(module: str, _process: int) -> Helper:
    return Helper(module)


def _started(module: str) -> tuple[subprocess.Popen[bytes], Connection]:
    ours, theirs = Pipe()
    packages = str(Path(__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, str(theirs.fileno())],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (packages, inherited)))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(),),
        start_new_session=True,
    )
    theirs.close()
    ours.send(list(sys.path))
    return process, ours


def serve(connection_number: str, work: Serve) -> NoReturn:
    """Answer requests until the asking process is gone, then end the helper."""
    connection = Connection(int(connection_number))
    with contextlib.suppress(EOFError, OSError):
        sys.path[:] = connection.recv()
        while True:
            work(connection.recv(), connection.send_bytes)
    os._exit(0)
