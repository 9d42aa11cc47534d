"""Exactly what each construct of SQL contributes: values of columns, and what decides rows."""

from __future__ import annotations

import pytest

from tests.lineage.sql.reading import (
    column_doubts,
    columns,
    decided,
    doubts,
    mentioned,
    outside,
    read,
    rows,
    tables,
)

VALUES = {
    "select a, b + 1 as c from t": {"a": "t.a", "c": "t.b"},
    'select A, T."B" from T': {"a": "t.a", "b": "t.b"},
    "select u.z as q, x.a as r from t as x, u": {"q": "u.z", "r": "t.a"},
    "select * exclude (a, l, s) replace (b + a as b) rename (k as m) from t": {
        "b": "t.a t.b",
        "m": "t.k",
    },
    "select t.* exclude (l, s), z from t, u": {"a": "t.a", "b": "t.b", "k": "t.k", "z": "u.z"},
    "select * exclude (l, s) from t join u using (k)": {
        "a": "t.a",
        "b": "t.b",
        "k": "t.k",
        "a_1": "u.a",
        "z": "u.z",
    },
    "select k from t right join u using (k)": {"k": "u.k"},
    "select k from t full join u using (k)": {"k": "t.k u.k"},
    "select * like 'a%' from t": {"a": "t.a"},
    "select * similar to '[ab]' from t": {"a": "t.a", "b": "t.b"},
    "select columns('^[ab]$') + z as 'm_\\0' from t, (select z from u)": {
        "m_a": "t.a u.z",
        "m_b": "t.b u.z",
    },
    "select columns(['a', 'k']) from t": {"a": "t.a", "k": "t.k"},
    "select coalesce(*columns(* exclude (l, s))) as c from t": {"c": "t.a t.b t.k"},
    "select -a as z, z + b as y from t": {"z": "t.a", "y": "t.a t.b"},
    "select b as a, a as c from t": {"a": "t.b", "c": "t.a"},
    "select s.f as f, t.s.f as g, s['f'] as h, (s).f as i from t": {
        **dict.fromkeys("fghi", "t.s.f"),
    },
    "select q.f from (select s.* from t) q": {"f": "t.s"},
    "select {'p': a, 'q': b} as m, map {k: a} as n from t": {"m": "t.a t.b", "n": "t.a t.k"},
    "select t as whole from t": {"whole": "t.a t.b t.k t.l t.s"},
    "select case when a > 1 then b end as c, k::int as i from t": {"c": "t.a t.b", "i": "t.k"},
    "select anything(a, b, x := k) as c from t": {"c": "t.a t.b t.k"},
    "select count(*) as n, count(t.*) as m, count(a) as o from t": {"n": "", "m": "", "o": "t.a"},
    "select sum(a) filter (where b > 1) as c from t": {"c": "t.a t.b"},
    "select string_agg(a, ',' order by b) as c from t": {"c": "t.a t.b"},
    "select sum(a) over (partition by k order by b) as c from t": {"c": "t.a t.b t.k"},
    "select sum(a) over w as c from t window w as (partition by k)": {"c": "t.a t.k"},
    "select (select max(z) from u where u.k = t.k) as c from t": {"c": "u.z"},
    "select a in (select z from u) as c from t": {"c": "t.a u.z"},
    "select exists (select z from u where u.k = t.k) as c from t": {"c": ""},
    "select a from t union all select z from u": {"a": "t.a u.z"},
    "select a, b from t except select a, z from u": {"a": "t.a", "b": "t.b"},
    "select a, b from t union all by name select z, a from u": {
        "a": "t.a u.a",
        "b": "t.b",
        "z": "u.z",
    },
    "with c(p, q) as (select a, b from t) select q, p from c": {"q": "t.b", "p": "t.a"},
    "with t as (select z as a from u) select a from t": {"a": "u.z"},
    "with recursive r(n, m) as (select 1, a from t union all select n + z, m from r, u)"
    " select * from r": {"n": "u.z", "m": "t.a"},
    "select unnest(l) as e from t": {"e": "t.l"},
    "select x from t, unnest(t.l) as q(x)": {"x": "t.l"},
    "select x from t, unnest(l) x": {"x": "t.l"},
    "select j.value from t, json_each(t.s) j": {"value": "t.s"},
    "select i from t, range(a) g(i)": {"i": "t.a"},
    "select e.x from t, lateral (select t.a + u.z as x from u) e": {"x": "t.a u.z"},
    "select list_transform(l, lambda x: x + a) as c from t": {"c": "t.a t.l"},
    "select [y + b for y in l if y > k] as c from t": {"c": "t.b t.k t.l"},
    "select v.p, v.q from (values (1, 2)) v(p, q)": {"p": "", "q": ""},
    "select col1 from (values (1, 2))": {"col1": ""},
    "from t select a": {"a": "t.a"},
    "select x, y + 1 as z from raw": {"x": "raw.x", "z": "raw.y"},
    "select c.x from (select *, y as w from raw) c": {"x": "raw.x"},
}
ROWS = {
    "select a from t": "t.*",
    "select 1 as one": "",
    "select a from t where b > 1": "t.* t.b",
    "select b as x from t where x > 1": "t.* t.b",
    "select a from t join u on t.k = u.k": "t.* t.k u.* u.k",
    "select a from t left join u using (k)": "t.* t.k u.* u.k",
    "select b from t natural join u": "t.* t.a t.k u.* u.a u.k",
    "select t.b from t semi join u on t.a = u.z": "t.* t.a u.* u.z",
    "select t.b from t anti join u using (k)": "t.* t.k u.* u.k",
    "select t.b from t asof join u on t.k = u.k and t.a >= u.a": "t.* t.a t.k u.* u.a u.k",
    "select count(*) as n from t group by k, b + 1": "t.* t.b t.k",
    "select k as x, count(*) as n from t group by 1": "t.* t.k",
    "select k as x, sum(a) as n from t group by all": "t.* t.k",
    "select sum(a) as n from t group by k having max(b) > 2": "t.* t.b t.k",
    "select max(b) as m from t group by k having m > 2": "t.* t.b t.k",
    "select a from t group by rollup (a, b)": "t.* t.a t.b",
    "select a from t qualify row_number() over (partition by k order by b) = 1": "t.* t.b t.k",
    "select distinct a, b from t": "t.* t.a t.b",
    "select distinct on (k) a from t order by b": "t.* t.b t.k",
    "select a from t order by b": "t.*",
    "select a from t order by b limit 3": "t.* t.b",
    "select a, b from t order by 2 limit 3": "t.* t.b",
    "select a from t order by all offset 3": "t.* t.a",
    "select a from (select a, b from t order by k) limit 2": "t.* t.k",
    "select a from (select a, b from t order by k) order by b limit 2": "t.* t.b t.k",
    "select max(a) as b from t group by k having b > 2": "t.* t.a t.b t.k",
    "select a from t where exists (select 1 from raw where x = b)": "raw.* raw.b raw.x t.* t.b",
    "select a from t limit (select max(z) from u)": "t.* u.* u.z",
    "select a from t where k in (select k from u where z > 1)": "t.* t.k u.* u.k u.z",
    "select a from t where exists (select z from u where u.k = t.k)": "t.* t.k u.* u.k",
    "select a from t union all select z from u": "t.* u.*",
    "select a from t union select z from u": "t.* t.a u.* u.z",
    "select a from t intersect select z from u": "t.* t.a u.* u.z",
    "select unnest(l) as e, a from t": "t.* t.l",
    "select x from t, unnest(t.l) as q(x)": "t.* t.l",
    "select a from t where columns('a|b') > 1": "t.* t.a t.b",
    "with c as (select * from t where b > 1) select a from c": "t.* t.b",
}
DOUBTS = {
    "select a, nope from t": ["`nope` is not a known column of t"],
    "select t.nope from t": ["`t.nope` is not a known column of t"],
    "select nope from t, u": ["`nope` is not a known column of t or u"],
    "select x from raw, raw as r2": ["`x` may be a column of several tables"],
    "select distinct * from raw": ["the columns of raw are not known"],
    "select * from raw natural join t": ["which columns a natural join compares is not known"],
    "select * from raw union all select a from t": [
        "which columns of a UNION belong together is not known"
    ],
    "select columns(lambda c: c like 'a%') from t": [
        "which columns `columns(…)` takes cannot be told from the text"
    ],
    "select * from t pivot (sum(a) for b in (1, 2))": [
        "what PIVOT makes of the columns is not followed"
    ],
    "select * from t unpivot (v for n in (a, k))": [
        "what UNPIVOT makes of the columns is not followed"
    ],
    "pivot t on k using sum(a)": ["it is not exactly one SELECT"],
    "select * from (unpivot t on a, k into name n value v)": [
        "what UNPIVOT makes of the columns is not followed"
    ],
    "with x as (pivot t on k using sum(a)) from x": ["PIVOT cannot be followed"],
    "with x as (unpivot t on a, k into name n value v) from x": ["UNPIVOT cannot be followed"],
    "select (select max(z) from u).abs() as x from t": [
        "a method of a subquery cannot be followed"
    ],
    "select * from (describe t)": ["DESCRIBE cannot be followed"],
    "select #1 from t": ["a column is named by its position, as in `#1`"],
    "select a from elsewhere": [
        "`elsewhere` is neither an input nor a model of the product",
        "`a` is not a known column of elsewhere",
    ],
    "select a from read_csv('x.csv')": ["`read_csv` reads what is no input of the product"],
    "select a from (t": ["its SQL cannot be read: it stops making sense at `t`"],
    "select 'a from t": ["its SQL cannot be read: Error tokenizing 'select 'a from '"],
    "select a from t; select b from t": ["it is not exactly one SELECT"],
    "delete from t": ["it is not exactly one SELECT"],
    "": ["it is not exactly one SELECT"],
    "select " + "(" * 3000 + "1" + ")" * 3000: ["its SQL cannot be read: it is nested too deeply"],
}


@pytest.mark.parametrize("sql", VALUES)
def test_a_column_takes_its_values_from_these(sql: str) -> None:
    assert columns(sql) == VALUES[sql]
    assert doubts(sql) == []


@pytest.mark.parametrize("sql", ROWS)
def test_these_decide_which_rows_there_are(sql: str) -> None:
    assert rows(sql) == ROWS[sql]
    assert doubts(sql) == []


@pytest.mark.parametrize("sql", DOUBTS)
def test_what_is_not_understood_is_said(sql: str) -> None:
    assert doubts(sql) == DOUBTS[sql]


def test_what_a_subquery_filters_by_decides_the_rows_of_its_own_column_only() -> None:
    sql = "select a, (select max(z) from u where u.k = t.k) as m from t"
    assert decided(sql, "m") == "t.* t.k u.* u.k"
    assert decided(sql, "a") == "t.*"


def test_an_aggregate_that_takes_the_first_depends_on_the_order_below_it() -> None:
    assert decided("select first(a) as f from (select * from t order by b)", "f") == "t.* t.b"
    assert decided("select max(a) as f from (select * from t order by b)", "f") == "t.*"


def test_a_doubt_stays_with_the_column_it_concerns() -> None:
    lineage = column_doubts("select a, nope + b as c from t")
    assert lineage == {"a": [], "c": ["`nope` is not a known column of t"]}


def test_a_doubt_about_rows_concerns_every_column() -> None:
    lineage = column_doubts("select a, b as c from t where nope > 1")
    said = ["`nope` is not a known column of t"]
    assert lineage == {"a": said, "c": said}


def test_a_column_that_is_named_is_mentioned_though_nothing_depends_on_it() -> None:
    assert mentioned("select a from (select a, b, k from t)") == "t.a t.b t.k"
    assert mentioned("select a from (select * from t)") == "t.a"
    assert mentioned("select * exclude (b) from t") == "t.b"
    assert mentioned("with unused as (select b from t) select z from u") == "t.b u.z"


def test_columns_told_by_their_place_are_all_mentioned() -> None:
    assert mentioned("select * from u union all select * from u") == "u.a u.k u.z"
    assert mentioned("with c(x) as (select * from u) select x from c") == "u.a u.k u.z"


def test_tables_are_listed_though_no_column_of_them_is_read() -> None:
    assert tables("select count(*) from t, (select 1 from u)") == ["t", "u"]


def test_a_function_that_reads_files_is_named() -> None:
    assert outside("select a from read_parquet('x/*.parquet')") == ["read_parquet"]


def test_a_column_that_the_model_does_not_return_is_a_doubt() -> None:
    found = read("select a from t").column("b")
    assert [doubt.reason for doubt in found.doubts] == ["the model does not return a column `b`"]


def test_of_two_texts_a_column_comes_from_what_either_says() -> None:
    assert columns("select a, b from t", "select z as a from u") == {"a": "t.a u.z", "b": "t.b"}
    assert rows("select a from t", "select a from t where b > 1") == "t.* t.b"
