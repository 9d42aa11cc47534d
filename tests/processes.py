"""Which processes a process has, by the kernel's book."""

from __future__ import annotations

import subprocess
import time


def children(process: int) -> list[int]:
    """Direct children; the resource tracker of multiprocessing is one, `ps` itself is not."""
    command = ["ps", "-o", "pid=,comm=", "--ppid", str(process)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = (line.split(maxsplit=1) for line in said.splitlines())
    return [int(number) for number, name in found if name != "ps"]


def has_ended(process: int, seconds: float = 60) -> bool:
    """Whether a process is gone, or a zombie.

    A kill takes effect only when the kernel gives the process its turn, so this waits for it.

    Args:
        process: its number.
        seconds: how long it waits at most.
    """
    until = time.monotonic() + seconds
    while _runs(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _runs(process: int) -> bool:
    command = ["ps", "-o", "stat=", "-p", str(process)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return said.strip()[:1] not in ("", "Z")
