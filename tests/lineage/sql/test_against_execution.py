"""Lineage is held against DuckDB: a column that changes when an input changes must be named.

One input column at a time is changed, the SELECT runs again, and every column of its result that
is not what it was must have that input among its sources.
"""

from __future__ import annotations

import re
from contextlib import suppress

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_platform.lineage.sql.model_lineage import ModelLineage, model_lineage
from mesh_platform.lineage.sql.sources import Column
from tests.lineage.sql.random_sql import queries
from tests.lineage.sql.shapes import COLUMNS, SHAPES
from tests.lineage.sql.worlds import FIXED, Data, World, find_table

value = st.one_of(st.none(), st.integers(min_value=0, max_value=4))
rows = st.lists(st.tuples(value, value, value), min_size=2, max_size=7)
data_of_all = st.fixed_dictionaries(dict.fromkeys(COLUMNS, rows))
relaxed = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(FIXED)


@pytest.mark.parametrize("sql", SHAPES)
def test_a_column_that_changes_with_an_input_names_it(world: World, sql: str) -> None:
    assert hold(world, sql)


@settings(relaxed, max_examples=15)
@given(sql=queries())
def test_no_source_is_missed_in_sql_made_by_chance(world: World, sql: str) -> None:
    hold(world, sql)


@pytest.mark.slow
@settings(relaxed, max_examples=8)
@given(data=data_of_all)
def test_no_source_is_missed_whatever_the_data(data: Data) -> None:
    other = World(data)
    assert all(hold(other, sql) for sql in SHAPES)


@pytest.mark.slow
@settings(relaxed, max_examples=60)
@given(sql=queries(), data=data_of_all)
def test_no_source_is_missed_in_sql_and_data_made_by_chance(sql: str, data: Data) -> None:
    hold(World(data), sql)


def test_a_source_that_is_missed_is_found(world: World) -> None:
    """The comparison itself can fail: with the lineage of another SELECT, it does."""
    with pytest.raises(AssertionError, match=r"changes with p\.b"):
        compare(
            world, "select a, b from p", model_lineage("m", ["select a, a as b from p"], find_table)
        )


def hold(world: World, sql: str) -> bool:
    """Compare what changes with what lineage says; false where DuckDB does not run the SELECT."""
    lineage = model_lineage("m", [sql], find_table)
    try:
        world.run(sql)
    except duckdb.Error:
        return False
    assert [doubt.reason for doubt in lineage.doubts] == [], sql
    compare(world, sql, lineage)
    return True


def compare(world: World, sql: str, lineage: ModelLineage) -> None:
    names, columns = world.run(sql)
    assert returned(lineage, names) == names, sql
    words = set(re.findall(r"\w+", sql.lower()))
    for number, (column, _) in world.changes.items():
        if column.table.name not in words:
            continue  # nothing reads this table
        with suppress(duckdb.Error):  # values that do not fit are no statement on columns
            _, others = world.run(sql, number)
            for name, old, new in zip(names, columns, others, strict=True):
                named = old == new or column in sources(lineage, name)
                assert named, f"{sql}: {name} changes with {column}"


def returned(lineage: ModelLineage, names: list[str]) -> list[str]:
    """The names that lineage gives; where only the engine knows one, or all of them, its own."""
    if lineage.relation.otherwise is not None:
        return names
    return [name or names[index] for index, (name, _) in enumerate(lineage.relation.columns)]


def sources(lineage: ModelLineage, name: str) -> frozenset[Column]:
    relation = lineage.relation
    found = relation.by_name.get(name) or relation.everything
    return found.values | found.rows | relation.rows.rows
