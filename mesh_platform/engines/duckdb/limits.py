"""How much of the machine one process may take; DuckDB spills to disk beyond it."""

from __future__ import annotations

import contextlib
import math
import os
import re
from pathlib import Path

from mesh_platform.errors import MeshError

MEMORY_VARIABLE = "MESH_MEMORY"
GRACE = 2.0
"""Seconds that an interrupted query has before its process is killed."""
ALONE = 10.0
"""Seconds beyond its limit after which the process of a query ends itself, if nobody kills it."""
_ROOM = 2 << 30
"""Bytes beside DuckDB's: for Python, and for Great Expectations."""
_SHARE = 80
"""Percent of the machine's memory for all processes of a build; DuckDB's own default for one."""
_WHOLE = 100
_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%|b|bytes?|[kmgt](?:i?b)?)\s*", re.IGNORECASE)


def memory_limit() -> str:
    """Memory for one DuckDB session: a size (`4GB`) or a share (`40%`) of the machine's.

    Raises:
        MeshError: the variable says something else.
    """
    told = os.environ.get(MEMORY_VARIABLE) or f"{_SHARE}%"
    _read(told)
    return told


def memory_bytes() -> int:
    """The same in bytes.

    Raises:
        MeshError: the variable says something else.
    """
    return _read(memory_limit())


def _read(told: str) -> int:
    found = _AMOUNT.fullmatch(told)
    number, unit = (float(found[1]), found[2].lower()) if found else (0.0, "")
    if number <= 0 or (unit == "%" and number > _WHOLE):
        raise MeshError(
            f"`{MEMORY_VARIABLE}={told}` is not an amount of memory",
            fix="write a size with its unit, or a share of the machine's: `512MB`, `4GB`, `40%`",
        )
    if unit == "%":
        return int(_of_the_machine() * number / _WHOLE)
    return int(number * (1024 if "i" in unit else 1000) ** "bkmgt".find(unit[0]))


def limit_memory() -> None:
    """Keep this process from more memory than DuckDB may take, with room for what surrounds it.

    DuckDB's own limit does not bound a single value.
    """
    import resource

    most = memory_bytes()
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
