"""One outcome has one exit code, one rule one verdict, one selection one meaning: everywhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.cli.output import EXIT_CODES
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.outcome import Verdict
from mesh_platform.release.publish import recover
from mesh_platform.scaffold.sync import bring_in_step
from mesh_platform.state.records import State
from tests import warm
from tests.cli.conftest import Run
from tests.policies import set_policies
from tests.release.staging import begin, release
from tests.small_mesh import ORDERS, PAIR, REPOSITORY, REVENUE, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"
WARNING = "select count(distinct customer) from ${object}"


@pytest.fixture
def mesh(mesh: SmallMesh) -> SmallMesh:
    files = Workspace.open(mesh.root).mesh
    bring_in_step(files, files.domains)
    return mesh


def test_the_documents_give_each_outcome_the_exit_code_that_commands_give_it() -> None:
    text = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| ([012]) \|", text, re.MULTILINE)
    assert {word: int(code) for word, code in told} == EXIT_CODES
    assert {verdict.value for verdict in Verdict} <= EXIT_CODES.keys()


def _cannot_run(mesh: SmallMesh, severity: str) -> None:
    mesh.edit(CONTRACT, "severity: warning", f"severity: {severity}")
    mesh.edit(CONTRACT, WARNING, "select count(*) from shop.nowhere")


@pytest.mark.parametrize(("severity", "code"), [("warning", 0), ("error", 1)])
def test_a_rule_that_cannot_run_blocks_a_check_where_it_withholds_a_release(
    look: Run, mesh: SmallMesh, severity: str, code: int
) -> None:
    _cannot_run(mesh, severity)
    said = look("check", "shop", "--output", "json")
    (finding,) = [f for f in said.json["findings"] if f["code"] == "contract.cannot-run"]
    assert (said.code, finding["severity"]) == (code, severity)


@pytest.mark.parametrize(("severity", "code"), [("warning", 0), ("error", 2)])
def test_a_promise_that_could_not_be_checked_has_one_exit_code(
    look: Run, mesh: SmallMesh, severity: str, code: int
) -> None:
    """The staged data has none of the promised columns: no other rule matters here."""
    mesh.write(CONTRACT, _one_column(mesh.read(CONTRACT)))
    _cannot_run(mesh, severity)
    release(Workspace.open(mesh.root), "shop/orders")
    said = look("verify", "shop/orders", "--output", "json")
    outcome = "could_not_run" if code else "passed"
    assert (said.code, said.json["outcome"]) == (code, outcome)
    assert EXIT_CODES[outcome] == code


def _one_column(contract: str) -> str:
    """The contract with the one column that staged data has."""
    before, _, rest = contract.partition("    properties:\n")
    column = "      - {name: a, logicalType: integer, physicalType: INTEGER}\n"
    return f"{before}    properties:\n{column}{rest[rest.index('slaProperties') :]}"


def test_a_policy_that_could_not_run_has_the_same_exit_code(look: Run, mesh: SmallMesh) -> None:
    mesh.write("policies/p.py", "def broken(:\n")
    set_policies(mesh, "product.readme: {}")
    codes = {look(*words).code for words in (("check",), ("policy", "test"))}
    assert codes == {EXIT_CODES["could_not_run"]}


def test_a_check_of_one_product_judges_that_one_and_what_keeps_it_from_building(
    look: Run, twins: SmallMesh
) -> None:
    text = twins.read(f"{PAIR}/product.odps.yaml")
    for name in ("good", "bad"):
        folder = f"domains/twins/products/{name}"
        twins.write(f"{folder}/product.odps.yaml", text.replace("pair", name).replace("left", name))
    chosen = look("check", "twins/pair", "--output", "json")
    others = [f for f in chosen.json["findings"] if f["product"] in ("twins/good", "twins/bad")]
    assert all(finding["blocking"] for finding in others), "a warning of another is its own"
    whole = look("check", "twins", "--output", "json")
    assert {"twins/good", "twins/bad"} <= {f["product"] for f in whole.json["findings"]}
    assert look("build", "twins/pair", "--output", "json").code == chosen.code == 1


def test_a_domain_that_was_left_alone_is_not_called_in_step(look: Run, mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "apiVersion: v3.2.0", "apiVersion: 3")
    said = look("sync")
    assert said.code == 1
    assert "in step" not in said.out
    assert "left alone, because their files have errors: shop" in said.err


def test_a_build_tells_of_each_product_of_a_domain_with_errors(
    mesh_command: Run, twins: SmallMesh
) -> None:
    release(Workspace.open(twins.root), "twins/pair")
    twins.write("domains/twins/products/bad/product.odps.yaml", "id: twins/bad\n")
    said = mesh_command("build", "--output", "json")
    assert said.code == 1
    entries = {entry["product"]: entry for entry in said.json["products"]}
    assert (entries["twins/pair"]["outcome"], entries["twins/pair"]["release"]) == ("failed", 1)
    assert entries["twins/pair"]["reason"].endswith("try: mesh check twins")
    assert "twins/bad" in entries


def _status(look: Run) -> dict[str, str | None]:
    entry = look("status", "shop", "--output", "json").json[0]
    last = entry["last_attempt"]
    return {"health": entry["health"], "state": last["state"], "reason": last["reason"]}


def test_status_says_what_is_so_now(look: Run, mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    failed = begin(workspace, "shop/orders")
    workspace.registry.record(failed.id, State.FAILED, (), (), reason="a test failed")
    assert _status(look) == {"health": "failing", "state": "failed", "reason": "a test failed"}
    shown = look("show", "shop/orders")
    assert "health    failing" in shown.out
    assert re.search(r"^last attempt, \S+: a test failed$", shown.out, re.MULTILINE)
    told = look("show", "shop/orders", "--output", "json").json
    assert (told["health"], told["last_attempt"]["reason"]) == ("failing", "a test failed")
    workspace.registry.withdraw_failures("shop/orders")
    assert _status(look) == {"health": "healthy", "state": "withdrawn", "reason": None}
    begin(workspace, "shop/orders")
    with workspace.only_builder("shop"):
        assert _status(look) == {"health": "healthy", "state": "building", "reason": None}
    seen = _status(look)
    assert (seen["health"], seen["state"]) == ("healthy", "interrupted")
    recover(workspace, workspace.mesh.product("shop/orders"))
    assert _status(look) == {
        "health": "healthy",
        "state": "interrupted",
        "reason": "the build was interrupted",
    }


def test_a_check_in_the_library_and_on_the_command_line_are_one(look: Run, mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/revenue.sql", "sum(amount)", "sum(total)")
    said = look("check", "--output", "json")
    checked = check_mesh(Workspace.open(mesh.root))
    assert said.json["outcome"] == checked.outcome == "failed"
    assert said.code == EXIT_CODES[checked.outcome]
    assert len(said.json["findings"]) == len(checked.findings)


def test_doctor_never_sends_people_to_itself(look: Run, mesh: SmallMesh) -> None:
    registry = mesh.path(".mesh/dev/registry.db")
    Path(registry.parent).mkdir(parents=True)
    registry.write_bytes(b"no database " * 400)
    said = look("doctor", "--output", "json")
    wrong = [symptom for symptom in said.json if not symptom["fine"]]
    assert (said.code, len(wrong)) == (2, 1)
    assert all("mesh doctor" not in s["fix"].replace("mesh doctor --", "") for s in wrong)


LARGE = "read shop/orders --sql 'select * from range(20000)'"
"""An answer that is larger than a pipe."""


def _piped(mesh: SmallMesh, words: str, into: str, unbuffered: str) -> tuple[int, str, str]:
    """Return the exit code of a command whose output goes to another program, and what is said."""
    pipe, said = mesh.path("pipe"), mesh.path("said")
    os.mkfifo(pipe)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    ended = warm.mesh_to(shlex.split(words), mesh.root, environment, pipe, said)
    reader = ["bash", "-c", f"{into} < {pipe}"]
    shown = subprocess.run(reader, capture_output=True, text=True, check=True).stdout
    code = ended.ended().code
    pipe.unlink()
    return code, shown, said.read_text(encoding="utf-8")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_command_whose_reader_has_gone_gives_no_verdict(mesh: SmallMesh, unbuffered: str) -> None:
    release(Workspace.open(mesh.root), "shop/orders")
    assert _piped(mesh, "list", "true", unbuffered) == (141, "", "")
    for form in ("table", "csv", "json"):
        code, shown, said = _piped(mesh, f"{LARGE} --format {form}", "head -1", unbuffered)
        assert (code, shown.count("\n"), said) == (141, 1, ""), form


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_answer_that_is_larger_than_a_pipe_is_written_whole(
    mesh: SmallMesh, unbuffered: str
) -> None:
    release(Workspace.open(mesh.root), "shop/orders")
    code, shown, said = _piped(mesh, LARGE, "(sleep 1; cat)", unbuffered)
    assert (code, len(shown.splitlines()), said) == (0, 20001, "")
