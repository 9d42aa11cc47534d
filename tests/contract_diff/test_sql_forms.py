"""What SQL can say in two forms makes no difference; what it can say in one does."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mesh_platform.contract_diff.sql import Own, same_sql, tables_of
from mesh_platform.contract_diff.values import Level
from tests.contract_diff.contracts import OFTEN, Document, level_of
from tests.sessions import session

SAME = [
    [
        "select count(*) from ${object} where v < 0 and k > 1 and w = 2",
        "select count(*) from ${object} where (v < 0) and ((k > 1)) and (w = 2)",
        "select count(*) from ${object} where v < 0 and (k > 1 and w = 2)",
        "select count(1) as bad from ${schema}.${table} where (v < 0 and k > 1) and w = 2",
        "select (count(*)) n from ${object} where (((v < 0) and k > 1) and w = 2)",
    ],
    [
        "select count(*) from ${object} a join x.b b on a.k = b.k where a.v < b.v",
        "select count(*) from ${object} a inner join x.b b on (a.k = b.k) where a.v < b.v",
    ],
    [
        "select count(*) from ${object} a left join x.b b using (k) where b.v is null",
        "select count(*) from ${object} a left outer join x.b b using (k) where (b.v) is null",
    ],
    [
        "select count(*) from ${object} a, x.b b where a.k = b.k",
        "select count(*) from ${object} a cross join x.b b where a.k = b.k",
    ],
    [
        "with bad as (select * from ${object} where v < 0) select count(*) from bad",
        "with broken as (select * from ${object} where v < 0) select count(*) from broken",
    ],
    [
        "with a as (select k from ${object}), b as (from a) select count(*) from a, b",
        "with b as (select k from ${object}), a as (from b) select count(*) from b, a",
    ],
    ["select max(-(k + 1)) from ${object}", "select max((-((k + 1)))) m from ${object}"],
]
OTHER = [
    ("select k - (v - w) from ${object}", "select k - v - w from ${object}"),
    ("select k - (v + w) from ${object}", "select k - v + w from ${object}"),
    ("select -(k + v) from ${object}", "select -k + v from ${object}"),
    ("select 1 from t where k and (v or w)", "select 1 from t where k and v or w"),
    ("select 1 from t where not (k and v)", "select 1 from t where not k and v"),
    ("select count(k) from ${object}", "select count(*) from ${object}"),
    ("select count(null) from ${object}", "select count(1) from ${object}"),
    ("select -k as k from t order by k limit 1", "select -k from t order by k limit 1"),
    ("select -k as n from t order by n limit 1", "select -k from t order by n limit 1"),
    ("select 1 from a left join b using (k)", "select 1 from a join b using (k)"),
    (
        "select 1 from a, b right join c on b.k = c.k",
        "select 1 from a cross join b right join c on b.k = c.k",
    ),
    (
        "with a as (select 1 as k), b as (select 2 as k) select k from a",
        "with a as (select 1 as k), b as (select 2 as k) select k from b",
    ),
    (
        "select k from a, (with b as (select 1) select * from b)",
        "select k from b, (with b as (select 1) select * from b)",
    ),
]


@pytest.mark.parametrize("same", SAME, ids=range(len(SAME)))
def test_a_query_in_another_form_is_the_same(same: list[str]) -> None:
    assert [(a, b) for a in same for b in same if not same_sql(a, b)] == []


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_a_query_with_another_answer_is_another_one(one: str, two: str) -> None:
    assert not same_sql(one, two)


def _rule(query: str) -> Document:
    return {"quality": [{"name": "r", "type": "sql", "query": query, "mustBe": 0}]}


OWN_COLUMN = ["${property}", "{column}", "a", '"A"', "${object}.${property}", "(orders.a)"]


@pytest.mark.parametrize("old", OWN_COLUMN)
def test_a_rule_that_calls_its_own_column_by_another_name_is_a_patch(old: str) -> None:
    query = "select count(*) from ${{object}} where {} < 0"
    for new in OWN_COLUMN:
        assert level_of(_rule(query.format(old)), _rule(query.format(new))) is Level.PATCH, new
    assert level_of(_rule(query.format(old)), _rule(query.format("b"))) is Level.MAJOR


def test_a_field_of_an_object_is_named_with_or_without_brackets() -> None:
    field = Own(column='("address")."zip"')
    query = "select count(*) from t where ${property} < 0"
    assert same_sql(query, query.replace("${property}", "address.zip"), field)
    assert same_sql(query, query.replace("${property}", "(address).zip"), field)
    assert not same_sql(query, query.replace("${property}", "address.city"), field)
    of_table = query.replace(" t ", " t as address ")
    assert not same_sql(of_table, of_table.replace("${property}", "address.zip"), field)


_OPERANDS = st.sampled_from(["k", "v", "w", "1", "2", "null"])


def _terms(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["-", "+", "*", "and", "or", "=", "<", "is not distinct from"])
    forms = st.sampled_from(["{0} {2} {1}", "({0}) {2} {1}", "{0} {2} ({1})", "({0} {2} {1})"])
    binary = st.builds(lambda a, b, o, f: f.format(a, b, o), inner, inner, operators, forms)
    between = st.builds("{} between {} and ({})".format, inner, inner, inner)
    return binary | inner.map("not {}".format) | inner.map("-({})".format) | between


_EXPRESSIONS = st.recursive(_OPERANDS, _terms, max_leaves=4)


@OFTEN
@given(one=_EXPRESSIONS, two=_EXPRESSIONS, data=st.data())
def test_two_expressions_that_are_called_the_same_give_the_same_answer(
    one: str, two: str, data: st.DataObject
) -> None:
    bare = one.replace("(", "").replace(")", "")
    other = data.draw(st.sampled_from([two, bare, f"({one})"]))
    first, second = (f"select list({each}) from t" for each in (one, other))
    if first != second and same_sql(first, second):
        with session() as used:
            used.execute("create temp table t as from (values (1, 5, 0), (2, 4, 1)) as t(k, v, w)")
            assert _answer(used, first) == _answer(used, second), (one, other)


def _answer(session: duckdb.DuckDBPyConnection, query: str) -> object:
    try:
        return session.execute(query).fetchall()
    except duckdb.Error:
        return "no answer"


@given(expression=_EXPRESSIONS)
@OFTEN
def test_brackets_around_a_whole_expression_say_nothing(expression: str) -> None:
    plain, bracketed = (f"select 1 from t where {e}" for e in (expression, f"(({expression}))"))
    assume(tables_of(plain))  # a text that nobody can parse is compared word for word
    assert same_sql(plain, bracketed)
