"""What an expression makes of a value: it is kept, computed with, or only tested and counted."""

from __future__ import annotations

import pytest

from mesh_platform.lineage.sql.model_lineage import model_lineage
from tests.lineage.sql.reading import find_table, read

KEPT = [
    "a",
    "a::varchar",
    "try_cast(a as int)",
    "coalesce(b, a)",
    "case when b > 1 then a end",
    "case when b > 1 then 0 else a end",
    "if(b > 1, a, 0)",
    "nullif(a, b)",
    "min(a)",
    "max(a)",
    "any_value(a)",
    "first(a order by b)",
    "arg_max(a, b)",
    "max_by(a, b)",
    "mode(a)",
    "list(a)",
    "array_agg(a order by b)",
    "string_agg(a, ',')",
    "a || '-' || k",
    "concat(a, k)",
    "concat_ws('-', a, k)",
    "upper(trim(a))",
    "a.upper()",
    "a[1:2]",
    "to_base64(a)",
    "a.trim().upper()",
    "printf('%s', a)",
    "greatest(a, k)",
    "{'x': a}",
    "[a, k]",
    "struct_pack(x := a)",
    "(select max(a))",
    "lag(a) over (partition by b order by k)",
    "first_value(a) over (order by k)",
    "max(a) filter (where b > 1)",
    "min(a) over (partition by k)",
    "quantile_disc(a, 0.5)",
    "unnest([a])",
    "list_sort([a])",
    "map {'x': a}",
    "a collate nocase",
    "base64(a::blob)",
    "url_encode(a)",
    "decode(encode(a))",
    "array_to_string([a], ',')",
    "try(a)",
    "union_value(x := a).x",
    "list_transform([a], lambda x: x)[1]",
    "json_value(to_json(a), '$')",
    "nfc_normalize(a)",
    "approx_top_k(a, 1)[1]",
]
USED = [
    "a + 1",
    "-a",
    "sum(a)",
    "avg(a)",
    "md5(a)",
    "sha256(a)",
    "hash(a)",
    "substring(a, 1, 2)",
    "left(a, 2)",
    "round(a, -3)",
    "date_trunc('month', a)",
    "year(a)",
    "length(a)",
    "regexp_replace(a, '.', '*')",
    "nobody_knows(a)",
    "a.md5()",
    "stddev(a) filter (where b > 1)",
    "sum(a) over (order by b)",
    "coalesce(sum(a), 0)",
    "max(length(a))",
]
TESTED = [
    "count(a)",
    "count(distinct a)",
    "count_if(a > 1)",
    "approx_count_distinct(a)",
    "a is null",
    "a = 1",
    "a > 1 and a < 3",
    "a like 'x%'",
    "a in (1, 2)",
    "case when a > 1 then b end",
    "case a when 1 then b else k end",
    "if(a = 1, b, k)",
    "sum(b) filter (where a > 1)",
    "row_number() over (order by a)",
    "max(b) over (partition by a)",
    "max(b order by a)",
    "arg_max(b, a)",
    "exists(select 1 from u where u.a = t.a)",
    "nullif(b, a)",
]


def _fate(expression: str) -> str:
    """What becomes of `t.a`."""
    sources = read(f"select {expression} as c from t").column("c")
    fates = {"kept": sources.kept, "used": sources.used, "tested": sources.values | sources.rows}
    return next(
        (fate for fate, found in fates.items() if any(str(c).startswith("t.a") for c in found)),
        "nothing",
    )


@pytest.mark.parametrize("expression", KEPT)
def test_a_value_that_stands_in_the_result_is_kept(expression: str) -> None:
    assert _fate(expression) == "kept"


@pytest.mark.parametrize("expression", USED)
def test_a_value_that_a_function_works_with_is_used(expression: str) -> None:
    assert _fate(expression) == "used"


@pytest.mark.parametrize("expression", TESTED)
def test_a_value_that_is_compared_or_counted_is_tested(expression: str) -> None:
    assert _fate(expression) == "tested"


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t",
        "with x as (select a as c from t) select c as a from x",
        "select a from (select a from t union all select z from u)",
        "select a from t except select z from u",
        "select x.a from t as x join u using (k)",
        "with recursive r as (select a, 1 n from t union all select a, n + 1 from r) from r",
    ],
)
def test_a_value_is_kept_through_queries(sql: str) -> None:
    assert "t.a" in {str(column) for column in read(sql).column("a").kept}


def test_what_decides_the_rows_is_neither_kept_nor_used() -> None:
    sources = read("select k from t where a = 'x' group by k, a order by a limit 1").column("k")
    assert {str(column) for column in sources.kept | sources.used} == {"t.k"}


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("select s.x from (select {'x': a, 'y': b} as s from t)", "a"),
        ("select s['x'] from (select {'x': a, 'y': b} as s from t)", "a"),
        (
            "select struct_extract(s, 'y') from (select struct_pack(x := a, y := b) as s from t)",
            "b",
        ),
        ("with c as (select {'x': {'z': a}, 'y': b} as s from t) select s.x.z from c", "a"),
        ("select s.x from (select unnest([{'x': a, 'y': b}]) as s from t)", "a"),
        ("select max(s).x from (select {'x': a, 'y': b} as s from t)", "a b"),
        ("select s.nothing from (select {'x': a, 'y': b} as s from t)", "a b"),
    ],
)
def test_a_field_of_a_struct_that_sql_builds_keeps_its_own_values(sql: str, kept: str) -> None:
    found = model_lineage("m", [sql], find_table).relation.columns[0][1].kept
    assert " ".join(sorted(column.name for column in found)) == kept


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("coalesce(s, {'x': null, 'y': k}).x", "a"),
        ("(case when k > 1 then s end).x", "a"),
        ("if(k > 1, s, null).x", "a"),
        ("any_value(s).x", "a"),
        ("first(s order by k).x", "a"),
        ("arg_max(s, k).x", "a"),
        ("list(s)[1].x", "a"),
        ("list(distinct s)[1].x", "a b"),
        ("list(s order by k)[-1]['x']", "a"),
        ("list_extract(l, 1).x", "a"),
        ("list_extract(list_sort(l), 1).x", "a b"),
        ("(s::struct(y text, x text)).x", "a"),
        ("(s::struct(x text)).x", "a b"),
        ("((l::struct(y text, x text)[])[1]).x", "a"),
        ("(select s).x", "a"),
        ("(lag(s) over (order by k)).x", "a"),
        ("(list(s) filter (k > 1))[1].x", "a"),
        ("coalesce(s, v).x", "a b v"),
        ("max(s).y", "a b"),
        ("coalesce(max(s), {'x': '', 'y': ''}).y", "a b"),
        ("(case when k > 1 then max(s) else any_value(s) end).y", "a b"),
    ],
)
def test_a_field_goes_through_what_returns_a_struct_as_it_is(expression: str, kept: str) -> None:
    struct = "{'x': a, 'y': b}"
    sql = f"select {expression} from (select {struct} as s, [{struct}] as l, k, v from t)"
    found = model_lineage("m", [sql], find_table).relation.columns[0][1]
    assert " ".join(sorted(column.name for column in found.kept)) == kept


def test_what_decides_which_struct_it_is_decides_each_of_its_fields() -> None:
    sql = "select (case when k > 1 then s end).x from (select {'x': a, 'y': b} as s, k from t)"
    found = model_lineage("m", [sql], find_table).relation.columns[0][1]
    assert " ".join(sorted(column.name for column in found.values)) == "a k"
