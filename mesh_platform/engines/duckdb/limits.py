"""How much of the machine one process may take; DuckDB spills to disk beyond it."""

from __future__ import annotations

import contextlib
import math
import os
import re
from pathlib import Path

MEMORY_VARIABLE = "MESH_MEMORY"
_ROOM = 2 << 30
"""Bytes beside DuckDB's: for Python, and for Great Expectations."""
_SHARE = 80
"""Percent of the machine's memory for all processes of a build; DuckDB's own default for one."""


def memory_limit() -> str:
    """Memory for one DuckDB session: a size (`4GB`) or a share (`40%`) of the machine's."""
    return os.environ.get(MEMORY_VARIABLE, f"{_SHARE}%")


def memory_bytes() -> int | None:
    """The same in bytes; None where nobody can tell."""
    told = re.fullmatch(r"\s*([\d.]+)\s*(%|[A-Za-z]*)\s*", memory_limit())
    if told is None:
        return None
    number, unit = float(told[1]), told[2].lower()
    if unit == "%":
        return int(_of_the_machine() * number / 100)
    power = "bkmgt".find(unit[:1] or "b")
    return int(number * (1024 if "i" in unit else 1000) ** power) if power >= 0 else None


def limit_memory() -> None:
    """Keep this process from more memory than DuckDB may take, with room for what surrounds it.

    DuckDB's own limit does not bound a single value.
    """
    most = memory_bytes()
    if most is None:
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = most * 3 // 2 + _ROOM
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def end_after(seconds: float | None) -> None:
    """End this process when the time is over, whatever it does and whoever is gone; None: never."""
    import signal

    signal.alarm(0 if seconds is None else math.ceil(seconds))


def _of_the_machine() -> int:
    """Memory of the machine, or of the group of processes that this one belongs to."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):
        group = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8"))
        return min(whole, group)
    return whole


def share_memory(processes: int) -> None:
    """Limit this process to its part, unless somebody has set a limit."""
    os.environ.setdefault(MEMORY_VARIABLE, f"{max(_SHARE // processes, 1)}%")
