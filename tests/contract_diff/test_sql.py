"""What a query reads: the tables on which its answer depends, and no others."""

from __future__ import annotations

import pytest

from mesh_platform.contract_diff.sql import same_sql, tables_of


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("select count(*) from ${object}", ["__object__"]),
        ("select count(*) from {object} where a > 1", ["__object__"]),
        ("select 1 from Shop.Orders -- ${object}", ["shop.orders"]),
        ("select '${object}' from shop.orders", ["shop.orders"]),
        ("select 1 from shop.orders where id in (select id from port)", ["port", "shop.orders"]),
        ("with a as (select * from port) select 1 from shop.orders", ["shop.orders"]),
        ("with a as (select * from port), b as (from a) select 1 from b", ["port"]),
        ("with recursive a as (select 1 union all select * from a) select 1 from a", []),
        ("select 1 from (with a as (from port) select * from a) as b", ["port"]),
        ("select 1 from shop.orders union all select 1 from port", ["port", "shop.orders"]),
        ("select 1 from range(3)", []),
        ("select (", []),
    ],
)
def test_a_query_reads_tables_that_its_answer_depends_on(query: str, tables: list[str]) -> None:
    assert sorted(".".join(parts) for parts in tables_of(query)) == tables


@pytest.mark.parametrize(
    "query",
    [
        'select count(distinct "customer") from ${object}',
        'SELECT count(DISTINCT "CUSTOMER") FROM ${object}',
        'select count(distinct Customer) from "${object}"',
    ],
)
def test_quotes_and_case_of_a_name_make_no_difference(query: str) -> None:
    plain = "select count(distinct customer) from ${object}"
    assert same_sql(plain, query)
    assert not same_sql(plain, query.replace("ustomer", "ustomers").replace("USTOMER", "USTOMERS"))


def test_case_of_a_text_makes_a_difference() -> None:
    assert not same_sql("select 1 from t where a = 'x'", "select 1 from t where a = 'X'")


@pytest.mark.parametrize(
    "query",
    [
        "select " + "a + " * 600 + "a from t",
        "select " + "[" * 300 + "a" + "]" * 300 + " from t",
        "select a from t union all " * 1100 + "select a from t",
    ],
    ids=["a long sum", "a deep list", "a long union"],
)
def test_a_query_that_is_too_deep_to_follow_is_compared_word_for_word(query: str) -> None:
    assert same_sql(query, query.replace(" ", "  "))
    assert not same_sql(query, query + " where a > 1")
