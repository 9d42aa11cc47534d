"""A source is unpacked, decoded and read once for each version of it; damage is told."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from mesh_platform.engines.duckdb.landing.mounting import landing_view
from mesh_platform.errors import MeshError
from mesh_platform.model.landing import Landing
from tests.engines.duckdb.landing.sources import PLACE, a_landing, read, refused, rows

PACKED = {
    "gz": ("gzip", gzip.compress),
    "bz2": ("bz2", bz2.compress),
    "xz": ("xz", lzma.compress),
    "zst": ("zstd", zstd.compress),
}
AGAIN = "correct the file, or deliver it again"


def _zip(path: Path, **files: str) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path.read_bytes()


@pytest.mark.parametrize("end", PACKED)
def test_a_packed_file_is_known_by_its_name_or_by_the_port(tmp_path: Path, end: str) -> None:
    name, pack = PACKED[end]
    content = pack(b"a,b\n1,\xe9\n")
    by_name = a_landing(f"raw.csv.{end}", encoding="latin-1")
    assert read(tmp_path, content, by_name) == (["a", "b"], [("1", "é")])
    assert rows(tmp_path, content, encoding="latin-1", compression=name) == [("1", "é")]


def test_a_port_may_say_that_a_file_is_not_packed(tmp_path: Path) -> None:
    assert read(tmp_path, "a\n1\n", a_landing("raw.zip", compression="none"))[1] == [("1",)]


def test_packed_json_and_parquet_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": 1}')
    assert read(tmp_path, packed, a_landing("raw.json.gz", "json"))[1] == [("1",)]
    duckdb.sql("select 2 as a").write_parquet(str(tmp_path / "a.parquet"))
    content = gzip.compress((tmp_path / "a.parquet").read_bytes())
    assert read(tmp_path, content, a_landing("raw.parquet.gz", "parquet"))[1] == [(2,)]


def test_parquet_is_read_where_it_is(tmp_path: Path) -> None:
    duckdb.sql("select 2 as a").write_parquet(str(tmp_path / "it's.parquet"))
    content = (tmp_path / "it's.parquet").read_bytes()
    assert read(tmp_path, content, a_landing("it's.parquet", "parquet"))[1] == [(2,)]
    assert not (tmp_path / "cache").exists()


def test_the_name_of_a_port_is_no_sql(tmp_path: Path) -> None:
    landing = Landing(name="it's \"../x", location="a.csv", format="csv", place=PLACE)
    assert read(tmp_path, "a\n1\n", landing)[1] == [("1",)]


@pytest.mark.parametrize("end", PACKED)
def test_a_packed_file_that_is_cut_off_or_another_is_told(tmp_path: Path, end: str) -> None:
    name, pack = PACKED[end]
    landing = a_landing(f"raw.csv.{end}")
    content = pack("".join(f"{number},x\n" for number in range(5000)).encode())
    assert refused(tmp_path, content[:-20], landing) == (
        f"`raw.csv.{end}`: the {name} file ends before its end | {AGAIN}"
    )
    assert refused(tmp_path, b"a,b\n1,2\n" * 20, landing) == (
        f"`raw.csv.{end}`: it is not a readable {name} file | "
        f"{AGAIN}; how it is packed is said by the property `compression`"
    )


def test_archives_hold_one_readable_file(tmp_path: Path) -> None:
    landing = a_landing("raw.zip")
    assert read(tmp_path, _zip(tmp_path / "z", **{"a.csv": "a\n1\n"}), landing)[1] == [("1",)]
    for old in (tmp_path / "cache").iterdir():
        old.unlink()
    assert refused(tmp_path, _zip(tmp_path / "z", **{"a.csv": "", "b.csv": ""}), landing) == (
        "`raw.zip`: the archive holds 2 files, not one | "
        "deliver an archive of one file, or unpack it beside the product"
    )
    damaged = bytearray(_zip(tmp_path / "z", **{"a.csv": "a\n" + "1\n" * 500}))
    damaged[200] ^= 0xFF
    for content in (bytes(damaged), b"PK but no archive"):
        assert refused(tmp_path, content, landing).startswith(
            "`raw.zip`: it is not a readable zip file"
        )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", f"the file is empty | {AGAIN}"),
        (
            b"a,b\n1,2\n",
            "it is not a Parquet file | correct the property `format`, or deliver Parquet",
        ),
        (b"PAR1" + b"x" * 50, f"the Parquet file is cut off, or damaged | {AGAIN}"),
    ],
)
def test_parquet_that_is_none_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    landing = a_landing("raw.parquet", "parquet")
    assert refused(tmp_path, content, landing) == f"`raw.parquet`: {said}"


def parquet(folder: Path, table: pa.Table) -> bytes:
    pq.write_table(table, folder / "written.parquet")
    return (folder / "written.parquet").read_bytes()


@pytest.mark.parametrize("names", [["a", "a"], ["a", "A"]])
def test_two_columns_of_one_name_in_parquet_are_told(tmp_path: Path, names: list[str]) -> None:
    content = parquet(tmp_path, pa.table([pa.array([1]), pa.array([2])], names=names))
    landing = a_landing("raw.parquet", "parquet")
    said = refused(tmp_path, content, landing)
    assert said.startswith("`raw.parquet`: two columns have one name")


def test_fields_of_one_name_in_two_columns_are_no_two_columns(tmp_path: Path) -> None:
    struct = pa.array([{"x": 1, "y": [{"x": 2}]}])
    content = parquet(tmp_path, pa.table({"x": struct, "z": struct, "y": pa.array([3])}))
    assert read(tmp_path, content, a_landing("raw.parquet", "parquet"))[0] == ["x", "z", "y"]


def test_more_digits_than_the_engine_has_are_told(tmp_path: Path) -> None:
    number = pa.array([Decimal("12345678901234567890.12")], pa.decimal256(50, 2))
    content = parquet(tmp_path, pa.table({"s": pa.StructArray.from_arrays([number], ["a"])}))
    assert refused(tmp_path, content, a_landing("raw.parquet", "parquet")) == (
        "`raw.parquet`: the column `a` has 50 digits: DuckDB would read the nearest DOUBLE"
        " | deliver it as DECIMAL with at most 38 digits, or as text"
    )
    content = parquet(tmp_path, pa.table({"a": number.cast(pa.decimal128(38, 2))}))
    assert read(tmp_path, content, a_landing("raw.parquet", "parquet"))[1] == [
        (Decimal("12345678901234567890.12"),)
    ]


def test_a_file_is_read_once_for_each_version_of_it_and_each_way_to_read_it(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert rows(tmp_path, "a;b\n1;2\n") == [("1;2",)]
    (first,) = cache.iterdir()
    stamp = first.stat().st_mtime_ns
    landing_view(a_landing(), tmp_path / "raw.csv", cache)
    assert first.stat().st_mtime_ns == stamp
    landing_view(a_landing(delimiter=";"), tmp_path / "raw.csv", cache)
    (second,) = cache.iterdir()
    assert second != first
    assert rows(tmp_path, "a;b\n1;22\n", delimiter=";") == [("1", "22")]
    assert len(list(cache.iterdir())) == 1


def test_two_files_of_one_size_and_time_are_two(tmp_path: Path) -> None:
    found = []
    for folder in (tmp_path / "x", tmp_path / "y"):
        folder.mkdir()
        path = folder / "raw.csv"
        path.write_text(f"a\n{folder.name}\n")
        os.utime(path, ns=(5, 5))
        view = landing_view(a_landing(), path, tmp_path / "cache")
        found += duckdb.sql(view.query).fetchall()
    assert found == [("x",), ("y",)]


def test_a_file_that_is_replaced_with_its_old_time_is_read_again(tmp_path: Path) -> None:
    found = []
    for value in "xy":
        other = tmp_path / "other.csv"
        other.write_text(f"a\n{value}\n")
        os.utime(other, ns=(5, 5))
        shutil.copy2(other, tmp_path / "raw.csv")
        view = landing_view(a_landing(), tmp_path / "raw.csv", tmp_path / "cache")
        found += duckdb.sql(view.query).fetchall()
    assert found == [("x",), ("y",)]


def test_a_file_that_grows_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mesh_platform.engines.duckdb.landing import snapshot

    stands = iter(["1:1", "2:2"])
    monkeypatch.setattr(snapshot, "identity", lambda _path: next(stands))
    assert refused(tmp_path, "a\n1\n") == (
        "`raw.csv`: the file changed while it was read | build again"
    )


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("a\n1\n")
    (tmp_path / "cache").write_text("no folder can be made here")
    with pytest.raises(MeshError, match=r"`raw.csv` cannot be read: File exists\n.*\n.*/cache,"):
        landing_view(a_landing(), tmp_path / "raw.csv", tmp_path / "cache")


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-20], lambda _: b"", lambda _: b"x" * 99])
def test_what_was_kept_of_a_source_and_is_cut_off_is_read_anew(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    source, cache = tmp_path / "a.csv", tmp_path / "cache"
    source.write_text("a,b\n1,2\n")
    landing_view(a_landing("a.csv"), source, cache)
    [kept] = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(spoil(whole))
    view = landing_view(a_landing("a.csv"), source, cache)
    assert duckdb.sql(view.query).fetchall() == [("1", "2")]
    assert kept.read_bytes() == whole
