"""SQL rules may call their own table as the contract does, in whatever case and quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.checks.lint import findings
from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.sql_rules import sql_problem
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet

NAMED = [
    "select count(*) from port",
    "select count(*) from orders",
    'select count(*) from "orders"',
    "select count(*) from ORDERS",
    'select count(*) from "Orders"',
    "select count(orders.a) from orders",
    "select count(o.a) from orders as o",
    "select count(*) from orders o join orders p using (a)",
    "select count(*) from (select * from orders)",
    "with orders as (select * from port) select count(*) from orders",
    "select count(*) from stored_orders",
    "select count(*) from lake.orders_v",
    "select count(*) from ${table}",
    "select count(*) from ${object}",
    "select count(*) from ${schema}",
    "select count(*) from {schema}",
    "select count(*) from ${schema}.${table}",
    "select count(*) from {schema}.{table}",
    "select count(*) from shop.orders",
]


def _promise(query: str, stored: str) -> object:
    rule = {"name": "it", "type": "sql", "query": query, "mustBe": 2}
    return contract(column("a"), rules=(rule,), name="orders", table={"physicalName": stored})


@pytest.mark.parametrize("query", NAMED)
def test_a_rule_calls_its_table_as_the_contract_does(tmp_path: Path, query: str) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(1,), (2,)])
    stored = "lake.orders_v" if "lake" in query else "stored_orders"
    promise = _promise(query, stored)
    view = View("shop", "orders", parquet_query([file]))
    known = {("shop", "orders"): promise}
    assert list(findings(promise, known)) == []
    result = verify(promise, (file,), [view], (), known)[1]
    assert (result.outcome, result.observed) == (Outcome.PASSED, 2.0), result.message


def test_the_name_of_another_table_is_still_refused() -> None:
    said = sql_problem("select count(*) from orderz", {("shop", "orders")}, ("orders",))
    assert said is not None
    assert "did you mean" in said


def test_an_input_of_that_name_stays_the_input(tmp_path: Path) -> None:
    own = write_parquet(tmp_path / "own.parquet", "a integer", [(1,), (2,)])
    other = write_parquet(tmp_path / "other.parquet", "a integer", [(1,)])
    promise = _promise("select count(*) from lake.orders_v", "lake.orders_v")
    view = View("lake", "orders_v", parquet_query([other]))
    result = verify(promise, (own,), [view], (other,))[1]
    assert result.observed == 1.0
