"""Which processes a process has, by the kernel's book."""

from __future__ import annotations

import subprocess


def children(process: int) -> list[int]:
    """Direct children; the resource tracker of multiprocessing is one, `ps` itself is not."""
    command = ["ps", "-o", "pid=,comm=", "--ppid", str(process)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = (line.split(maxsplit=1) for line in said.splitlines())
    return [int(number) for number, name in found if name != "ps"]
