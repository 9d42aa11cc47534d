"""Processes that begin with everything imported: a build then costs what it does, not its imports.

They are forks of one server for each process of the test runner. A test about the imports
themselves, or about signals, starts a process from nothing instead.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from mesh_platform import helper
from mesh_platform.orchestration import workers

_get_context = multiprocessing.get_context
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.preloaded"])
_SECONDS = 600
"""Nothing here takes so long; the limit ends what hangs."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """A process that runs a function; what it prints comes back when it ends."""

    process: BaseProcess
    line: Connection

    @classmethod
    def start(cls, work: Callable[..., object], *words: object) -> Program:
        """Start it; `work` is a function of a module, and ends with a code as programs do."""
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_run, args=(theirs, work, *words))
        process.start()
        theirs.close()
        return cls(process, ours)

    def ended(self) -> Ended:
        """Wait until it ends.

        Raises:
            TimeoutError: it hangs.
        """
        if not self.line.poll(_SECONDS):
            self.process.kill()
            raise TimeoutError(f"{self.process} hangs")
        try:
            out, err = self.line.recv()
        except EOFError:  # it was killed
            out, err = "", ""
        self.process.join()
        return Ended(self.process.exitcode or 0, out, err)


def _run(line: Connection, work: Callable[..., object], *words: object) -> None:
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            work(*words)
        except SystemExit as left:
            code = left.code
        except BaseException:  # noqa: BLE001 - told as a program tells it
            traceback.print_exc()
            code = 1
    out.seek(0)
    line.send((out.read(), err.getvalue()))
    sys.exit(code)  # type: ignore[arg-type]


def mesh(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run `mesh` in a process of its own, as a person would in a folder."""
    return start_mesh(words, folder, environment).ended()


def start_mesh(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Program:
    """Start `mesh` in a process of its own, and go on."""
    return Program.start(_mesh, words, folder, dict(environment))


Command = Callable[[Sequence[str], Path, Mapping[str, str]], None]
"""What runs a command in this process: with these words, in this folder, in this environment."""


def mesh_to(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], out: Path, err: Path
) -> Program:
    """Start `mesh` with real files as its standard output and error: a pipe, a device, a file."""
    return Program.start(_to_files, _mesh, words, folder, dict(environment), out, err)


def dbt(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run plain `dbt` in a process of its own; it writes past what replaces its streams."""
    return _written(_dbt, words, folder, environment)


def mesh_whole(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run `mesh` in a process of its own, and return also what dbt writes past its streams."""
    return _written(_mesh, words, folder, environment)


def _written(
    command: Command, words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Ended:
    with tempfile.TemporaryDirectory() as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        started = Program.start(_to_files, command, words, folder, dict(environment), out, err)
        code = started.ended().code
        return Ended(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


def _to_files(
    command: Command,
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    out: Path,
    err: Path,
) -> None:
    """Run a command with the streams that Python makes of such files when it begins."""
    raw = bool(environment.get("PYTHONUNBUFFERED"))
    for number, name, path in ((1, "stdout", out), (2, "stderr", err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        file = open(number, "wb", buffering=0 if raw else -1, closefd=False)  # noqa: SIM115
        stream = io.TextIOWrapper(file, encoding="utf-8", write_through=raw)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)  # who replaces the stream leaves this one open
    command(words, folder, environment)


def _dbt(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    from dbt.cli.main import cli

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["dbt", *words]
    cli()


def _mesh(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["mesh", *words]
    patch = pytest.MonkeyPatch()
    _use("fork", patch)
    killable(patch)
    from mesh_platform.cli.main import run

    run()


def at_once(programs: Iterable[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
    """Run programs, each a text with its words, and return what each printed and complained of.

    Each prints `ready` and reads a line: they go on from there at the same moment.
    """
    texts = list(programs)
    barrier = _CONTEXT.Barrier(len(texts))
    started = [Program.start(_text, code, words, barrier) for code, words in texts]
    ended = [program.ended() for program in started]
    return [(each.out.removeprefix("ready\n"), each.err) for each in ended]


class _Start(io.StringIO):
    """An input whose next line comes when all programs wait for it."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self._barrier = barrier

    def readline(self, *_: object) -> str:
        self._barrier.wait()
        return "\n"


def _text(code: str, words: Sequence[str], barrier: Barrier) -> None:
    sys.stdin = _Start(barrier)
    program(code, words)


def program(code: str, words: Sequence[str]) -> None:
    """Run a text as Python's `-c` does."""
    sys.argv = ["-c", *words]
    exec(code, {"__name__": "__main__"})


def helpers(patch: pytest.MonkeyPatch) -> None:
    """Let helper processes of a build in this process begin with everything imported."""
    _use("forkserver", patch)


def killable(patch: pytest.MonkeyPatch) -> None:
    """Let the processes that run checks and policies begin with everything imported.

    They are forked now, while this process has one thread, and wait until they are needed.
    """
    ready, owner, from_nothing = [_waiting() for _ in range(2)], os.getpid(), helper._started

    def started(module: str) -> tuple[Any, Connection]:
        if not ready or os.getpid() != owner:
            return from_nothing(module)
        process, line = ready.pop()
        line.send((module, dict(os.environ), os.getcwd()))
        line.send(list(sys.path))
        return process, line

    patch.setattr(helper, "_started", started)


@dataclass(frozen=True)
class _Fork:
    """A child process, with what `subprocess.Popen` has of it."""

    pid: int

    def wait(self) -> None:
        os.waitpid(self.pid, 0)


def _waiting() -> tuple[_Fork, Connection]:
    ours, theirs = _CONTEXT.Pipe()
    child = os.fork()
    if child:
        theirs.close()
        return _Fork(child), ours
    try:
        ours.close()
        _help(theirs)
    finally:
        os._exit(0)


def _help(line: Connection) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    module, environment, folder = line.recv()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [module, str(os.dup(line.fileno()))]
    line.close()
    runpy.run_module(module, run_name="__main__")


def _use(method: str, patch: pytest.MonkeyPatch) -> None:
    def get_context(asked: str | None = None) -> object:
        return _get_context(method if asked == "spawn" else asked)

    patch.setattr(multiprocessing, "get_context", get_context)
    patch.setattr(workers, "_SPAWN", _get_context(method))
