"""`mesh policy list` and `test`, and what policies make of `mesh check`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.policies.on_releases import policy_checks
from mesh_platform.release.publish import finish
from mesh_platform.state.records import State
from tests.cli.conftest import Run
from tests.policies import CRASHING, NO_CUSTOMER, set_policies
from tests.release.staging import begin
from tests.small_mesh import ORDERS, SmallMesh


def test_list_says_what_is_asked_why_how_and_where(look: Run, mesh: SmallMesh) -> None:
    set_policies(mesh, "port.retention: {most_days: 30, state: grace, until: 2999-12-31}")
    said = look("policy", "list", "--output", "json")
    assert said.code == 0
    rules = {rule["code"]: rule for rule in said.json}
    line = rules["port.retention"].pop("line")
    assert isinstance(line, int)
    assert rules["port.retention"] == {
        "code": "port.retention",
        "description": "A contract says how long releases are kept, and that is not for ever.",
        "why": "what nobody decided to keep is kept for ever, at a cost and a risk.",
        "subject": "port",
        "severity": "error",
        "state": "grace",
        "since": "2999-12-31",
        "blocking": False,
        "standing": "not yet, from the day after 2999-12-31 on",
        "parameters": [{"name": "most_days", "default": 3650, "value": 30}],
        "owner": "platform",
        "file": "mesh_platform/governance/starter/privacy.py",
    }
    assert rules["product.readme"]["state"] == "available"
    assert "1 switched on" in look("policy", "list").out


def test_the_list_is_narrowed_to_codes_and_to_how_codes_begin(look: Run) -> None:
    def listed(*codes: str) -> list[str]:
        return [rule["code"] for rule in look("policy", "list", *codes, "--output", "json").json]

    columns = listed("column")
    assert "column.name" in columns
    assert {code.split(".")[0] for code in columns} == {"column"}
    assert listed("column.*") == listed("column.") == columns
    assert listed("column.name", "product.readme") == ["column.name", "product.readme"]
    assert look("policy", "list", "column.name").out.splitlines()[-1] == (
        "1 policy, 0 switched on; --output json has parameters and files"
    )
    wrong = look("policy", "list", "colum")
    assert (wrong.code, wrong.err) == (
        2,
        "no policy is called `colum`\n  try: did you mean `column` or `column.name`?\n",
    )


def test_a_setting_that_is_wrong_is_told_beside_the_list(look: Run, mesh: SmallMesh) -> None:
    set_policies(mesh, "port.retentoin:")
    said = look("policy", "list", "--output", "json")
    assert (said.code, len(said.json) >= 24) == (1, True)
    assert "did you mean `port.retention`" in said.err


def test_all_cases_of_the_platforms_policies_hold(look: Run) -> None:
    said = look("policy", "test")
    assert said.code == 0
    assert said.out.rstrip().endswith("passed, 0 not")


def test_policies_of_the_mesh_and_of_domains_are_tried_too(look: Run, mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    mesh.write("domains/shop/policies.py", NO_CUSTOMER.replace("shop.no-customer", "shop.other"))
    said = look("policy", "test", "--output", "json")
    tried = {entry["code"]: entry for entry in said.json["policies"]}
    assert (said.code, said.json["outcome"]) == (0, "passed")
    assert [case["name"] for case in tried["shop.no-customer"]["cases"]] == [
        "another_name",
        "that_name",
    ]
    assert tried["shop.other"]["file"] == "domains/shop/policies.py"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            NO_CUSTOMER.replace('a_column("customer")', 'a_column("client")'),
            1,
            "shop.no-customer: case `that_name`: it is bad, but the policy lets it pass\n"
            "  at: policies/names.py:22",
        ),
        (NO_CUSTOMER.split("@no_customer.bad")[0], 1, "shop.no-customer: it has no bad case"),
        (CRASHING, 2, "case `another_name`: the policy could not run: AttributeError: "),
        ("1 / 0\n", 2, "cannot be loaded: ZeroDivisionError: division by zero"),
        (
            NO_CUSTOMER
            + "\n\n@no_customer.good\ndef _late() -> ColumnSubject:\n    while 1: ...\n",
            2,
            "",
        ),
    ],
    ids=["wrong case", "no bad case", "crash", "no module", "loop"],
)
def test_what_does_not_hold_is_told_with_its_line(
    look: Run, mesh: SmallMesh, text: str, code: int, said: str
) -> None:
    set_policies(mesh, seconds=1)
    mesh.write("policies/names.py", text)
    told = look("policy", "test")
    assert (told.code, said in told.out) == (code, True), told.out
    assert "Traceback" not in told.out + told.err


def test_check_fails_on_a_violation_that_blocks_and_not_on_one_that_warns(
    look: Run, mesh: SmallMesh
) -> None:
    look("sync")
    mesh.write("policies/names.py", NO_CUSTOMER)
    said = look("check", "--output", "json")
    assert (said.code, said.json["outcome"]) == (1, "failed")
    [finding] = said.json["findings"]
    assert (finding["code"], finding["severity"], finding["blocking"], finding["product"]) == (
        "shop.no-customer",
        "error",
        True,
        "shop/orders",
    )
    assert finding["line"] == mesh.line(f"{ORDERS}/orders.odcs.yaml", "- name: customer")
    assert finding["why"] == "everybody means something else by it."
    set_policies(mesh, "shop.no-customer: {severity: warning}")
    said = look("check", "--output", "json")
    assert (said.code, said.json["outcome"]) == (0, "passed")
    assert len(said.json["findings"]) == 1


def test_a_policy_that_could_not_run_is_exit_code_2_whatever_else_was_found(
    look: Run, mesh: SmallMesh
) -> None:
    look("sync")
    mesh.write("policies/names.py", NO_CUSTOMER)
    mesh.write("policies/other.py", CRASHING)
    said = look("check", "--output", "json")
    assert (said.code, said.json["outcome"]) == (2, "could_not_run")
    assert {f["code"] for f in said.json["findings"]} == {"shop.no-customer", "policy.cannot-run"}
    assert look("check", "report", "--output", "json").code == 2


def test_the_why_and_the_way_to_a_waiver_are_not_repeated(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    mesh.write("policies/names.py", NO_CUSTOMER.replace("column.name == name", "column.name"))
    out = look("check", "shop").out
    assert out.count("is called so") > 2
    assert (out.count("why: "), out.count("waiver: ")) == (1, 1)


def test_verify_says_that_policies_on_the_release_are_not_judged_again(
    look: Run, mesh: SmallMesh
) -> None:
    """They are in what `mesh show` counts."""
    set_policies(mesh, "release.not-empty:", "release.checks-ran:")
    _release_with_policies(Workspace.open(mesh.root), "shop/orders")
    shown = look("show", "shop/orders", "--output", "json").json["ports"][0]
    assert len(shown["policies"]) == 2
    assert look("verify", "shop/orders").out.splitlines()[-1] == (
        "and 2 checks of policies, judged when it was released, not again"
    )


def _release_with_policies(workspace: Workspace, name: str) -> None:
    attempt = begin(workspace, name)
    ports = tuple(replace(port, files=(replace(port.files[0], rows=1),)) for port in attempt.ports)
    judged = tuple(policy_checks(workspace, workspace.mesh.product(name), attempt, ()))
    workspace.registry.record(attempt.id, State.VERIFIED, ports, judged)
    verified = workspace.registry.get(attempt.id)
    assert verified is not None
    finish(workspace, verified)


def test_a_word_that_no_state_is_stops_with_a_suggestion(look: Run, mesh: SmallMesh) -> None:
    set_policies(mesh, "product.readme: {state: enable}")
    said = look("check")
    assert said.code == 2
    assert "  at: mesh.yaml:5" in said.err
    assert "did you mean `enabled`?" in said.err
