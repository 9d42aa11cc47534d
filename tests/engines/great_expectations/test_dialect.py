"""The dialect reads what DuckDB holds, in the session it is given, and nothing else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mesh_platform.engines.duckdb.session import Connection, open_session, seal
from mesh_platform.engines.great_expectations import dialect as gx_dialect
from mesh_platform.engines.great_expectations.dialect import (
    URL,
    BufferedCursor,
    RefusedStatementError,
    TypeNames,
    engine_options,
    type_class,
)

TYPES = {
    "big": ("1::bigint", sa.BigInteger),
    "huge": ("1::hugeint", sa.BigInteger),
    "money": ("1::decimal(9,2)", sa.Numeric),
    "real": ("1::double", sa.Double),
    "word": ("'a'", sa.String),
    "yes": ("true", sa.Boolean),
    "day": ("date '2013-01-01'", sa.Date),
    "moment": ("timestamp '2013-01-01'", sa.DateTime),
    "instant": ("timestamptz '2013-01-01'", sa.DateTime),
    "parts": ("[1]", sa.types.NullType),
    "nested": ("{'a': 1}", sa.types.NullType),
}


@pytest.fixture
def session() -> Connection:
    """A sealed session with the view `port`."""
    opened = open_session()
    columns = ", ".join(f"{value} as {name}" for name, (value, _) in TYPES.items())
    opened.execute(f"create view port as select {columns}")
    opened.execute("create table numbers as select i, i % 3 as qualify from range(10) r(i)")
    seal(opened, [])
    return opened


@pytest.fixture
def engine(session: Connection) -> sa.Engine:
    """SQLAlchemy on that session."""
    return sa.create_engine(URL, **engine_options(session))


def test_columns_are_reflected_with_the_types_duckdb_calls_them(
    engine: sa.Engine, session: Connection
) -> None:
    found = sa.inspect(engine).get_columns("port")
    described = session.execute("describe port").fetchall()
    assert [(c["name"], type(c["type"]).__name__) for c in found] == [r[:2] for r in described]
    assert [isinstance(c["type"], TYPES[c["name"]][1]) for c in found] == [True] * len(TYPES)


def test_tables_views_and_schemas_are_listed(engine: sa.Engine, session: Connection) -> None:
    session.execute("create schema flights")
    session.execute("create view flights.departures as select 1 as a")
    seen = sa.inspect(engine)
    assert (seen.get_table_names(), seen.get_view_names()) == (["numbers"], ["port"])
    assert seen.get_view_names("flights") == ["departures"]
    assert {"main", "flights"} <= set(seen.get_schema_names())
    assert seen.has_table("departures", schema="flights")
    assert not seen.has_table("departures")
    with pytest.raises(sa.exc.NoSuchTableError, match="departures"):
        seen.get_columns("departures")


def test_a_result_can_be_read_after_another_statement_ran(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        first = connection.execute(sa.text("select i from numbers order by i"))
        connection.execute(sa.text("select 1"))
        assert first.fetchone() == (0,)
        assert first.fetchmany(2) == [(1,), (2,)]
        assert len(first.fetchall()) == 7


def test_closing_what_sqlalchemy_opened_leaves_the_session_open(
    engine: sa.Engine, session: Connection
) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text("select 1"))
    engine.dispose()
    assert session.execute("select count(*) from numbers").fetchall() == [(10,)]


@pytest.mark.parametrize(
    "query",
    ["drop view port", "create table t as select 1", "select 1; select 2", "copy port to 'x.csv'"],
)
def test_only_one_select_runs(session: Connection, query: str) -> None:
    with pytest.raises(RefusedStatementError, match="may run one SELECT, nothing else"):
        BufferedCursor(session).execute(query)
    assert session.execute("select count(*) from port").fetchall() == [(1,)]


def test_a_result_too_large_to_hold_is_refused(
    session: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gx_dialect, "ROWS_AT_MOST", 9)
    with pytest.raises(RefusedStatementError, match="more than 9 rows into memory"):
        BufferedCursor(session).execute("select * from numbers")
    BufferedCursor(session).execute("select * from numbers limit 9")


def test_names_that_are_words_of_duckdb_are_quoted(engine: sa.Engine) -> None:
    column = sa.column("qualify")
    query = sa.select(column).select_from(sa.table("numbers")).where(column == 2).limit(2)
    with engine.connect() as connection:
        assert connection.execute(query).fetchall() == [(2,), (2,)]


def test_neither_casts_nor_division_round(engine: sa.Engine) -> None:
    whole = sa.literal_column("16777217")
    query = sa.select(
        sa.cast(whole, sa.Float),
        sa.cast(sa.literal_column("0.12345"), sa.Numeric),
        sa.cast(sa.literal_column("0.12345"), sa.Numeric(9, 2)),
        sa.literal_column("7", sa.Integer) / sa.literal_column("2", sa.Integer),
        sa.literal_column("7", sa.Integer) // sa.literal_column("2", sa.Integer),
    )
    with engine.connect() as connection:
        row = connection.execute(query).one()
    assert [float(value) for value in row] == [16777217.0, 0.12345, 0.12, 3.5, 3.0]


def test_types_are_found_by_every_name_duckdb_has_for_them(session: Connection) -> None:
    names = TypeNames(session)
    assert names.BIGINT is names.int8 is type_class("BIGINT")
    assert names.text is names.STRING is type_class("VARCHAR")
    assert getattr(names, "NUMERIC(9, 2)") is type_class("DECIMAL(9,2)")
    assert getattr(names, "integer[]") is type_class("INTEGER[]")
    assert issubclass(type_class("DECIMAL(9,2)"), names.DECIMAL)
    assert not issubclass(type_class("DECIMAL(9,2)"), type_class("DECIMAL(9,3)"))
    assert not hasattr(names, "NUMBER")
