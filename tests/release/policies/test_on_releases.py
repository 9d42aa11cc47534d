"""Policies that judge a release are checks of its ports, and can withhold it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.policies.on_releases import policy_checks, release_rules
from mesh_platform.state.records import CheckRecord
from tests.policies import CRASHING, set_policies, write_waiver
from tests.release.staging import release, verify
from tests.release.test_build import good, refused
from tests.small_mesh import ORDERS, SmallMesh

NAME = "shop/orders"
RELEASE_CRASHING = CRASHING.replace("ColumnSubject", "ReleaseSubject").replace(
    "a_column(", "a_release(name="
)


def _checks(
    mesh: SmallMesh, rows: int = 1, *checks: CheckRecord, days: int = 0
) -> dict[str, CheckResult]:
    """What policies say of an attempt with so many rows, so many days from now."""
    workspace = Workspace.open(mesh.root)
    attempt = verify(workspace, NAME)
    ports = tuple(
        replace(port, files=(replace(port.files[0], rows=rows),)) for port in attempt.ports
    )
    attempt = replace(attempt, ports=ports, started_at=attempt.started_at + timedelta(days=days))
    product = workspace.mesh.product(NAME)
    told = list(policy_checks(workspace, product, attempt, checks))
    assert {record.port for record in told} <= {"orders"}
    return {record.result.check: record.result for record in told}


def test_without_policies_there_are_no_such_checks(mesh: SmallMesh) -> None:
    assert _checks(mesh) == {}


def test_a_violation_fails_where_the_policy_blocks_and_warns_where_it_does_not(
    mesh: SmallMesh,
) -> None:
    set_policies(mesh, "release.not-empty:")
    assert _checks(mesh)["policy_release_not_empty"].outcome is Outcome.PASSED
    failed = _checks(mesh, 0)["policy_release_not_empty"]
    assert (failed.kind, failed.outcome, failed.severity, failed.blocks) == (
        "policy",
        Outcome.FAILED,
        "error",
        True,
    )
    assert failed.threshold == "A release holds rows."
    assert failed.message == (
        "the release has no row (look whether the source was empty or cut off)"
    )
    set_policies(mesh, "release.not-empty: {state: draft}")
    draft = _checks(mesh, 0)["policy_release_not_empty"]
    assert (draft.outcome, draft.severity, draft.blocks) == (Outcome.WARNED, "warning", False)
    assert draft.message.startswith("draft: the release has no row")


def test_a_release_is_compared_with_the_one_before(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.rows-drop: {percent: 20}", "release.on-time: {severity: error}")
    workspace = Workspace.open(mesh.root)
    assert {r.outcome for r in _checks(mesh).values()} == {Outcome.PASSED}
    release(workspace, NAME)
    assert _checks(mesh, 1)["policy_release_rows_drop"].outcome is Outcome.PASSED
    assert _checks(mesh, 0)["policy_release_rows_drop"].message.startswith("0 rows after 1: ")
    late = _checks(mesh, 1, days=3)["policy_release_on_time"]
    assert (late.outcome, late.message[:33]) == (
        Outcome.FAILED,
        "3.0 days after the release before",
    )


def test_a_policy_sees_what_the_checks_said(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.checks-ran:")
    lost = CheckResult("some", "sql", Outcome.COULD_NOT_RUN, "warning", None, "", "")
    elsewhere = CheckRecord("another_port", lost)
    assert _checks(mesh, 1, elsewhere)["policy_release_checks_ran"].outcome is Outcome.PASSED
    told = _checks(mesh, 1, CheckRecord("orders", lost))["policy_release_checks_ran"]
    assert told.message.startswith("1 check(s) could not run: some")


def test_a_waiver_turns_a_failure_into_a_warning(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.not-empty:")
    write_waiver(mesh, ORDERS, policy="release.not-empty", until="2999-12-31")
    told = _checks(mesh, 0)["policy_release_not_empty"]
    assert (told.outcome, told.blocks) == (Outcome.WARNED, False)
    assert told.message == "the release has no row (waived until 2999-12-31 by Ada)"


def test_a_policy_that_crashes_withholds_the_release(mesh: SmallMesh) -> None:
    mesh.write("policies/own.py", RELEASE_CRASHING)
    told = _checks(mesh)["policy_test_crashing"]
    assert (told.outcome, told.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert told.message.startswith("the policy could not run: AttributeError")


def test_a_file_of_policies_that_cannot_be_loaded_withholds_the_release_of_its_domain(
    mesh: SmallMesh,
) -> None:
    mesh.write("domains/report/policies.py", "1 / 0\n")
    assert _checks(mesh) == {}
    mesh.write("domains/shop/policies.py", "1 / 0\n")
    told = _checks(mesh)["policy_files"]
    assert (told.outcome, told.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert told.message == (
        "the policies of domains/shop/policies.py cannot be loaded: "
        "ZeroDivisionError: division by zero (domains/shop/policies.py:1)"
    )


def test_a_name_that_no_policy_has_withholds_releases(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.not-emty:")
    told = _checks(mesh)["policy_files"]
    assert (told.outcome, told.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert told.message.startswith("no policy is called `release.not-emty` (mesh.yaml:")


def test_the_rules_for_releases_of_a_domain_are_those_of_the_mesh_and_its_own(
    mesh: SmallMesh,
) -> None:
    set_policies(mesh, "release.not-empty:", "product.readme:")
    mesh.write("domains/shop/policies.py", RELEASE_CRASHING)
    loaded = Workspace.open(mesh.root).mesh
    today = date(2026, 6, 1)
    assert [rule.code for rule in release_rules(loaded, "report", today)] == ["release.not-empty"]
    assert [rule.code for rule in release_rules(loaded, "shop", today)] == [
        "release.not-empty",
        "test.crashing",
    ]


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product(NAME))


@pytest.mark.slow
def test_a_policy_withholds_a_release_until_somebody_waives_it(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.rows-drop: {percent: 20}")
    assert _build(mesh).verdict is Verdict.RELEASED
    mesh.land_orders("1,ann,10.5,paid\n2,bob,20,open\n")
    refused = _build(mesh)
    assert refused.verdict is Verdict.FAILED
    assert refused.reason is not None
    assert (
        "check `policy_release_rows_drop` of port `orders` failed: "
        "2 rows after 4: more than 20 percent are gone" in refused.reason
    )
    assert f"  at: mesh.yaml:{mesh.line('mesh.yaml', 'release.rows-drop')}:3\n" in refused.reason
    assert f"write a waiver in {ORDERS}/waivers.yaml" in refused.reason
    workspace = Workspace.open(mesh.root)
    last = workspace.registry.last_attempts()[NAME]
    kept = {r.result.check: r.result.outcome for r in workspace.registry.checks(last.id)}
    assert kept["policy_release_rows_drop"] is Outcome.FAILED
    write_waiver(mesh, ORDERS, policy="release.rows-drop", until="2999-12-31")
    assert _build(mesh).verdict is Verdict.RELEASED


@pytest.mark.slow
def test_a_policy_that_cannot_run_is_told_with_who_names_the_cause(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.write("domains/shop/policies.py", "1 / 0\n")
    mesh.land_orders("1,ann,10.5,paid\n")
    assert (refused(mesh, rows).reason or "").endswith(
        "  try: `mesh check shop/orders` names what keeps the policy from running"
    )


@pytest.mark.slow
def test_a_policy_that_raises_on_a_release_is_told_with_its_line(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.write("policies/own.py", RELEASE_CRASHING)
    mesh.land_orders("1,ann,10.5,paid\n")
    line = mesh.line("policies/own.py", "@policy(")
    reason = refused(mesh, rows).reason or ""
    assert "could not run: the policy could not run: AttributeError" in reason
    assert reason.endswith(
        f"  at: policies/own.py:{line}\n"
        "  try: correct the policy at that line; `mesh policy test` runs its good and bad cases"
    )
