"""`mesh verify` and `mesh export oors` as people run them, on a port with every kind of rule."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.small_mesh import ORDERS, SmallMesh

pytestmark = pytest.mark.slow
CONTRACT = f"{ORDERS}/orders.odcs.yaml"
CHEAP = """\
      - name: mean_is_plausible
        type: custom
        engine: greatExpectations
        severity: warning
        dimension: accuracy
        implementation:
          type: expect_column_mean_to_be_between
          kwargs: {column: amount, max_value: 5}
"""
SUITE = """\
import great_expectations.expectations as gxe


class ExpectNoGiant(gxe.UnexpectedRowsExpectation):
    unexpected_rows_query: str = "select * from {batch} where amount > 1000"
    description: str = "Nobody orders for more than a thousand."


def suite():
    return [ExpectNoGiant(), gxe.ExpectColumnValuesToBeUnique(column="order_id")]
"""


def test_rules_and_expectations_are_one_list_of_checks(mesh_command: Run, mesh: SmallMesh) -> None:
    """Python is made into JSON, runs in the build, and can be had again from the registry."""
    mesh.edit(CONTRACT, "    quality:\n", f"    quality:\n{CHEAP}")
    mesh.write(f"{ORDERS}/expectations.py", SUITE)
    early = mesh_command("check", "shop")
    assert early.code == 1
    assert "`expectations.py` has not been made into JSON yet; run `mesh sync`" in early.out
    written = mesh_command("sync", "--output", "json").json["written"]
    assert f"{ORDERS}/expectations.json" in written
    assert mesh_command("sync", "--output", "json").json == {"written": [], "removed": []}
    assert mesh_command("check", "shop").code == 0
    built = mesh_command("build", "shop", "--output", "json")
    assert built.code == 0, built.out

    again = mesh_command("verify", "shop/orders", "--output", "json")
    assert again.code == 0, again.err
    assert again.json["outcome"] == "passed"
    checks = {check["name"]: check for check in again.json["checks"]}
    assert checks["no_giant"]["outcome"] == "passed"
    assert checks["order_id_unique"]["outcome"] == "passed"
    mean = checks["mean_is_plausible"]
    assert (mean["kind"], mean["outcome"]) == ("expectation", "warned")
    assert mean["observed"] == pytest.approx(35.5 / 3)
    codes = [finding["code"] for finding in again.json["findings"]]
    assert "check.mean_is_plausible" in codes

    said = mesh_command("export", "oors", "shop/orders").json
    assert (said["kind"], said["status"]) == ("ObservabilityResults", "warn")
    recorded = {result["id"]: result for result in said["results"]}
    assert set(recorded) == set(checks)
    assert recorded["mean_is_plausible"]["status"] == "warn"
    assert recorded["mean_is_plausible"]["dimension"] == "accuracy"
    assert recorded["primary_key"]["measure"] == {
        "metric": "duplicateValues", "value": 0.0, "threshold": {"mustBe": 0.0}, "unit": "rows",
    }  # fmt: skip


def test_a_draft_is_held_against_the_data_that_is_there(mesh_command: Run, mesh: SmallMesh) -> None:
    """Last month's verdict comes from last month's promise, whatever the file says now."""
    assert mesh_command("build", "shop").code == 0
    mesh.edit(
        CONTRACT,
        "- name: customer\n",
        "- name: customer\n        logicalTypeOptions: {maxLength: 2}\n",
    )
    kept = mesh_command("verify", "shop/orders", "--output", "json")
    assert kept.code == 0, kept.err
    assert "the contract has changed since this release; `--draft` checks it" in kept.err
    draft = mesh_command("verify", "shop/orders", "--draft", "--output", "json")
    assert (draft.code, draft.json["outcome"]) == (1, "failed")
    (broken,) = [f for f in draft.json["findings"] if f["blocking"]]
    assert broken["code"] == "check.customer_length"
    assert broken["file"] == CONTRACT
    assert broken["line"] == mesh.line(CONTRACT, "- name: customer")
    _check_time_limit(mesh_command, mesh)
    text = mesh_command("verify", "shop/orders", "--draft").out
    assert "customer_length:" in text
    assert ("•••" in text, "ann" in text) == (True, False), "customer is classified"


def _check_time_limit(mesh_command: Run, mesh: SmallMesh) -> None:
    """The mesh says how long a check may take; one that takes longer could not run."""
    many = "range(200000) a, range(200000) b"
    bomb = f"select count(*) from {many}, ${{object}} where a.range + b.range < 0"
    rule = f"      - {{name: bomb, type: sql, query: '{bomb}', mustBe: 0}}\n"
    before, settings = mesh.read(CONTRACT), mesh.read("mesh.yaml")
    mesh.edit(CONTRACT, "    quality:\n", f"    quality:\n{rule}")
    mesh.write("mesh.yaml", f"{settings}check_seconds: 0.5\n")
    said = mesh_command("verify", "shop/orders", "--draft", "--output", "json")
    checks = {check["name"]: check for check in said.json["checks"]}
    assert (said.code, said.json["outcome"]) == (2, "could_not_run")
    assert checks["bomb"]["message"].startswith("it took longer than 0.5 s")
    mesh.write(CONTRACT, before)
    mesh.write("mesh.yaml", settings)
