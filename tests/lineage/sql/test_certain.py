"""What is called certain of SQL is held against DuckDB: it never fails what runs.

Each SELECT is read, and run, once with all columns and once without each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from mesh_platform.lineage.sql.certain import surely_nothing, told_columns
from mesh_platform.lineage.sql.model_lineage import ModelLineage, model_lineage
from mesh_platform.lineage.sql.sources import Relation, Table, base_table
from tests.lineage.sql.random_sql import queries
from tests.lineage.sql.shapes import COLUMNS, SHAPES

SORTED = (
    "select a from p union select d from q order by d",
    "select a from p union all select d as z from q order by z",
    "(select a from p) order by b",
)
"""What is sorted by a name that lineage does not find."""
OWN = (
    "select a + 1 as a from p",
    "select sum(a) as a, b from p group by b",
    "select b, sum(a) filter (where b > 1) as a from p group by b",
    "with r as (select *, b + 1 as c from p) select b, coalesce(sum(a), 0) as a from r group by b",
    "select p.a + 1 as a from p",
    "select a + 1 as a from p where a > 1",
    "select a + 1 as a from p group by a",
    "select a + 1 as a from p group by all having a > 1",
    "select a + 1 as a from p order by a",
    "select a + 1 as a from p qualify row_number() over (order by a) = 1",
    "select a + 1 as a, a + 2 as z from p",
    "select b as a, a + 1 as a from p",
    "select a + 1 as a, b as a from p",
    "select (select a) as a from p",
    "select (select a from q) as a from p",
    "select sum(a) over (partition by a) as a from p",
    "select a + 1 as A from p",
    "select x.a + 1 as a from (select a + 1 as a from p) x",
    "select a from (select a + 1 as a from p)",
)
"""Columns that are made of columns of their own name."""
FORMS = (
    "select {} from p",
    "select {} '1' from p",
    "select {}(a) from p",
    "select {} a from p",
    "select a {} from p",
    "select a from p where a = {}",
    "select a from p where {} a",
    "select a from p order by a {}",
    "select a from p limit {}",
    "select a::{} from p",
    "select a from p x {} join p y on x.a = y.a",
    "select a from p where current_date > date '2020-01-01' - interval 3 {}",
    "select a from p where extract({} from date '2020-01-01') > 1",
    "select interval (a) {} from p",
)


class Engine:
    """DuckDB with the tables, one column short or none."""

    def __init__(self, lost: tuple[str, str] | None) -> None:
        self.columns = {
            table: [name for name in names if (table, name) != lost]
            for table, names in COLUMNS.items()
        }
        self._connection = duckdb.connect(config={"threads": 1})
        for table, names in self.columns.items():
            typed = ", ".join(f"{name} integer" for name in names)
            self._connection.execute(f"create table {table} ({typed})")

    def names(self, sql: str) -> list[str] | None:
        """The columns that a SELECT returns; None where it cannot run."""
        try:
            found = self._connection.execute(sql).description or ()
        except duckdb.Error:
            return None
        return [item[0].lower() for item in found]

    def words(self) -> list[str]:
        """Everything that the engine has a meaning for."""
        found = self._connection.execute(
            "select keyword_name from duckdb_keywords() union "
            "select function_name from duckdb_functions() union "
            "select type_name from duckdb_types()"
        ).fetchall()
        return sorted(word for (word,) in found if word.replace("_", "").isalnum())

    def read(self, sql: str) -> ModelLineage:
        def find_table(parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
            table = Table("", parts[-1])
            return table, base_table(table, self.columns[parts[-1]])

        return model_lineage("m", [sql], find_table)


@pytest.fixture(scope="module")
def engines() -> list[Engine]:
    lost = [(table, name) for table, names in COLUMNS.items() for name in names]
    return [Engine(None), *map(Engine, lost)]


def hold(engines: list[Engine], sql: str) -> Iterator[bool]:
    """Whether a name was found to mean nothing, for each engine."""
    for engine in engines:
        read, names = engine.read(sql), engine.names(sql)
        nothing = surely_nothing(sql, read.missing)
        assert names is None or not nothing, (sql, nothing)
        if names is not None and told_columns(sql) and not read.doubts:
            told = read.relation.by_name
            complete = read.relation.enumerable and len(told) == len(read.relation.columns)
            assert not complete or set(names) <= set(told), sql
        yield bool(nothing)


def test_what_runs_is_never_called_wrong(engines: list[Engine]) -> None:
    found = sum(sum(hold(engines, sql)) for sql in (*SHAPES, *SORTED))
    assert found > 200


def test_a_column_of_its_own_name_is_not_made_of_itself(engines: list[Engine]) -> None:
    found = {sql: any(hold(engines, sql)) for sql in OWN}
    assert all(found[sql] for sql in OWN[:4])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sql=queries())
def test_sql_made_by_chance_is_never_called_wrong(engines: list[Engine], sql: str) -> None:
    list(hold(engines, sql))


def test_a_word_of_the_engine_is_never_called_a_column(engines: list[Engine]) -> None:
    words = engines[0].words()
    assert len(words) > 1000
    for form in FORMS:
        for word in words:
            sql = form.format(word)
            missing = engines[0].read(sql).missing
            if missing and surely_nothing(sql, missing):
                assert engines[0].names(sql) is None, sql
