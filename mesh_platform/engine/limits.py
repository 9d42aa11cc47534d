"""How much of the machine one process may take; DuckDB spills to disk beyond it."""

from __future__ import annotations

import os

MEMORY_VARIABLE = "MESH_MEMORY"
_SHARE = 80
"""Percent of the machine's memory for all processes of a build; DuckDB's own default for one."""


def memory_limit() -> str:
    """Memory for one DuckDB session: a size (`4GB`) or a share (`40%`) of the machine's."""
    return os.environ.get(MEMORY_VARIABLE, f"{_SHARE}%")


def share_memory(processes: int) -> None:
    """Limit this process to its part, unless somebody has set a limit."""
    os.environ.setdefault(MEMORY_VARIABLE, f"{max(_SHARE // processes, 1)}%")
