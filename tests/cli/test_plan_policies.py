"""`mesh plan` holds changes, and what changes, against the policies of the mesh."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from mesh_platform.model.reasons import reason_of
from tests.cli.conftest import Run
from tests.planned import acknowledge, git, release_all
from tests.policies import NO_CUSTOMER, set_policies, write_waiver
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"
NO_MAJOR = '''\
from mesh_platform.governance.examples import a_change
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ChangeSubject


@policy("change.no-major")
def no_major(change: ChangeSubject) -> Violation | None:
    """Nothing breaks in December.

    Why: nobody is there to mend it.
    """
    if change.level == "major":
        versions = f"{change.before} to {change.after}"
        whom = f"{change.consumers}, agreed {change.acknowledged}"
        return Violation(f"{change.message} ({versions}) for {whom}", "wait")
    return None


@no_major.good
def _minor() -> ChangeSubject:
    return a_change("minor")


@no_major.bad
def _major() -> ChangeSubject:
    return a_change("major")
'''


@pytest.fixture
def committed(look: Run, mesh: SmallMesh) -> SmallMesh:
    """The mesh, in step and committed; edit it and plan against HEAD."""
    look("sync")
    git = ["git", "-C", str(mesh.root), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    return mesh


def _commit(mesh: SmallMesh) -> None:
    git(mesh.root, "add", "-A")
    git(mesh.root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "next")


def _policies(look: Run) -> list[str]:
    """Codes of what policies find, at which lines; other findings are not theirs."""
    said = look("plan", "--against", "HEAD", "--output", "json").json
    found = [f for f in said["findings"] if reason_of(f["code"]).why is None]
    return [f"{f['code']} {f['file']}:{f['line']}" for f in found]


def test_a_policy_of_changes_judges_each_change_and_nothing_else(
    look: Run, committed: SmallMesh
) -> None:
    committed.write("policies/frozen.py", NO_MAJOR)
    assert _policies(look) == []
    committed.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    assert _policies(look) == []
    committed.edit(CONTRACT, "- name: amount", "- name: total")
    said = look("plan", "--against", "HEAD", "--output", "json")
    assert (said.code, said.json["outcome"]) == (1, "failed")
    [found] = [f for f in said.json["findings"] if f["code"] == "change.no-major"]
    assert found["product"] == "shop/orders"
    assert "(1.0.0 to 1.0.0) for ('report/revenue',), agreed ()" in found["message"]
    assert found["file"] == CONTRACT


def test_a_policy_of_changes_knows_who_has_agreed(look: Run, committed: SmallMesh) -> None:
    committed.write("policies/frozen.py", NO_MAJOR)
    committed.edit(CONTRACT, "- name: amount", "- name: total")
    acknowledge(committed)
    said = look("plan", "--against", "HEAD", "--output", "json").json
    [found] = [f for f in said["findings"] if f["code"] == "change.no-major"]
    assert "for ('report/revenue',), agreed ('report/revenue',)" in found["message"]


def test_a_policy_of_changes_sees_what_the_sql_of_the_product_reads(
    look: Run, committed: SmallMesh
) -> None:
    told = NO_MAJOR.replace('"wait"', "str([r.what for r in change.product.reads_around_ports])")
    committed.write("policies/frozen.py", told)
    committed.edit(CONTRACT, "- name: amount", "- name: total")
    committed.write(f"{ORDERS}/rates.sql", "select * from read_csv('rates.csv')")
    said = look("plan", "--against", "HEAD", "--output", "json").json
    [found] = [f for f in said["findings"] if f["code"] == "change.no-major"]
    assert found["fix"] == "['the function `read_csv`']"


def test_an_end_is_announced_in_time_or_was_before(look: Run, committed: SmallMesh) -> None:
    set_policies(committed, "change.end-notice:")

    def ends_in(days: int) -> None:
        day = (datetime.now(UTC).date() + timedelta(days=days)).isoformat()
        end = f'slaProperties:\n  - {{property: endOfSupport, value: "{day}"}}\n'
        text = re.sub(r"slaProperties:\n(  - \{.*\n)?", end, committed.read(CONTRACT))
        committed.write(CONTRACT, text)

    ends_in(100)
    assert _policies(look) == []
    ends_in(1)
    line = committed.line(CONTRACT, "endOfSupport")
    assert _policies(look) == [f"change.end-notice {CONTRACT}:{line}"]
    acknowledge(committed, version="1.0.1", until="2999-12-31")
    assert _policies(look) == [f"change.end-notice {CONTRACT}:{line}"]
    acknowledge(committed, version="1.1.0", until="2020-01-01")
    assert _policies(look) == [f"change.end-notice {CONTRACT}:{line}"]
    acknowledge(committed, version="1.1.0", until="2999-12-31")
    assert _policies(look) == []
    committed.delete(f"{REVENUE}/acknowledgements.yaml")
    _commit(committed)
    committed.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    assert _policies(look) == []
    ends_in(2)
    assert _policies(look) == []


def test_a_policy_of_files_judges_only_products_that_change(
    look: Run, committed: SmallMesh
) -> None:
    set_policies(committed, "product.readme:", "domain.owner:")
    committed.delete(f"{ORDERS}/README.md")
    _commit(committed)
    assert _policies(look) == []
    committed.edit(f"{REVENUE}/revenue.odcs.yaml", "description: ", "description: Now ")
    assert _policies(look) == [f"product.readme {REVENUE}/product.odps.yaml:1"]


def test_what_blocks_elsewhere_does_not_stand_against_the_change(
    look: Run, committed: SmallMesh
) -> None:
    set_policies(committed, "product.readme:")
    _commit(committed)
    committed.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    assert _policies(look) == []


def test_a_policy_blocks_where_no_promise_changes(look: Run, committed: SmallMesh) -> None:
    set_policies(committed, "product.readme:", "product.reads-declared:")
    committed.write(f"{REVENUE}/README.md", "# Revenue\n")
    _commit(committed)
    assert _policies(look) == []
    committed.delete(f"{ORDERS}/README.md")
    committed.write(f"{REVENUE}/rates.sql", "select * from read_csv('rates.csv')")
    assert _policies(look) == [
        f"product.readme {ORDERS}/product.odps.yaml:1",
        f"product.reads-declared {REVENUE}/rates.sql:1",
    ]
    assert look("plan", "--against", "HEAD").code == 1


def test_against_releases_code_and_domains_are_judged(look: Run, shop: SmallMesh) -> None:
    set_policies(shop, "product.reads-declared:", "domain.owner:")
    assert look("plan").code == 0
    shop.edit("domains/report/domain.yaml", "email: report@example.com", "email: nobody")
    shop.write(f"{ORDERS}/rates.sql", "select * from read_csv('rates.csv')")
    found = look("plan", "--output", "json").json["findings"]
    assert [finding["code"] for finding in found if finding["blocking"]] == [
        "domain.owner",
        "product.reads-declared",
    ]


def test_against_releases_files_that_are_not_committed_are_judged(
    look: Run, shop: SmallMesh
) -> None:
    set_policies(shop, "product.readme:", "product.owner-agrees:")
    shop.write(f"{REVENUE}/README.md", "# Revenue\n")
    team = "team: {name: report-team}\noutputPorts:"
    shop.edit(f"{REVENUE}/product.odps.yaml", "outputPorts:", team)
    release_all(shop)
    git(shop.root, "init", "-q")
    _commit(shop)
    assert look("plan").code == 0
    shop.edit("domains/report/domain.yaml", "team: report-team", "team: others")
    shop.delete(f"{ORDERS}/README.md")
    found = look("plan", "--output", "json").json["findings"]
    assert [finding["code"] for finding in found if finding["blocking"]] == [
        "product.owner-agrees",
        "product.readme",
    ]


def test_a_policy_that_is_switched_on_judges_everything(look: Run, committed: SmallMesh) -> None:
    set_policies(committed, "product.readme:")
    assert _policies(look) == [f"product.readme {REVENUE}/product.odps.yaml:1"]


def test_another_owner_in_domain_yaml_is_held_against_the_products(
    look: Run, committed: SmallMesh
) -> None:
    set_policies(committed, "product.owner-agrees:")
    team = "team: {name: shop-team}\noutputPorts:"
    committed.edit(f"{ORDERS}/product.odps.yaml", "outputPorts:", team)
    _commit(committed)
    committed.edit("domains/shop/domain.yaml", "team: shop-team", "team: others")
    assert _policies(look) == [f"product.owner-agrees {ORDERS}/product.odps.yaml:1"]


def test_a_waiver_excuses_a_change(look: Run, committed: SmallMesh) -> None:
    committed.write("policies/frozen.py", NO_MAJOR)
    committed.edit(CONTRACT, "- name: amount", "- name: total")
    write_waiver(committed, ORDERS, policy="change.no-major", until="2999-12-31")
    assert _policies(look) == []


def test_a_policy_that_could_not_run_is_exit_code_2(look: Run, committed: SmallMesh) -> None:
    committed.write("policies/frozen.py", NO_MAJOR.replace("change.level", "change.lvl"))
    committed.edit(CONTRACT, "- name: amount", "- name: total")
    said = look("plan", "--against", "HEAD", "--output", "json")
    assert (said.code, said.json["outcome"]) == (2, "could_not_run")


def test_a_plan_has_the_forms_of_a_check(look: Run, committed: SmallMesh) -> None:
    committed.write("policies/names.py", NO_CUSTOMER)
    committed.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    said = {f: look("plan", "--against", "HEAD", "--format", f) for f in ("github", "sarif")}
    assert [each.code for each in said.values()] == [1, 1]
    assert f"::error file={CONTRACT},line=" in said["github"].out
    results = json.loads(said["sarif"].out)["runs"][0]["results"]
    assert "shop.no-customer" in {result["ruleId"] for result in results}
