"""A source as a test writes it, and what a build would read of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from mesh_platform.engines.duckdb.landing.mounting import landing_view
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.contract import Contract
from mesh_platform.model.dialect import read_dialect
from mesh_platform.model.landing import Landing

PLACE = Place("product.odps.yaml", 12, 3)
Rows = list[tuple[str | None, ...]]


def a_landing(location: str = "raw.csv", kind: str = "csv", **options: Any) -> Landing:
    dialect, wrong = read_dialect(options)
    assert not wrong
    return Landing(name="raw", location=location, format=kind, place=PLACE, dialect=dialect)


def read(folder: Path, content: bytes | str, landing: Landing | None = None) -> tuple[Any, Rows]:
    """Columns and rows of a file of this content."""
    landing = landing or a_landing()
    path = folder / landing.location
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    answer = duckdb.sql(landing_view(landing, path, folder / "cache").query)
    return answer.columns, answer.fetchall()


def rows(folder: Path, content: bytes | str, **options: Any) -> Rows:
    return read(folder, content, a_landing(**options))[1]


def refused(
    folder: Path,
    content: bytes | str,
    landing: Landing | None = None,
    promised: tuple[Contract, ...] = (),
) -> str:
    """The three lines that a person reads of a file that cannot be read; nothing is left of it."""
    landing = landing or a_landing()
    path = folder / landing.location
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(MeshError) as caught:
        landing_view(landing, path, folder / "cache", promised)
    lines = str(caught.value).splitlines()
    assert lines[1] == "  at: product.odps.yaml:12:3"
    assert lines[2].startswith("  try: ")
    assert len(lines) == 3
    cache = folder / "cache"
    assert not cache.exists() or list(cache.iterdir()) == []
    return f"{lines[0].removeprefix('input port `raw`: ')} | {lines[2].removeprefix('  try: ')}"
