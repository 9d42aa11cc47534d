"""What dbt said of a product's nodes, held against the rules: which of it ends the build."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import Manifest
from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.release.models import BuiltModels, refuse_failures
from tests.engines.dbt.test_tests import STAGING, TEST
from tests.small_mesh import SmallMesh

_EMPTY = Manifest((), ())


def _node(name: str, status: str, kind: str = "test") -> NodeResult:
    return NodeResult(name, name, kind, status, f"{name} said", f"tests/{name}.sql", 0.0)


def _refusal(
    mesh: SmallMesh,
    *nodes: NodeResult,
    harmless: str = "",
    results: tuple[CheckResult, ...] = (),
    manifest: Manifest = _EMPTY,
) -> str | None:
    workspace = Workspace.open(mesh.root)
    built = BuiltModels(nodes, manifest, results, frozenset({harmless}))
    try:
        refuse_failures(workspace, built, workspace.mesh.product("shop/orders"))
    except PromiseBrokenError as error:
        return str(error)
    return None


def test_what_ended_well_or_only_warns_goes_on(mesh: SmallMesh) -> None:
    nodes = (_node("a", "success", "model"), _node("b", "pass"), _node("c", "warn"))
    assert _refusal(mesh, *nodes, _node("w", "error"), harmless="w") is None


def test_the_cause_is_named_not_what_was_skipped_because_of_it(mesh: SmallMesh) -> None:
    nodes = (_node("a", "skipped", "model"), _node("w", "error"), _node("t", "fail", "unit_test"))
    assert _refusal(mesh, *nodes, harmless="w") == (
        "shop/orders: unit test `t` failed: t said\n  at: domains/shop/tests/t.sql"
    )


def test_a_warning_that_kept_a_model_from_being_built_is_the_cause(mesh: SmallMesh) -> None:
    nodes = (_node("a", "skipped", "model"), _node("w", "error"))
    assert _refusal(mesh, *nodes, harmless="w") == (
        "shop/orders: test `w` failed: w said\n  at: domains/shop/tests/w.sql"
    )


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_test_that_was_not_run_counts_as_its_severity_says(
    mesh: SmallMesh, severity: str
) -> None:
    outcome = Outcome.COULD_NOT_RUN
    result = CheckResult("t", "dbt_test", outcome, severity, None, "", "dbt did not run it")
    said = _refusal(mesh, results=(result,))
    assert said == (
        "shop/orders: dbt test `t` could not run: dbt did not run it\n"
        "  try: correct each `ref` and `source` in it that names what is not there or is turned"
        " off; or remove the setting that leaves the test out"
        if severity == "error"
        else None
    )


def test_a_test_that_was_not_run_is_told_at_its_file(mesh: SmallMesh) -> None:
    model = replace(STAGING, product="orders")
    result = CheckResult("no_ghosts", "dbt_test", Outcome.COULD_NOT_RUN, "error", None, "", "x")
    said = _refusal(mesh, results=(result,), manifest=Manifest((model,), (TEST,))) or ""
    assert "\n  at: domains/shop/tests/no_ghosts.sql\n" in said
