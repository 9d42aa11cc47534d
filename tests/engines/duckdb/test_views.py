"""A file is read by its name, whatever characters are in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mesh_platform.engines.duckdb.session import create_views, open_session, seal
from mesh_platform.engines.duckdb.views import View, parquet_query
from tests.engines.duckdb.landing.sources import a_landing, read

OTHERS = [("a[1]", "a1"), ("a*", "ab"), ("a?", "ab"), ("it's[b]", "it'sb")]


@pytest.mark.parametrize(("name", "other"), OTHERS)
@pytest.mark.parametrize("sealed", [False, True])
def test_a_pattern_in_a_name_stands_for_no_other_file(
    tmp_path: Path, name: str, other: str, sealed: bool
) -> None:
    for folder, number in ((name, 1), (other, 2)):
        (tmp_path / folder).mkdir()
        path = str(tmp_path / folder / f"{folder}.parquet")
        duckdb.sql(f"select {number} as x").write_parquet(path)
    file = str(tmp_path / name / f"{name}.parquet")
    with open_session() as session:
        create_views(session, [View("main", "port", parquet_query([file]))])
        if sealed:
            seal(session, [file])
        assert session.execute("from port").fetchall() == [(1,)]


@pytest.mark.parametrize(("name", "other"), OTHERS)
def test_nor_does_it_in_the_name_of_a_source(tmp_path: Path, name: str, other: str) -> None:
    (tmp_path / f"{other}.csv").write_text("a\nother\n")
    assert read(tmp_path, "a\nown\n", a_landing(f"{name}.csv"))[1] == [("own",)]
