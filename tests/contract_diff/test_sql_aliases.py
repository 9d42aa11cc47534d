"""What a query calls its tables makes no difference, unless the name means something else."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.contract_diff.sql import same_sql
from tests.contract_diff.contracts import OFTEN
from tests.sessions import session

SAME = [
    [
        "select count(*) from ${object} where amount < 0",
        "select count(*) from ${object} as o where o.amount < 0",
        "select count(*) from ${table} o where amount < 0",
        "select count(*) from ${object} AS Rows_ where ROWS_.amount < 0",
        "from {object} o select count(*) where o.amount < 0",
    ],
    [
        "select count(*) from ${object} o where not exists (select 1 from a.b p where p.k = o.k)",
        "select count(*) from ${object} x where not exists (select 1 from a.b y where y.k = x.k)",
        "select count(*) from ${object} b where not exists (select 1 from a.b o where o.k = b.k)",
    ],
    [
        "select count(*) from (select k from ${object} o where o.k > 1) where k > 2",
        "select count(*) from (select p.k from ${object} p where k > 1) as q where q.k > 2",
    ],
    [
        "with big as (select k from ${object} where k > 1) select count(*) from big",
        "with big as (select o.k from ${object} o where o.k > 1) select count(*) from big",
    ],
    [
        "select (select sum(orders) from ${object}) - (select count(*) from shop.orders)",
        "select (select sum(r.orders) from ${object} r) - (select count(*) from shop.orders o)",
    ],
]
OTHER = [
    ("select count(o) from ${object} o", "select count(o) from ${object} p"),
    ("select count(o.s.t) from ${object} o", "select count(o.s.t) from ${object} p"),
    ("select -k as k from ${object} o order by o.k", "select -k as k from ${object} o order by k"),
    ("select o.k from ${object} o, a.b p", "select p.k from ${object} o, a.b p"),
    ("select k from ${object} o, a.b p", "select o.k from ${object} o, a.b p"),
    (
        "select 1 from ${object} o where exists (select 1 from a.b p where p.k = k)",
        "select 1 from ${object} o where exists (select 1 from a.b p where p.k = o.k)",
    ),
]


@pytest.mark.parametrize("same", SAME, ids=range(len(SAME)))
def test_a_query_with_other_names_for_its_tables_is_the_same(same: list[str]) -> None:
    assert [(a, b) for a in same for b in same if not same_sql(a, b)] == []


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_a_name_that_means_something_else_makes_another_query(one: str, two: str) -> None:
    assert not same_sql(one, two)


_ALIASES = st.sampled_from(["", "a", "b", "k", "t", "u"])
_FORMS = [
    "select count({x}) from t {a} where {y} > 1",
    "select {x} from t {a} order by {y} limit 1",
    "select -{x} as k from t {a} order by {y} limit 1",
    "select sum({x}) from t {a} where exists (select 1 from u {b} where {y} = {z})",
    "select sum({x}) from (select * from t {a} where {y} > 1) {b} where {z} < 3",
    "select count({x}) from t {a}, (select * from u {b} where {y} > 0) where {z} = 1",
    "select count({x}) from t {a} join u {b} on {y} = {z}",
]


@st.composite
def _queries(draw: st.DrawFn, form: str) -> str:
    a, b = draw(_ALIASES), draw(_ALIASES)
    columns = ["k", "v", "w", f"{a or 't'}.k", f"{a or 't'}.v", f"{b or 'u'}.k", a or "t"]
    chosen = {name: draw(st.sampled_from(columns)) for name in "xyz"}
    return form.format(a=a, b=b, **chosen)


def _answer(session: duckdb.DuckDBPyConnection, query: str) -> object:
    try:
        return session.execute(query).fetchall()
    except duckdb.Error:
        return "no answer"


@OFTEN
@given(form=st.sampled_from(_FORMS), data=st.data())
def test_two_queries_that_are_called_the_same_give_the_same_answer(
    form: str, data: st.DataObject
) -> None:
    one, two = data.draw(_queries(form)), data.draw(_queries(form))
    if one != two and same_sql(one, two):
        with session() as used:
            used.execute("create temp table t as from (values (1, 5), (2, 4), (3, 2)) as t(k, v)")
            used.execute("create temp table u as from (values (2, 1), (3, 9)) as u(k, w)")
            answers = {str(_answer(used, one)), str(_answer(used, two))}
            assert len(answers - {"no answer"}) < 2, (one, two)
