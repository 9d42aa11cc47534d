"""The table of types against the engine: it names every type, and its way out can be written."""

from __future__ import annotations

import duckdb
import pytest

from mesh_platform.checks.storage_types import HELD, KNOWN, held_form, refused
from mesh_platform.model.type_text import read_type
from tests.duckdb_types import EVERY, OTHERS, SCALARS, values

WITHOUT_VALUES = {"TYPE"}
"""DuckDB's type of types, of which no column can be made."""


def _rows(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'UTC'")
        return session.execute(query).fetchall()


def test_the_table_names_each_type_that_duckdb_has() -> None:
    found = _rows("select distinct logical_type, type_name from duckdb_types()")
    told = {'"NULL"' if name == "NULL" else name for name, _ in found}
    assert told - KNOWN == set()


def test_each_spelling_of_duckdb_is_read_as_its_type() -> None:
    found = _rows(
        "select distinct logical_type, upper(type_name) from duckdb_types() "
        "where type_name not in ('JSON', 'PARQUET_VARIANT', 'null', 'array', 'list')"
    )
    assert {name: read_type(name).name for _, name in found} == {name: kind for kind, name in found}


def test_the_tests_walk_each_type_of_the_table() -> None:
    walked = {read_type(kind).name for kind in EVERY} | WITHOUT_VALUES
    assert walked == KNOWN


@pytest.mark.parametrize("kind", EVERY)
def test_a_type_is_held_or_there_is_one_to_cast_it_to(kind: str) -> None:
    no = refused(read_type(kind))
    assert (no is None) == (read_type(kind).name in HELD)
    if no is None:
        return
    assert no.instead is not None
    assert refused(no.instead) is None
    for value in values(kind)[-1:]:
        ((typed, told),) = _rows(
            f"select typeof(x), x from (select cast({value} as {no.instead}) x)"
        )
        assert (read_type(str(typed)), told is not None) == (no.instead, True)


@pytest.mark.parametrize(
    ("kind", "why", "instead"),
    [
        ("UUID", "no release can hold the type UUID", "VARCHAR"),
        ("float[3]", "no release can hold the type FLOAT[3]", "FLOAT[]"),
        (
            "struct(u uuid, d date)[]",
            "no release can hold the type UUID",
            "STRUCT(u VARCHAR, d DATE)[]",
        ),
        (
            "decimal(39,2)",
            "DuckDB has no type `DECIMAL(39,2)`; of DECIMAL(p,s), p is",
            None,
        ),
        ("INT(11)", "DuckDB has no type `INTEGER(11)`; write `INTEGER`", "INTEGER"),
        (
            "NUMBER(10)",
            "DuckDB has no type `NUMBER(10)`; it calls it DECIMAL(10,0)",
            "DECIMAL(10,0)",
        ),
        ("datetime2", "DuckDB has no type `DATETIME2`; it calls it TIMESTAMP", "TIMESTAMP"),
        ("integre", "DuckDB has no type `INTEGRE`; did you mean `INTEGER`", None),
        ("decimal(5,6)", "DuckDB has no type `DECIMAL(5,6)`; of DECIMAL(p,s), p is", None),
        ("varchar not null", "DuckDB has no type `VARCHAR NOT NULL`; did you mean `VARCHAR`", None),
        ("x", "DuckDB has no type `X`; a release holds BIGINT, BLOB, ", None),
        ("struct(a int, A int)", "the field `a` is there twice in `STRUCT(a INTEGER, A ", None),
        ("map(money, int)", "DuckDB has no type `MONEY`; ", None),
    ],
)
def test_what_no_release_can_hold_says_why_and_what_to_use(
    kind: str, why: str, instead: str | None
) -> None:
    no = refused(read_type(kind))
    assert no is not None
    assert no.why.startswith(why)
    assert (None if no.instead is None else str(no.instead)) == instead


@pytest.mark.parametrize("kind", [*SCALARS, *OTHERS])
def test_the_form_to_use_stays_itself(kind: str) -> None:
    form = held_form(read_type(kind))
    assert held_form(form) == form
