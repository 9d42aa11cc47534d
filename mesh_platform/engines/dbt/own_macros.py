"""Reads the macros and docs that dbt itself brings, without importing dbt."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mesh_platform.files import files_under, text_of

_PACKAGES = ("dbt.include.global_project", "dbt.include.duckdb")
_DOCS = re.compile(r"\{%-?\s*docs\s+(\w+)")


@cache
def dbt_own_macros() -> tuple[str, ...]:
    """Return the texts of dbt's and dbt-duckdb's macros and generic tests."""
    return _texts(".sql")


@cache
def dbt_own_docs() -> frozenset[str]:
    """Return the names of the blocks of docs that dbt and dbt-duckdb bring."""
    return frozenset(name for text in _texts(".md") for name in _DOCS.findall(text))


def _texts(ending: str) -> tuple[str, ...]:
    specs = (find_spec(name) for name in _PACKAGES)
    homes = (Path(spec.origin).parent for spec in specs if spec and spec.origin)
    return tuple(
        text_of(path) for home in homes for path in files_under(home) if path.suffix == ending
    )
