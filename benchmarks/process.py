"""Runs one command as a process of its own, and says how long it took and how much memory it held.

The kernel's peak of a process starts at the memory of the process that forked it. So a small Python
that has imported nothing starts the command, not the benchmark, which is large after a few figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SMALL_PARENT = """
import json, os, sys, time
out, *command = sys.argv[1:]
new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
opened = os.POSIX_SPAWN_OPEN
actions = [(opened, 1, out, new, 0o600), (opened, 2, os.devnull, os.O_WRONLY, 0)]
started = time.perf_counter()
process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
_, status, used = os.wait4(process, 0)
took = time.perf_counter() - started
print(json.dumps([os.waitstatus_to_exitcode(status), took, used.ru_maxrss / 1024]))
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended: exit code, wall time in seconds, peak of memory in megabytes.

    The peak is that of the process, or of the largest process that it waited for.
    """

    code: int
    seconds: float
    megabytes: float


def run(
    command: Sequence[str], folder: Path, out: Path, environment: Mapping[str, str]
) -> Finished:
    """Run a command to its end.

    Args:
        command: the path of a program, and its arguments.
        folder: where it runs.
        out: receives its standard output; standard error is dropped.
        environment: all variables that it sees.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _SMALL_PARENT, str(out), *command],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        check=True,
    )
    return Finished(*json.loads(done.stdout))
