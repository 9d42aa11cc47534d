from __future__ import annotations

import os
from pathlib import Path

import pytest

from mesh_platform.engines.duckdb.landing.files import identity, locate
from mesh_platform.errors import MeshError
from tests.engines.duckdb.landing.sources import a_landing


def test_a_file_beside_the_product_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    assert locate(a_landing("a.csv"), tmp_path) == tmp_path / "a.csv"


def test_a_file_inside_an_installed_package_is_found(tmp_path: Path) -> None:
    path = locate(a_landing("package:mesh_platform/py.typed"), tmp_path)
    assert path.name == "py.typed"


def test_a_file_that_vanished_is_named_where_it_is_declared(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        locate(a_landing("a.csv"), tmp_path)
    assert str(caught.value) == (
        "input port `raw`: the file `a.csv` does not exist\n  at: product.odps.yaml:12:3\n"
        "  try: put the file back, or correct `location`"
    )


@pytest.mark.parametrize(
    ("there", "way"),
    [
        ("Orders.csv", "did you mean `Orders.csv`? else put the file back, or correct `location`"),
        ("orders.CSV", "did you mean `orders.CSV`? else put the file back, or correct `location`"),
        ("order.csv", "did you mean `order.csv`? else put the file back, or correct `location`"),
        ("orders.sql", "put the file back, or correct `location`"),
        ("customers.csv", "put the file back, or correct `location`"),
    ],
)
def test_a_file_of_nearly_the_same_name_is_proposed(tmp_path: Path, there: str, way: str) -> None:
    (tmp_path / there).write_text("x\n")
    with pytest.raises(MeshError) as caught:
        locate(a_landing("orders.csv"), tmp_path)
    assert caught.value.fix == way


@pytest.mark.parametrize("package", ["no_such_package", "no.such.package"])
def test_a_package_that_is_not_installed_is_named(tmp_path: Path, package: str) -> None:
    with pytest.raises(MeshError) as caught:
        locate(a_landing(f"package:{package}/a.csv"), tmp_path)
    assert str(caught.value) == (
        f"input port `raw` reads from the package `{package}`, which is not installed\n"
        f"  at: product.odps.yaml:12:3\n  try: pip install {package}"
    )


def test_what_no_reader_serves_is_refused_in_the_words_of_the_check(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        locate(a_landing("http://example.com/a.csv"), tmp_path)
    assert str(caught.value) == (
        "input port `raw`: the location `http://example.com/a.csv` is an address, and only files "
        "are read\n  at: product.odps.yaml:12:3\n  try: copy the file beside the product first"
    )


def test_the_identity_of_a_file_changes_with_its_content_or_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1")
    os.utime(path, ns=(5, 5))
    assert identity(path) == "1:5"
    os.utime(path, ns=(6, 6))
    assert identity(path) == "1:6"
