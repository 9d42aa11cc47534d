"""Runs code that others wrote in processes of its own, with limits on time and memory.

The process is a fork where this one has a single thread: it sees everything that is loaded, at no
cost. Where threads run, a helper that has none does it. Whatever the code does to itself, to memory
or to standard output stays there; what it says comes back as JSON of one line, read as data and
never as code. Code of others shares its process with nobody: it can forge no answer but its own.
"""

from __future__ import annotations

import contextlib
import gc
import json
import math
import os
import pickle
import resource
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from mesh_platform.governance.evaluate import Trouble, trouble_of
from mesh_platform.helper import HelperGoneError, helper
from mesh_platform.release.policies.answers import Late, Lines

MEMORY = 1 << 30
"""Bytes that code of others may take, beyond what this process has."""
_LONGEST = 64 << 20
"""Bytes of an answer; no honest one comes near it."""
_HELPER = "mesh_platform.release.policies.apart_helper"
_NO_FORK = Trouble("policies need a system that can fork processes")


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of work.

    Args:
        run: what to do.
        file: the file whose line is told when it raises an error.
        kind: the type of its result, which JSON can hold.
        ours: whether the code is the platform's own; such steps share a process.
    """

    run: Callable[[], object]
    file: str
    kind: Any = Any
    ours: bool = False


def run_apart(steps: Sequence[Step], seconds: float) -> list[Any]:
    """Run steps one after another, apart from this process.

    Args:
        steps: what to run.
        seconds: how long each may take.

    Returns:
        For each step its result, or a `Trouble` if it raised, took too long, too much memory or
        ended the process; the steps after it are run all the same.
    """
    if not hasattr(os, "fork"):
        return [_NO_FORK] * len(steps)
    said = _by_helper(steps, seconds) if threading.active_count() > 1 else answers(steps, seconds)
    return [_read(step, answer) for step, answer in zip(steps, said, strict=True)]


def _by_helper(steps: Sequence[Step], seconds: float) -> list[str]:
    asked = helper(_HELPER)
    with asked.lock:
        try:
            asked.ask((list(steps), seconds))
            said: list[str] = json.loads(asked.answer(None))
        except HelperGoneError:
            return [_trouble(Trouble("the process that runs policies has ended"))] * len(steps)
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            return [_trouble(Trouble(f"it cannot be run apart: {error}"))] * len(steps)
    return said


def answers(steps: Sequence[Step], seconds: float) -> list[str]:
    """What the steps say, as JSON; this process must have a single thread.

    Those of the platform run one after another in one process.
    """
    said: list[str] = []
    while len(said) < len(steps):
        first = len(said)
        count = 1
        while steps[first].ours and first + count < len(steps) and steps[first + count].ours:
            count += 1
        said += _run(steps[first : first + count], seconds)
    return said


def _run(steps: Sequence[Step], seconds: float) -> Iterator[str]:
    """Answers until all are through, or until one has made an end of the process."""
    tokens = [secrets.token_hex() for _ in steps]
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _live(steps, tokens, writing, seconds)
    os.close(writing)
    lines = Lines(reading, _LONGEST)
    try:
        for token in tokens:
            yield _said(lines.next(seconds), token)
    except Late:
        yield _trouble(Trouble(f"it took longer than {seconds:g} s"))
    except EOFError:
        yield _trouble(Trouble("it ended the process that ran it"))
    finally:
        os.close(reading)
        _end(child)


def _said(line: bytes, token: str) -> str:
    """The answer of a line, where it is that of the step."""
    own, _, answer = line.decode("utf-8", errors="replace").partition(" ")
    if not secrets.compare_digest(own.encode(), token.encode()):
        return _trouble(Trouble("something else answered in its place"))
    return answer


def _read(step: Step, answer: str) -> Any:
    """A result or a trouble; what is neither is a trouble."""
    try:
        said = json.loads(answer)
        if "trouble" in said:
            return _adapter(Trouble).validate_python(said["trouble"])
        return _adapter(step.kind).validate_json(json.dumps(said["result"]))
    except (ValueError, KeyError, TypeError, RecursionError):  # whatever it is, it is no answer
        return Trouble("what it returned cannot be read")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _trouble(trouble: Trouble) -> str:
    return json.dumps({"trouble": {"message": trouble.message, "line": trouble.line}})


def _live(steps: Sequence[Step], tokens: Sequence[str], writing: int, seconds: float) -> None:
    """The child's whole life; it never returns."""
    own = os.getpid()
    try:
        _be_quiet(writing)
        _be_modest()
        for step, token in zip(steps, tokens, strict=True):
            signal.alarm(math.ceil(seconds) + 5)  # should the parent be gone
            answer = f"{token} {_result(step)}\n".encode()
            if os.getpid() != own:
                break  # a fork that the step made: its answer would pass for the next step's
            _write(writing, answer)
        signal.pause()  # who ends it sees then what the code has started
    finally:
        os._exit(0)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _be_quiet(kept: int) -> None:
    """Lead a group of processes of its own, with no file open but one."""
    os.setsid()
    gc.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.dont_write_bytecode = True


def _be_modest() -> None:
    """Limit memory, and keep the code from starting processes, as far as the system does."""
    limits = [(resource.RLIMIT_CORE, 0)]
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
        limits.append((resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY))
    if hasattr(resource, "RLIMIT_NPROC"):
        limits.append((resource.RLIMIT_NPROC, 0))
    for kind, most in limits:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _result(step: Step) -> str:
    try:
        said = _adapter(step.kind).dump_json(step.run()).decode()
    except BaseException as error:  # noqa: BLE001 - the boundary: whatever it raises is told
        return _trouble(trouble_of(error, step.file))
    return f'{{"result": {said}}}'


def _end(child: int) -> None:
    """Kill the process, its group, and what has left the group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGSTOP)  # it starts nothing more
    for process in (*_below(child), child):
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(process, signal.SIGKILL)
    os.waitpid(child, 0)


def _below(process: int) -> Iterator[int]:
    """Processes that a process has started, and those that these have."""
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            told = Path(f"/proc/{process}/task/{task}/children").read_text(encoding="utf-8")
            for child in map(int, told.split()):
                yield from _below(child)
                yield child
