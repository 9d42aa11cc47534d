"""Runs code that others wrote in a process of its own, with a time limit for each step.

The process is a fork: it sees everything that is loaded, at no cost, and whatever the code does to
itself, to memory or to standard output stays there. It works from any thread, and stops also what
never comes back from C, such as a regular expression that tries for ever.
"""

from __future__ import annotations

import gc
import math
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from mesh_platform.governance.evaluate import Trouble, trouble_of


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of work; `file` is the file whose line is told when it raises an error."""

    run: Callable[[], object]
    file: str


def run_apart(steps: Sequence[Step], seconds: float) -> list[Any]:
    """Run steps one after another, apart from this process.

    Args:
        steps: what to run; a result must be a plain value.
        seconds: how long each may take.

    Returns:
        For each step its result, or a `Trouble` if it raised, took too long or ended the process;
        the steps after it are run all the same.
    """
    if not hasattr(os, "fork"):
        return [Trouble("policies need a system that can fork processes")] * len(steps)
    results: list[Any] = []
    while len(results) < len(steps):
        results += _run_from(steps, len(results), seconds)
    return results


def _run_from(steps: Sequence[Step], first: int, seconds: float) -> Iterator[Any]:
    """Results until all are through, or until one has made an end of the process."""
    reading, writing = Pipe(duplex=False)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _serve(steps[first:], writing, seconds)
    writing.close()
    try:
        for _ in steps[first:]:
            if not reading.poll(seconds):
                yield Trouble(f"it took longer than {seconds:g} s")
                return
            yield _unpacked(reading.recv_bytes())
    except EOFError:
        yield Trouble("it ended the process that ran it")
    finally:
        reading.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(steps: Sequence[Step], writing: Connection, seconds: float) -> None:
    """The child's whole life; it never returns."""
    own = os.getpid()
    try:
        _be_quiet()
        for step in steps:
            signal.alarm(math.ceil(seconds) + 5)  # should the parent be gone
            said = _result(step)
            if os.getpid() != own:
                break  # a fork that the step made: its answer would pass for the next step's
            writing.send_bytes(said)
    finally:
        os._exit(0)


def _be_quiet() -> None:
    gc.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.dont_write_bytecode = True


def _result(step: Step) -> bytes:
    try:
        return pickle.dumps(step.run())
    except BaseException as error:  # noqa: BLE001 - the boundary: whatever it raises is told
        return pickle.dumps(trouble_of(error, step.file))


def _unpacked(content: bytes) -> Any:
    """What the child said, unless it is of a kind that only the child knows."""
    try:
        return pickle.loads(content)  # noqa: S301 - written by a fork of this very process
    except Exception as error:  # noqa: BLE001 - never passed: it becomes a trouble
        return Trouble(f"what it returned cannot be read: {error}")
