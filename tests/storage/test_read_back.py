"""What a release holds is read back equal by every engine: DuckDB, delta-rs with pyarrow, Polars.

The types are generated: each that the table of types lets pass, alone and in lists, structs and
maps, with values at its edges, nulls, and empty lists and maps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet
import pytest
from deltalake import DeltaTable

from mesh_platform.checks.storage_types import HELD, refused
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.model.type_text import DataType, read_type
from mesh_platform.storage.tables import RELEASE_KEY, LakeFile, Table
from tests.duckdb_types import SCALARS, values

NESTINGS = {
    "alone": "{v}",
    "list": "[{v}, null]",
    "fields": "{{'a': {v}, 'b': null::{t}}}",
    "map_value": "map {{'k': {v}, 'none': null}}",
    "map_key": "map {{{v}: 1}}",
    "lists": "[[{v}], [], null]",
    "deep": "[{{'m': map {{'k': [{v}]}}, 's': {{'x': {v}}}}}]",
}
EMPTY = {"list": "[]::{t}[]", "map_value": "map([]::varchar[], []::{t}[])"}
STAND_IN = {"VARCHAR": "''"}


def _held() -> list[str]:
    return [kind for kind in SCALARS if refused(read_type(kind)) is None]


def _columns() -> Iterator[tuple[str, list[str]]]:
    """Each column's name and its values, as SQL; all have equally many."""
    height = max(map(len, SCALARS.values())) + 2
    for kind in _held():
        for nesting, form in NESTINGS.items():
            told = [form.format(v=value, t=kind) for value in values(kind)]
            told.append(EMPTY[nesting].format(t=kind) if nesting in EMPTY else "null")
            yield f"{kind}, {nesting}", [*told, *["null"] * (height - len(told))]


def _rows(columns: list[tuple[str, list[str]]]) -> str:
    lines = zip(*(told for _, told in columns), strict=True)
    names = [f'"{name}"' for name, _ in columns]
    return " union all ".join(
        f"select {n} as n, " + ", ".join(map("{} as {}".format, line, names))
        for n, line in enumerate(lines)
    )


def _plain(value: Any, kind: DataType) -> Any:
    """A value in one form, whichever engine has read it."""
    if value is None:
        return None
    if kind.name == "LIST":
        return [_plain(item, kind.parts[0][1]) for item in value]
    if kind.name == "STRUCT":
        return {name: _plain(value[name], part) for name, part in kind.parts}
    if kind.name == "MAP":
        pairs = value.items() if isinstance(value, dict) else value
        pairs = [(p["key"], p["value"]) if isinstance(p, dict) else p for p in pairs]
        (_, key), (_, item) = kind.parts
        return [(_plain(k, key), _plain(v, item)) for k, v in pairs]
    return repr(value) if isinstance(value, float) else value


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Any, ...]], Any]:
    """A table of all types in a lake: its folder, its rows and columns as the model has them."""
    folder = tmp_path_factory.mktemp("lake")
    columns = list(_columns())
    with Warehouse(folder / "w.duckdb") as warehouse:
        session = warehouse._session  # as dbt leaves it
        session.execute(f"create table everything as {_rows(columns)}")
        actual = {column.name: read_type(column.type) for column in warehouse.columns("everything")}
        rows = session.execute("from everything order by n").fetchall()
        file = folder / "everything_v1" / "part.parquet"
        staged = warehouse.stage("everything", tuple(actual), file)
    table = Table(file.parent)
    table.commit(
        [LakeFile(file.name, staged.rows, staged.bytes)], staged.schema, {RELEASE_KEY: "1"}
    )
    assert staged.endless == ()
    return file.parent, rows, actual


def _differing(
    released: tuple[Path, list[tuple[Any, ...]], dict[str, DataType]], read: list[dict[str, Any]]
) -> list[str]:
    _, rows, actual = released
    assert len(read) == len(rows)
    return [
        f"{name}: {row[at]!r} is read as {line[name]!r}"
        for row, line in zip(rows, read, strict=True)
        for at, (name, kind) in enumerate(actual.items())
        if _plain(row[at], kind) != _plain(line[name], kind)
    ]


def test_every_type_that_is_held_is_walked(released: Any) -> None:
    _, _, actual = released
    assert {read_type(kind).name for kind in _held()} == HELD
    assert len(actual) == len(_held()) * len(NESTINGS) + 1


def test_deltalake_reads_every_type_back(released: Any) -> None:
    table = DeltaTable(str(released[0])).to_pyarrow_table().sort_by("n")
    assert _differing(released, table.to_pylist()) == []


def test_polars_reads_every_type_back(released: Any) -> None:
    frame = polars.scan_delta(str(released[0])).sort("n").collect()
    assert _differing(released, frame.to_dicts()) == []


def test_duckdb_reads_every_type_back(released: Any) -> None:
    files = DeltaTable(str(released[0])).file_uris()
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'UTC'")
        cursor = session.execute(f"from read_parquet({files}) order by n")
        names = [column[0] for column in cursor.description or []]
        read = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert _differing(released, read) == []


def test_days_that_python_does_not_have_are_the_same_day_for_every_engine(tmp_path: Path) -> None:
    days = ["0044-03-15 (BC)", "12024-02-29", "1969-12-31"]
    dates = ", ".join(f"date '{day}'" for day in days)
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        session = warehouse._session
        session.execute(f"create table t as select unnest([{dates}]) as d, d::timestamp as at")
        told = session.execute("select datediff('day', date '1970-01-01', d) from t").fetchall()
        staged = warehouse.stage("t", ("d", "at"), tmp_path / "t" / "part.parquet")
    Table(tmp_path / "t").commit(
        [LakeFile("part.parquet", 3, staged.bytes)], staged.schema, {RELEASE_KEY: "1"}
    )
    numbers, micros = [day for (day,) in told], [day * 86_400_000_000 for (day,) in told]
    delta = DeltaTable(str(tmp_path / "t")).to_pyarrow_table()
    assert delta["d"].cast("int32").to_pylist() == numbers
    assert delta["at"].cast("int64").to_pylist() == micros
    frame = polars.scan_delta(str(tmp_path / "t")).collect()
    assert frame["d"].to_physical().to_list() == numbers
    assert frame["at"].to_physical().to_list() == micros
    assert staged.endless == ()


@pytest.mark.parametrize(
    "value",
    [
        "date 'infinity'",
        "timestamp '-infinity'",
        "timestamptz 'infinity'",
        "[timestamp 'infinity', null]",
        "map {'k': {'d': date '-infinity'}}",
    ],
)
def test_columns_with_an_infinite_time_are_named(tmp_path: Path, value: str) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse._session.execute(
            f"create table t as select 'infinity' as \"v, x\", 'inf'::double as f, {value} as v"
        )
        staged = warehouse.stage("t", ("v, x", "f", "v"), tmp_path / "t.parquet")
    assert staged.endless == ("v",)


LOWEST = -(2**31)


@pytest.mark.parametrize(
    ("kind", "low", "high", "version"),
    [
        ("integer", LOWEST, -1, 2),
        ("integer", LOWEST, 0, 1),
        ("date", LOWEST + 2, 2**31 - 2, 1),
    ],
)
def test_numbers_that_are_far_apart_are_written_so_that_other_engines_read_them(
    tmp_path: Path, kind: str, low: int, high: int, version: int
) -> None:
    value = "x::integer" if kind == "integer" else "date '1970-01-01' + x::integer"
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse._session.execute(
            f"create table t as select [{value} for x in [{low}, {high}, null, {low}, {high}]] as v"
        )
        warehouse.stage("t", ("v",), tmp_path / "t.parquet")
    column = pyarrow.parquet.read_table(tmp_path / "t.parquet")["v"].combine_chunks()
    assert column.values.cast("int32").to_pylist() == [low, high, None, low, high]
    told = duckdb.sql(f"select encodings from parquet_metadata('{tmp_path}/t.parquet')").fetchall()
    assert ("DELTA_BINARY_PACKED" in told[0][0]) == (version == 2)
