"""dbt tests and unit tests that a team writes, run by real dbt: each is a check of the product."""

from __future__ import annotations

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.state.records import State
from tests.small_mesh import ORDERS, SmallMesh

pytestmark = pytest.mark.slow
NAME = "shop/orders"
TESTS = "domains/shop/tests"

PROPERTIES = """\
models:
  - name: stg_orders
    columns:
      - name: customer
        data_tests:
          - not_null
          - unique: {config: {severity: warn}}
unit_tests:
  - name: what_has_no_price_yet_has_no_amount
    model: stg_orders
    given:
      - input: source('landing', 'orders_file')
        rows:
          - {order_id: '1', amount: 'NA'}
          - {order_id: '2', amount: '7.5'}
    expect:
      rows:
        - {order_id: 1, amount: null}
        - {order_id: 2, amount: 7.5}
"""


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product(NAME))


def _tests(outcome: ProductOutcome) -> dict[str, CheckResult]:
    return {c.result.check: c.result for c in outcome.checks if c.port is None}


def _outcomes(outcome: ProductOutcome) -> dict[str, str]:
    return {name: result.outcome.value for name, result in _tests(outcome).items()}


def test_every_kind_of_test_runs_and_is_remembered_with_the_release(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/properties.yml", PROPERTIES)
    mesh.write(f"{TESTS}/order.sql", "select 1 from {{ ref('orders') }} where order_id < 1")
    source = "select 1 from {{ source('landing', 'orders_file') }} where order_id = 'x'"
    mesh.write(f"{TESTS}/file.sql", source)
    outcome = _build(mesh)
    assert outcome.verdict is Verdict.RELEASED, outcome.reason
    assert _outcomes(outcome) == {
        "file": "passed",
        "not_null_stg_orders_customer": "passed",
        "order": "passed",
        "unique_stg_orders_customer": "warned",
        "what_has_no_price_yet_has_no_amount": "passed",
    }
    warned = _tests(outcome)["unique_stg_orders_customer"]
    assert (warned.message, warned.observed, warned.severity) == ("1 failing row", 1, "warning")
    assert outcome.release is not None
    workspace = Workspace.open(mesh.root)
    remembered = workspace.registry.checks(outcome.release.id)
    assert {c.result.check: c.result for c in remembered if c.port is None} == _tests(outcome)
    assert (outcome.counts.passed, outcome.counts.warned) == (9 + 4, 1)
    again = _build(mesh)
    assert (again.verdict, _tests(again)) == (Verdict.UP_TO_DATE, _tests(outcome))


def test_a_failing_test_withholds_the_release_and_what_could_not_run_is_not_green(
    mesh: SmallMesh,
) -> None:
    mesh.write(f"{TESTS}/staged.sql", "select 1 from {{ ref('stg_orders') }} where order_id < 3")
    mesh.write(f"{TESTS}/wrong.sql", "select nonsense from {{ ref('stg_orders') }}")
    mesh.write(f"{TESTS}/later.sql", "select 1 from {{ ref('orders') }} where false")
    outcome = _build(mesh)
    assert outcome.verdict is Verdict.FAILED
    assert _outcomes(outcome) == {
        "later": "could_not_run",
        "staged": "failed",
        "wrong": "could_not_run",
    }
    tests = _tests(outcome)
    assert tests["staged"].message == "2 failing rows"
    assert "order_id < 3" in (tests["staged"].sql or "")
    assert "nonsense" in tests["wrong"].message
    assert tests["later"].message == "skipped, because something before it failed"
    failed = Workspace.open(mesh.root).registry.last_attempts()[NAME]
    assert failed.state is State.FAILED
    noted = Workspace.open(mesh.root).registry.checks(failed.id)
    assert {c.result.check: c.result for c in noted} == tests


def test_a_failing_test_shows_rows_of_models_and_sources_and_masks_what_is_classified(
    mesh: SmallMesh,
) -> None:
    warns = "{{ config(severity='warn') }} "
    staged = "select customer, status, order_id from {{ ref('stg_orders') }} where order_id = 2"
    landed = "select *, 1 as n from {{ source('landing', 'orders_file') }} where order_id = '3'"
    mesh.write(f"{TESTS}/staged.sql", warns + staged)
    mesh.write(f"{TESTS}/landed.sql", warns + landed)
    outcome = _build(mesh)
    assert outcome.release is not None, outcome.reason
    hidden = "•••"
    assert {name: result.sample for name, result in _tests(outcome).items()} == {
        "staged": ({"customer": hidden, "status": "open", "order_id": 2},),
        "landed": (
            {"order_id": "3", "customer": hidden, "amount": "5", "status": "paid", "n": hidden},
        ),
    }
    remembered = Workspace.open(mesh.root).registry.checks(outcome.release.id)
    assert {c.result.check: c.result for c in remembered if c.port is None} == _tests(outcome)


def test_the_reason_names_the_test_and_its_file(mesh: SmallMesh) -> None:
    mesh.write(f"{TESTS}/staged.sql", "select 1 from {{ ref('stg_orders') }} where order_id < 3")
    assert _build(mesh).reason == (
        "shop/orders: test `staged` failed: Got 2 results, configured to fail if != 0\n"
        "  at: domains/shop/tests/staged.sql"
    )


def test_a_unit_test_that_fails_shows_the_rows_that_differ(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/properties.yml", PROPERTIES.replace("amount: null", "amount: 5"))
    outcome = _build(mesh)
    assert (outcome.reason or "").splitlines() == [
        "shop/orders: unit test `what_has_no_price_yet_has_no_amount` failed: "
        "actual differs from expected:",
        "@@,order_id,amount",
        "→ ,1       ,5.0→NULL",
        "  ,2       ,7.5",
        f"  at: {ORDERS}/properties.yml",
    ]
    assert _outcomes(outcome)["not_null_stg_orders_customer"] == "could_not_run"


def test_a_warning_that_could_not_run_is_shown_and_withholds_nothing(mesh: SmallMesh) -> None:
    warns = "{{ config(severity='warn') }}"
    mesh.write(f"{TESTS}/odd.sql", f"{warns} select nonsense from {{{{ ref('orders') }}}}")
    outcome = _build(mesh)
    assert outcome.verdict is Verdict.RELEASED, outcome.reason
    odd = _tests(outcome)["odd"]
    assert (odd.outcome, odd.severity, odd.observed) == (Outcome.COULD_NOT_RUN, "warning", None)
    assert outcome.counts.could_not_run == 1


def test_a_switched_off_test_is_no_check(mesh: SmallMesh) -> None:
    off = "{{ config(enabled=false) }}"
    mesh.write(f"{TESTS}/off.sql", f"{off} select 1 from {{{{ ref('orders') }}}}")
    outcome = _build(mesh)
    assert (outcome.verdict, _tests(outcome)) == (Verdict.RELEASED, {})


def test_no_setting_of_dbt_leaves_a_test_out(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "empty")
    mesh.write(f"{TESTS}/order.sql", "select 1 from {{ ref('orders') }} where false")
    assert _outcomes(_build(mesh)) == {"order": "passed"}
