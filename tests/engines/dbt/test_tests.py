"""The team's dbt tests as checks: their names, what dbt's answers mean, and no answer at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import DbtTest, Manifest, Model
from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.dbt.tests import DbtCheck, dbt_checks, dbt_results, with_rows
from mesh_platform.engines.duckdb.masks import OpenColumns
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.model.contract import Severity
from tests.checks.promises import column, contract

FILE = ("landing", "file")
STAGING = Model("stg", "orders", "", "stg.sql", "table", (), (FILE,))
PORT = Model("orders", "orders", "", "orders.sql", "table", ("stg",), ())
FOREIGN = Model("returns", "returns", "", "returns.sql", "table", (), ())
TEST = DbtTest(
    unique_id="test.shop.no_ghosts",
    name="no_ghosts",
    kind="test",
    selector="fqn:shop.no_ghosts",
    description="",
    path="tests/no_ghosts.sql",
    severity=Severity.ERROR,
    about=None,
    models=("stg",),
    sources=(),
    fails="!= 0",
    warns="!= 0",
)
WARNING = replace(TEST, severity=Severity.WARNING)
UNIT = replace(TEST, unique_id="unit", kind="unit_test", about="stg", fails=None, warns=None)


def _checks(*tests: DbtTest) -> tuple[DbtCheck, ...]:
    return dbt_checks(Manifest((STAGING, PORT, FOREIGN), tests), "orders")


def _said(test: DbtTest, status: str, message: str | None = None, failures: int = 0) -> CheckResult:
    sql = ("select 1", "select 1")
    node = NodeResult(
        test.unique_id, test.name, test.kind, status, message, test.path, 0.5, failures, *sql
    )
    [result] = dbt_results(_checks(test), (node,))
    return result


def test_a_check_is_at_the_last_model_that_the_test_needs() -> None:
    tests = {
        "stg": TEST,
        "orders": replace(TEST, unique_id="2", name="b", models=("orders", "stg")),
        "a": replace(TEST, unique_id="3", name="c", about="stg", models=("orders", "stg")),
        "d": replace(TEST, unique_id="4", name="d", models=("orders", "returns")),
        "e": replace(TEST, unique_id="5", name="e", models=(), sources=(FILE,)),
    }
    found = {check.name: check.model for check in _checks(*tests.values())}
    assert found == {"b": "orders", "c": "stg", "d": "orders", "e": "stg", "no_ghosts": "stg"}


def test_names_are_valid_and_unique_in_the_product() -> None:
    named = [
        ("same", "stg"),
        ("same", "orders"),
        ("a.b c", "stg"),
        ("twice", "stg"),
        ("twice", "stg"),
    ]
    tests = [
        replace(TEST, unique_id=str(number), name=name, about=model, models=(model,))
        for number, (name, model) in enumerate(named)
    ]
    assert [check.name for check in _checks(*tests)] == [
        "a_b_c",
        "orders_same",
        "stg_same",
        "stg_twice",
        "stg_twice_2",
    ]


def test_a_name_that_is_made_unique_does_not_take_another_tests_name() -> None:
    named = [("same", "stg"), ("same", "orders"), ("stg_same", "stg")]
    tests = [
        replace(TEST, unique_id=str(number), name=name, about=model, models=(model,))
        for number, (name, model) in enumerate(named)
    ]
    assert len({check.name for check in _checks(*tests)}) == 3


@pytest.mark.parametrize(
    ("test", "rule"),
    [
        (TEST, "no failure"),
        (WARNING, "no failure"),
        (UNIT, "returns the expected rows"),
        (replace(TEST, fails="> 9"), "fails if failures > 9, warns if failures != 0"),
        (replace(WARNING, warns="> 2"), "warns if failures > 2"),
    ],
)
def test_the_rule_is_said_in_words(test: DbtTest, rule: str) -> None:
    assert _checks(test)[0].rule == rule


def test_the_description_is_the_teams_else_the_file() -> None:
    assert _checks(TEST)[0].description == "dbt test in tests/no_ghosts.sql"
    assert _checks(UNIT)[0].description == "dbt unit test in tests/no_ghosts.sql"
    assert _checks(replace(TEST, description="No ghosts.\n"))[0].description == "No ghosts."


def test_a_failure_is_told_whole() -> None:
    result = _said(TEST, "fail", "Got 3 results", failures=3)
    assert type(result.observed) is float
    assert result == CheckResult(
        check="no_ghosts",
        kind="dbt_test",
        outcome=Outcome.FAILED,
        severity="error",
        observed=3.0,
        threshold="no failure",
        message="3 failing rows",
        sql="select 1",
        seconds=0.5,
    )


@pytest.mark.parametrize(
    ("test", "status", "outcome", "blocks"),
    [
        (TEST, "pass", Outcome.PASSED, False),
        (TEST, "warn", Outcome.WARNED, False),
        (TEST, "fail", Outcome.FAILED, True),
        (TEST, "error", Outcome.COULD_NOT_RUN, True),
        (TEST, "skipped", Outcome.COULD_NOT_RUN, True),
        (TEST, "runtime error", Outcome.COULD_NOT_RUN, True),
        (TEST, "a word of tomorrow", Outcome.COULD_NOT_RUN, True),
        (WARNING, "warn", Outcome.WARNED, False),
        (WARNING, "fail", Outcome.WARNED, False),
        (WARNING, "error", Outcome.COULD_NOT_RUN, False),
        (WARNING, "skipped", Outcome.COULD_NOT_RUN, False),
        (UNIT, "pass", Outcome.PASSED, False),
        (UNIT, "fail", Outcome.FAILED, True),
        (UNIT, "error", Outcome.COULD_NOT_RUN, True),
    ],
)
def test_only_a_pass_is_green(test: DbtTest, status: str, outcome: Outcome, blocks: bool) -> None:
    result = _said(test, status)
    assert (result.outcome, result.blocks) == (outcome, blocks)


def test_what_could_not_run_observed_nothing_and_says_why() -> None:
    error = _said(TEST, "error", "no such column")
    assert (error.observed, error.message) == (None, "no such column")
    skipped = _said(TEST, "skipped")
    assert skipped.message == "skipped, because something before it failed"


def test_a_test_that_dbt_did_not_run_has_not_passed() -> None:
    [result] = dbt_results(_checks(TEST), ())
    assert (result.outcome, result.message) == (Outcome.COULD_NOT_RUN, "dbt did not run it")
    assert result.blocks


def test_a_unit_test_shows_the_rows_that_differ() -> None:
    assert _said(UNIT, "fail", "actual differs:\n@@,a\n→ ,1").message == (
        "actual differs:\n@@,a\n→ ,1"
    )


PROMISED = contract(
    column("order_id"),
    column("customer", classification="restricted"),
    column("ship_to", properties=[column("city"), column("door", classification="restricted")]),
    column("rating"),
)
READ = contract(column("rating", classification="restricted"), column("town"), name="read")


def _with_rows(folder: Path, said: CheckResult, sql: str, seconds: float = 60) -> CheckResult:
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as session:
        session.execute(
            "create or replace table orders as select i as order_id, 'ann' as customer, 'x' as raw,"
            " {'city': 'Ulm', 'door': 7} as ship_to, 5 as rating, 'Ulm' as town from range(9) r(i)"
        )
    with Warehouse(path) as warehouse:
        shown = OpenColumns([PROMISED], [PROMISED, READ])
        return with_rows(replace(said, sql=sql), sql, warehouse, shown, seconds)


def test_failing_rows_show_only_what_the_ports_promise_and_nobody_classifies(
    tmp_path: Path,
) -> None:
    failed = _said(TEST, "fail", failures=1)
    sql = "select order_id as ORDER_ID, * exclude order_id from orders where order_id = 3 -- one"
    assert _with_rows(tmp_path, failed, sql) == replace(
        failed,
        sql=sql,
        sample=(
            {
                "ORDER_ID": 3,
                "customer": "•••",
                "raw": "•••",
                "ship_to": "•••",
                "rating": "•••",
                "town": "•••",
            },
        ),
    )


def test_at_most_five_rows_of_a_test_are_shown_where_it_warns_too(tmp_path: Path) -> None:
    warned = _said(WARNING, "warn", failures=9)
    sample = _with_rows(tmp_path, warned, "select order_id from orders order by 1").sample
    assert sample == tuple({"order_id": number} for number in range(5))


@pytest.mark.parametrize(
    ("test", "status"), [(TEST, "pass"), (TEST, "error"), (TEST, "skipped"), (UNIT, "fail")]
)
def test_what_blames_no_row_shows_none(tmp_path: Path, test: DbtTest, status: str) -> None:
    assert _with_rows(tmp_path, _said(test, status), "select order_id from orders").sample == ()


@pytest.mark.parametrize(
    ("sql", "seconds"),
    [
        ("select customer::integer from orders", 60),
        ("select 1 from range(1000000) a, range(1000000) b where a.range + b.range < 0", 0.2),
    ],
)
def test_rows_that_cannot_be_read_again_leave_the_verdict_and_quote_no_value(
    tmp_path: Path, sql: str, seconds: float
) -> None:
    failed = _said(TEST, "fail", failures=3)
    assert _with_rows(tmp_path, failed, sql, seconds) == replace(
        failed, sql=sql, message="3 failing rows, which cannot be read again"
    )


def test_a_name_that_one_port_classifies_is_hidden_in_all() -> None:
    row: dict[str, Any] = {"town": "Ulm", "rating": 5}
    assert OpenColumns([READ], [READ, PROMISED]).row(row) == {"town": "Ulm", "rating": "•••"}
    twice = contract(column("town", classification="restricted"), name="twice")
    assert OpenColumns([READ, twice], [READ, twice]).row(row) == {"town": "•••", "rating": "•••"}
