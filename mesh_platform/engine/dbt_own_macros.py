"""Reads the macros that dbt itself brings, without importing dbt."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mesh_platform.files import files_under, text_of

_PACKAGES = ("dbt.include.global_project", "dbt.include.duckdb")


@cache
def dbt_own_macros() -> tuple[str, ...]:
    """Return the texts of dbt's and dbt-duckdb's macros and generic tests."""
    specs = (find_spec(name) for name in _PACKAGES)
    homes = (Path(spec.origin).parent for spec in specs if spec and spec.origin)
    return tuple(
        text_of(path) for home in homes for path in files_under(home) if path.suffix == ".sql"
    )
