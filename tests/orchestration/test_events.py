"""What Dagster is told of dbt tests and policies, also where release and asset graph differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import dagster as dg
import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import DbtTest
from mesh_platform.engines.dbt.tests import DbtCheck
from mesh_platform.environments.workspace import Workspace
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.contract import Severity
from mesh_platform.orchestration.assets import dbt_check_specs, policy_check_specs
from mesh_platform.orchestration.events import Known, events
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.policies.on_releases import release_rules
from mesh_platform.state.records import CheckRecord
from tests.policies import set_policies
from tests.small_mesh import SmallMesh

MODEL = dg.AssetKey(["shop", "orders", "models", "stg_orders"])
TEST = DbtTest(
    "test.shop.t", "t", "test", "fqn:shop.t", "No ghosts.", "tests/t.sql", Severity.ERROR,
    None, ("stg_orders",), (), "!= 0", "!= 0",
)  # fmt: skip
CHECK = DbtCheck("t", "stg_orders", TEST)
RESULT = CheckResult("t", "dbt_test", Outcome.PASSED, "error", 0.0, "no failure", "0 failing rows")


def _told(
    mesh: SmallMesh, verdict: Verdict, *results: CheckResult, known: tuple[DbtCheck, ...] = (CHECK,)
) -> list[dg.AssetCheckResult]:
    product = Workspace.open(mesh.root).mesh.product("shop/orders")
    checks = tuple(CheckRecord(None, result) for result in results)
    outcome = ProductOutcome(product, verdict, 0.0, checks=checks)
    told = events(outcome, Known((), known))
    return [event for event in told if isinstance(event, dg.AssetCheckResult)]


def test_a_dbt_test_is_a_check_of_the_model_it_is_about(mesh: SmallMesh) -> None:
    product = Workspace.open(mesh.root).mesh.product("shop/orders")
    warns = replace(CHECK, name="w", test=replace(TEST, severity=Severity.WARNING))
    error, warning = dbt_check_specs(product, (CHECK, warns))
    assert (error.asset_key, error.name, error.description) == (MODEL, "t", "No ghosts.")
    assert (error.blocking, warning.blocking) == (True, False)
    assert error.metadata == {"rule": "dbt test: no failure", "written in": "tests/t.sql"}


@pytest.mark.parametrize(
    ("outcome", "severity", "passed", "seen"),
    [
        (Outcome.PASSED, "error", True, dg.AssetCheckSeverity.ERROR),
        (Outcome.WARNED, "warning", False, dg.AssetCheckSeverity.WARN),
        (Outcome.FAILED, "error", False, dg.AssetCheckSeverity.ERROR),
        (Outcome.COULD_NOT_RUN, "error", False, dg.AssetCheckSeverity.ERROR),
        (Outcome.COULD_NOT_RUN, "warning", False, dg.AssetCheckSeverity.WARN),
    ],
)
def test_only_what_passed_is_green_in_dagster(
    mesh: SmallMesh, outcome: Outcome, severity: str, passed: bool, seen: dg.AssetCheckSeverity
) -> None:
    result = replace(RESULT, outcome=outcome, severity=severity)
    [told] = _told(mesh, Verdict.FAILED, result)
    assert (told.asset_key, told.check_name) == (MODEL, "t")
    assert (told.passed, told.severity, told.description) == (passed, seen, "0 failing rows")


def test_a_release_that_knows_nothing_of_a_test_does_not_make_it_green(mesh: SmallMesh) -> None:
    [told] = _told(mesh, Verdict.UP_TO_DATE)
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert told.description == (
        "the release does not say how this test ended; build it again in full"
    )


def test_a_build_that_failed_before_its_tests_says_nothing_of_them(mesh: SmallMesh) -> None:
    assert _told(mesh, Verdict.FAILED) == []


def test_a_test_that_the_asset_graph_does_not_know_yet_is_not_told(mesh: SmallMesh) -> None:
    assert _told(mesh, Verdict.RELEASED, RESULT, known=()) == []


def _policy(mesh: SmallMesh, code: str) -> PolicyRule:
    set_policies(mesh, f"{code}:")
    [rule] = release_rules(Workspace.open(mesh.root).mesh, "shop", date(2026, 6, 1))
    return rule


def test_a_policy_for_releases_is_a_check_of_each_port(mesh: SmallMesh) -> None:
    rule = _policy(mesh, "release.not-empty")
    product = Workspace.open(mesh.root).mesh.product("shop/orders")
    [spec] = policy_check_specs(product, (rule,))
    assert (spec.asset_key, spec.name, spec.blocking) == (
        dg.AssetKey(["shop", "orders"]),
        "policy_release_not_empty",
        True,
    )
    assert spec.metadata["why"] == "an empty table keeps most promises, and ruins every report."


def test_what_a_policy_said_of_a_release_is_told_and_what_it_did_not_say_is_not_green(
    mesh: SmallMesh,
) -> None:
    rule = _policy(mesh, "release.not-empty")
    product = Workspace.open(mesh.root).mesh.product("shop/orders")
    result = replace(RESULT, check="policy_release_not_empty", kind="policy")
    lost = replace(result, check="policy_files")
    said = tuple(CheckRecord("orders", each) for each in (result, lost))
    for checks, verdict, passed in (
        (said, Verdict.RELEASED, [True]),
        (said, Verdict.FAILED, [True]),
        ((), Verdict.UP_TO_DATE, [False]),
        ((), Verdict.FAILED, []),
    ):
        outcome = ProductOutcome(product, verdict, 0.0, checks=checks)
        told = [
            event
            for event in events(outcome, Known((), (), (rule,)))
            if isinstance(event, dg.AssetCheckResult)
        ]
        assert [event.passed for event in told] == passed
        assert {event.check_name for event in told} <= {"policy_release_not_empty"}
