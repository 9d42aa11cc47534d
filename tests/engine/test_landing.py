from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb
import pytest

from mesh_platform.engine.landing import identity, landing_view, locate
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.mesh import Landing

PLACE = Place("product.odps.yaml", 12, 3)


def _landing(location: str, kind: str = "csv") -> Landing:
    return Landing(name="raw", location=location, format=kind, place=PLACE)


def _rows(landing: Landing, path: Path, cache: Path) -> list[tuple[object, ...]]:
    return duckdb.sql(landing_view(landing, path, cache).query).fetchall()


def _zip(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_file_beside_the_product_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    assert locate(_landing("a.csv"), tmp_path) == tmp_path / "a.csv"


def test_a_file_inside_an_installed_package_is_found(tmp_path: Path) -> None:
    path = locate(_landing("package:mesh_platform/py.typed"), tmp_path)
    assert path.name == "py.typed"


def test_a_file_that_vanished_is_named_where_it_is_declared(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        locate(_landing("a.csv"), tmp_path)
    assert str(caught.value) == (
        "input port `raw`: the file `a.csv` does not exist\n  at: product.odps.yaml:12:3\n"
        "  try: put the file back, or correct `location`"
    )


@pytest.mark.parametrize("package", ["no_such_package", "no.such.package"])
def test_a_package_that_is_not_installed_is_named(tmp_path: Path, package: str) -> None:
    with pytest.raises(MeshError) as caught:
        locate(_landing(f"package:{package}/a.csv"), tmp_path)
    assert str(caught.value) == (
        f"input port `raw` reads from the package `{package}`, which is not installed\n"
        f"  at: product.odps.yaml:12:3\n  try: pip install {package}"
    )


def test_every_csv_value_is_text_exactly_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "it's.csv"
    path.write_text("a,b\n007,NA\n1e3,2013-01-01\n")
    view = landing_view(_landing("x"), path, tmp_path)
    assert (view.schema, view.name) == ("landing", "raw")
    assert _rows(_landing("x"), path, tmp_path) == [("007", "NA"), ("1e3", "2013-01-01")]


def test_a_csv_with_a_header_and_no_row_keeps_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")
    answer = duckdb.sql(landing_view(_landing("x"), path, tmp_path).query)
    assert (answer.columns, answer.fetchall()) == (["a", "b"], [])


def test_json_and_parquet_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}]')
    assert _rows(_landing("x", "json"), tmp_path / "a.json", tmp_path) == [(1,)]
    duckdb.sql("select 2 as a").write_parquet(str(tmp_path / "a.parquet"))
    assert _rows(_landing("x", "parquet"), tmp_path / "a.parquet", tmp_path) == [(2,)]


def test_an_unknown_format_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        landing_view(_landing("a.xml", "xml"), tmp_path / "a.xml", tmp_path)
    assert str(caught.value) == (
        "input port `raw` has the format `xml`\n  at: product.odps.yaml:12:3\n"
        "  try: use one of: csv, json, parquet"
    )


def test_an_archive_is_unpacked_once_for_each_version_of_it(tmp_path: Path) -> None:
    cache, path = tmp_path / "cache", _zip(tmp_path / "a.zip", **{"a.csv": "a\n1\n"})
    assert _rows(_landing("x"), path, cache) == [("1",)]
    (first,) = cache.iterdir()
    stamp = first.stat().st_mtime_ns
    assert _rows(_landing("x"), path, cache) == [("1",)]
    assert first.stat().st_mtime_ns == stamp
    _zip(path, **{"a.csv": "a\n22\n"})
    assert _rows(_landing("x"), path, cache) == [("22",)]
    assert len(list(cache.iterdir())) == 1


def test_one_ports_archive_does_not_push_out_that_of_a_longer_name(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    long = Landing(name="raw-more", location="b", format="csv", place=PLACE)
    other = landing_view(long, _zip(tmp_path / "b.zip", **{"b.csv": "b\n1\n"}), cache)
    landing_view(_landing("x"), _zip(tmp_path / "a.zip", **{"a.csv": "a\n1\n"}), cache)
    assert duckdb.sql(other.query).fetchall() == [("1",)]


def test_an_archive_of_two_files_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.csv": "", "b.csv": ""})
    with pytest.raises(MeshError, match="input port `raw`: the archive holds 2 files, not one"):
        landing_view(_landing("x"), path, tmp_path / "cache")


def test_a_broken_archive_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK but no archive")
    with pytest.raises(MeshError, match=r"input port `raw`: `a\.zip` is not a readable archive"):
        landing_view(_landing("x"), path, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_archive_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.csv": "a\n" + "1\n" * 500})
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(MeshError, match=r"input port `raw`: `a\.zip` is not a readable archive"):
        landing_view(_landing("x"), path, tmp_path / "cache")


def test_the_identity_of_a_file_changes_with_its_content_or_its_time(tmp_path: Path) -> None:
    import os

    path = tmp_path / "a.csv"
    path.write_text("1")
    os.utime(path, ns=(5, 5))
    assert identity(path) == "1:5"
    os.utime(path, ns=(6, 6))
    assert identity(path) == "1:6"
