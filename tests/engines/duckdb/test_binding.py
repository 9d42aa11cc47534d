"""What DuckDB says of a SELECT over empty tables, and that it never says it of one that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from mesh_platform.engines.duckdb.binding import Binder, Bound, Fault
from mesh_platform.engines.duckdb.empty_tables import EmptyTable
from mesh_platform.release.lineage.columns_of_sql import Columns, Names, with_casts
from tests.lineage.sql.shapes import COLUMNS, SHAPES
from tests.lineage.sql.wide_sql import Wide
from tests.lineage.sql.worlds import FIXED, World

EXACT = {
    ("memory", table): EmptyTable(dict.fromkeys(columns, "INTEGER"), complete=True)
    for table, columns in COLUMNS.items()
}
UNTYPED = {
    ("memory", table): EmptyTable(dict.fromkeys(columns), complete=True)
    for table, columns in COLUMNS.items()
}


@pytest.fixture(scope="module")
def binder() -> Iterator[Binder]:
    with Binder([]) as opened:
        yield opened


@pytest.fixture(scope="module")
def binders() -> Iterator[list[Binder]]:
    """One for each of `worlds_of`, so that its tables stay."""
    with Binder([]) as one, Binder([]) as two, Binder([]) as three, Binder([]) as four:
        yield [one, two, three, four]


def unknown(names: Names, kind: str | None = None) -> dict[tuple[str, ...], EmptyTable]:
    """The tables where nobody knows their columns, but perhaps that all are of one type."""
    columns = names.mentioned - names.unsure
    return {("memory", name): EmptyTable(otherwise=kind).having(columns) for name in COLUMNS}


def worlds_of(names: Names) -> list[Mapping[tuple[str, ...], EmptyTable]]:
    return [EXACT, UNTYPED, unknown(names), unknown(names, "INTEGER")]


def holds(world: World, binders: list[Binder], sql: str) -> bool:
    """Compare with a run; false where DuckDB does not run the SELECT."""
    try:
        names, _ = world.run(sql)
    except duckdb.Error:
        return False
    said = Names(sql)
    pairs = zip(binders, worlds_of(said), strict=True)
    bound = [binder.bind(sql, tables, said.unsure) for binder, tables in pairs]
    assert [each.fault for each in bound] == [None] * 4, sql
    exact, untyped, _, integers = (each.columns for each in bound)
    if "*" not in sql and "columns(" not in sql:
        _same_types(sql, exact, integers)
        _same_types(sql, exact, with_casts(sql, untyped or ()))
    if exact is not None and len({name for name, _ in exact}) == len(exact):
        assert [name for name, _ in exact] == names, sql
    return True


def _same_types(sql: str, exact: Columns | None, told: Columns | None) -> None:
    """Compare the types of the columns that have one name in both."""
    if exact is None or told is None:
        return
    kinds = dict(exact)
    if len(kinds) == len(exact):
        for name, kind in told:
            assert kind in (kinds.get(name, kind), None), sql


def test_nothing_is_said_of_what_runs(binders: list[Binder]) -> None:
    world = World(FIXED)
    assert all(holds(world, binders, sql) for sql in SHAPES)
    assert sum(holds(world, binders, Wide(seed).query()) for seed in range(200)) > 100


@pytest.mark.slow
def test_nothing_is_said_of_more_that_runs(binders: list[Binder]) -> None:
    world = World(FIXED)
    ran = sum(holds(world, binders, Wide(seed).query()) for seed in range(20_000, 20_600))
    assert ran > 300


GROUP = "must appear in the GROUP BY clause or must be part of an aggregate function"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select a, count(*) from p", f'Binder Error: column "a" {GROUP}'),
        ("select a, b, sum(c) from p group by a", f'Binder Error: column "b" {GROUP}'),
        ("select sum(max(a)) from p", "Binder Error: aggregate function calls cannot be nested"),
        (
            "select a from p where sum(b) > 1",
            "Binder Error: WHERE clause cannot contain aggregates!",
        ),
        (
            "select a from p where row_number() over () = 1",
            "Binder Error: WHERE clause cannot contain window functions!",
        ),
        (
            "select to_chars(a) from p",
            "Catalog Error: Scalar Function with name to_chars does not exist!",
        ),
        ("select a::nothing from p", "Catalog Error: Type with name nothing does not exist!"),
        (
            "select a from p union select a, d from q",
            "Binder Error: Set operations can only apply to expressions with the same number of"
            " result columns",
        ),
        ("select a b c from p", 'Parser Error: syntax error at or near "c"'),
    ],
)
def test_what_no_data_mends_is_said_whatever_is_known(binder: Binder, sql: str, said: str) -> None:
    for tables in worlds_of(Names(sql)):
        fault = binder.bind(sql, tables, Names(sql).unsure).fault
        assert fault is not None
        assert fault.message == said


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select zz from p", 'Binder Error: Referenced column "zz" not found in FROM clause!'),
        ("select a from p join q on true", "Binder Error: Ambiguous reference to column name"),
        ("select upper(a, b) from p", "Binder Error: No function matches the given name"),
        ("select * from p union select a, d from q", "Binder Error: Set operations can only apply"),
        ("select p.a from p x", 'Binder Error: Referenced table "p" not found!'),
        ("select strptime(a, '%Y') from p", "Binder Error: No function matches the given name"),
    ],
)
def test_what_hangs_on_the_tables_is_said_where_they_are_known(
    binder: Binder, sql: str, said: str
) -> None:
    fault = binder.bind(sql, EXACT).fault
    assert fault is not None
    assert fault.message.startswith(said)
    assert binder.bind(sql, unknown(Names(sql)), Names(sql).unsure).fault is None


def test_the_columns_of_a_select_have_names_and_types(binder: Binder) -> None:
    bound = binder.bind("select a, sum(b) as total from p group by a", EXACT)
    assert bound == Bound((("a", "INTEGER"), ("total", "HUGEINT")))


def test_a_fault_has_its_line_and_the_hint_of_duckdb(binder: Binder) -> None:
    assert binder.bind("select a,\n  lowerr(b)\nfrom p", EXACT) == Bound(
        fault=Fault(
            "Catalog Error: Scalar Function with name lowerr does not exist!",
            'Did you mean "lower"?',
            2,
        )
    )


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("select a,\n  cast(z as bigint) as z\nfrom p", 2),
        ("select /* z\n */ a, 'z' as t,\n  Z + 1 as z\nfrom p", 3),
        ("select\n  * exclude (a,\n  z)\nfrom p", 3),
        ("select\n  *\n  replace (1 as z)\nfrom p", 3),
        ("select a\nfrom p union\nselect a, a from p", 1),
    ],
)
def test_a_fault_that_duckdb_tells_without_a_line_is_at_its_name(
    binder: Binder, sql: str, line: int
) -> None:
    fault = binder.bind(sql, EXACT).fault
    assert fault is not None
    assert fault.line == line


@pytest.mark.parametrize(
    "sql",
    [
        "create table x (a int)",
        "select 1; select 2",
        "",
        "copy p to 'x.csv'",
        "pivot p on a using sum(b)",
    ],
)
def test_what_is_not_one_select_is_left_alone(binder: Binder, sql: str) -> None:
    assert binder.bind(sql, EXACT) == Bound()


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select {'x': '1.5'} as g from p", "STRUCT(x VARCHAR)"),
        ("select struct_pack(x := 1::bigint) as g, a from p as t", "STRUCT(x BIGINT)"),
        ("select *, [{'x': a::date}] as g from p", "STRUCT(x DATE)[]"),
        ("select p as g from p", None),
        ("select t as g from p as t", None),
        ("select s as g from (select a from p) as s", None),
        ("select row(t.*) as g from p as t", None),
    ],
)
def test_a_struct_that_is_no_whole_row_is_known(binder: Binder, sql: str, kind: str | None) -> None:
    bound = binder.bind(sql, unknown(Names(sql)), Names(sql).unsure)
    assert dict(bound.columns or ()).get("g") == kind


def test_nothing_runs(binder: Binder) -> None:
    assert binder.bind("select error(a::varchar), repeat('x', 3000000000) from p", EXACT).columns


def test_a_table_may_change_between_two_selects(binder: Binder) -> None:
    path = ("memory", "t")
    one, two = (EmptyTable({name: "DATE"}, complete=True) for name in ("x", "y"))
    assert binder.bind("select x from t", {path: one}).columns == (("x", "DATE"),)
    assert binder.bind("from t", {path: two}).columns == (("y", "DATE"),)
