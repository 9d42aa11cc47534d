"""Policies, settings, waivers and the mesh, held together as `mesh check` does."""

from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.governance.evaluate import Outcome
from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.policies.governance import Governance
from tests.planned import commit
from tests.policies import CRASHING, LOOPING, NO_CUSTOMER, set_policies, write_waiver
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

TODAY = date(2026, 6, 1)
CONTRACT = f"{ORDERS}/orders.odcs.yaml"


def found(mesh: SmallMesh, today: date = TODAY, domains: set[str] | None = None) -> list[Finding]:
    return Governance.of(load_mesh(mesh.root), today).check(domains)[0]


def brief(findings: list[Finding]) -> list[str]:
    return [f"{f.code} {f.severity} {f.place.file}:{f.place.line}" for f in findings]


def customer_line(mesh: SmallMesh) -> int:
    return mesh.line(CONTRACT, "- name: customer")


def test_a_mesh_that_names_no_policy_is_held_to_none(mesh: SmallMesh) -> None:
    governance = Governance.of(load_mesh(mesh.root), TODAY)
    assert len(governance.rules) >= 24
    assert [rule.code for rule in governance.rules if rule.measured] == []
    assert governance.check() == ([], dict.fromkeys(Outcome, 0))


def test_a_violation_says_what_where_why_and_the_ways_out(mesh: SmallMesh) -> None:
    set_policies(mesh, "product.readme:")
    mesh.delete(f"{ORDERS}/README.md")
    mesh.write(f"{REVENUE}/README.md", "# Revenue\n")
    [finding] = found(mesh)
    assert str(finding) == (
        "shop/orders: the product has no README.md\n"
        f"  at: {ORDERS}/product.odps.yaml:1:1  [product.readme]\n"
        "  why: the first hour with new data decides whether anybody comes back.\n"
        "  blocking: yes\n"
        "  try: add one beside the descriptor: what a row is, what to beware of, "
        "one query to copy\n"
        f"  waiver: add to {ORDERS}/waivers.yaml, under `waivers:`\n"
        "    - {policy: product.readme, reason: …, approver: …, until: 2026-08-30}"
    )


def test_a_policy_of_the_mesh_judges_all_domains_and_one_of_a_domain_only_its_own(
    mesh: SmallMesh,
) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    assert brief(found(mesh)) == [f"shop.no-customer error {CONTRACT}:{customer_line(mesh)}"]
    mesh.path("policies/names.py").rename(mesh.path("domains/report/policies.py"))
    assert found(mesh) == []
    mesh.write("domains/shop/policies.py", mesh.read("domains/report/policies.py"))
    mesh.delete("domains/report/policies.py")
    assert brief(found(mesh)) == [f"shop.no-customer error {CONTRACT}:{customer_line(mesh)}"]


def test_a_domain_cannot_take_the_code_of_another_policy(mesh: SmallMesh) -> None:
    set_policies(mesh, "product.readme:")
    mesh.delete(f"{ORDERS}/README.md")
    weaker = NO_CUSTOMER.replace('"shop.no-customer"', '"product.readme", state="draft"')
    mesh.write("domains/shop/policies.py", weaker)
    assert brief(found(mesh, domains={"shop"})) == [
        "policy.duplicate-code error domains/shop/policies.py:6",
        f"product.readme error {ORDERS}/product.odps.yaml:1",
    ]


@pytest.mark.parametrize(
    ("setting", "severity", "standing"),
    [
        ("{state: draft}", "info", "no, a draft is shown for information"),
        (
            "{state: grace, until: 2026-06-01}",
            "warning",
            "not yet, from the day after 2026-06-01 on",
        ),
        ("{state: grace, until: 2026-05-31}", "error", "yes, since its grace ended on 2026-05-31"),
        ("{severity: warning}", "warning", "no, a warning"),
        ("{}", "error", "yes"),
    ],
)
def test_the_life_of_a_policy_decides_what_a_violation_weighs(
    mesh: SmallMesh, setting: str, severity: str, standing: str
) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    set_policies(mesh, f"shop.no-customer: {setting}")
    [finding] = found(mesh)
    assert (finding.severity, finding.standing) == (severity, standing)


def test_settings_that_nothing_understands_are_findings_in_mesh_yaml(mesh: SmallMesh) -> None:
    set_policies(mesh, "product.raedme:", "port.retention: {most_day: 1}")
    told = found(mesh)
    assert brief(told) == [
        "policy.unknown error mesh.yaml:5",
        "policy.unknown-parameter error mesh.yaml:6",
    ]
    assert [finding.could_not_run for finding in told] == [False, True]


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("import nothing_of_this_name\n", "ModuleNotFoundError", 1),
        ("x = 1\nx = = 2\n", "SyntaxError: invalid syntax", 2),
        ("while True:\n    pass\n", "it took longer than 0.5 s", 1),
        ("import os\nos._exit(0)\n", "it ended the process that ran it", 1),
        (NO_CUSTOMER.replace("Why:", "Because:"), "policy `shop.no-customer`: its docstring", 6),
    ],
    ids=["import", "syntax", "loop", "exit", "no policy"],
)
def test_a_file_that_cannot_be_loaded_could_not_run_and_everything_else_goes_on(
    mesh: SmallMesh, text: str, said: str, line: int
) -> None:
    mesh.write("policies/a_broken.py", text)
    mesh.write("policies/b_sound.py", NO_CUSTOMER)
    set_policies(mesh, seconds=0.5)
    broken, sound = found(mesh)
    assert (broken.code, broken.could_not_run) == ("policy.cannot-run", True)
    assert (broken.place.file, broken.place.line) == ("policies/a_broken.py", line)
    assert broken.message.startswith(
        f"the policies of policies/a_broken.py cannot be loaded: {said}"
    )
    assert sound.code == "shop.no-customer"


def test_files_are_run_once_until_one_of_them_or_a_neighbour_changes(mesh: SmallMesh) -> None:
    counted = f"open({str(mesh.path('ran'))!r}, 'a').write('x')\n"
    mesh.write("policies/looping.py", f"import _what\n{counted}while _what.LOOPS:\n    pass\n")
    mesh.write("policies/_what.py", "LOOPS = True\n")
    set_policies(mesh, seconds=0.5)
    assert [f.could_not_run for _ in range(3) for f in found(mesh)] == [True] * 3
    assert mesh.read("ran") == "x"
    mesh.write("policies/_what.py", "LOOPS = False\n")
    assert [found(mesh), found(mesh)] == [[], []]
    assert mesh.read("ran") == "xx"
    mesh.write("policies/names.py", NO_CUSTOMER)
    assert len(found(mesh)) == 1
    assert mesh.read("ran") == "xxx"


def test_a_policy_that_cannot_judge_is_one_finding_however_often(mesh: SmallMesh) -> None:
    mesh.write("policies/a_crashing.py", CRASHING)
    mesh.write("policies/b_looping.py", LOOPING)
    mesh.write("policies/c_sound.py", NO_CUSTOMER)
    set_policies(mesh, seconds=0.5)
    crashing, looping, sound = found(mesh)
    assert crashing.message.startswith(
        "policy `test.crashing` could not run at `report/revenue` `revenue` `status` and 6 more: "
    )
    assert crashing.message.endswith("'ColumnSubject' object has no attribute 'nam'")
    assert (crashing.place.file, crashing.place.line) == ("policies/a_crashing.py", 12)
    assert looping.message == "policy `test.looping` could not run: it took longer than 0.5 s"
    assert (crashing.could_not_run, looping.could_not_run) == (True, True)
    assert sound.code == "shop.no-customer"


def test_a_draft_that_crashes_stops_nobody_and_is_shown(mesh: SmallMesh) -> None:
    mesh.write("policies/a.py", CRASHING)
    set_policies(mesh, "test.crashing: {state: draft}")
    [finding] = found(mesh)
    assert (finding.code, finding.severity, finding.could_not_run) == (
        "policy.cannot-run",
        "info",
        False,
    )


def test_a_waiver_excuses_until_its_day_and_then_the_violation_counts_again(
    mesh: SmallMesh,
) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    write_waiver(mesh, ORDERS, policy="shop.no-customer", column="customer", until="2026-06-01")
    assert found(mesh) == []
    violation, expired = found(mesh, date(2026, 6, 2))
    assert (violation.code, violation.blocking) == ("shop.no-customer", True)
    assert (expired.code, expired.severity) == ("waiver.expired", "warning")
    assert expired.message == (
        "the waiver of `shop.no-customer` at customer ended on 2026-06-01; "
        "what it excused counts again"
    )


def test_a_waiver_of_a_domain_excuses_its_products(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    write_waiver(mesh, "domains/shop", policy="shop.no-customer")
    assert found(mesh) == []


def test_a_waiver_that_nothing_needs_or_that_names_nothing_is_found(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    mesh.edit(CONTRACT, "- name: customer", "- name: client")
    write_waiver(mesh, ORDERS, policy="shop.no-customer")
    write_waiver(mesh, REVENUE, policy="shop.no-customers")
    write_waiver(mesh, "domains/shop", policy="port.grain")
    assert [f"{f.code} {f.severity}: {f.message} {f.fix}" for f in found(mesh)] == [
        "waiver.unknown-policy error: the waiver of `shop.no-customers` names a policy that does "
        "not exist did you mean `shop.no-customer`?",
        "waiver.not-needed warning: the waiver of `port.grain` excuses from a policy that is not "
        "switched on remove it",
        "waiver.not-needed warning: the waiver of `shop.no-customer` excuses nothing: no violation "
        "needs it remove it",
    ]


def test_a_waiver_that_lasts_too_long_is_a_violation(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    set_policies(mesh, "waiver.too-long: {days: 30}")
    write_waiver(mesh, ORDERS, policy="shop.no-customer", until="2026-07-02")
    assert brief(found(mesh)) == [f"waiver.too-long warning {ORDERS}/waivers.yaml:3"]


def test_a_file_of_waivers_that_dbt_would_read_is_found(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    write_waiver(mesh, ORDERS, policy="shop.no-customer")
    mesh.edit("domains/shop/.dbtignore", "waivers.yaml\n", "")
    [finding] = found(mesh)
    assert (finding.code, finding.fix) == (
        "waiver.dbtignore",
        "add the line `waivers.yaml` to domains/shop/.dbtignore",
    )


def test_a_check_of_one_domain_tells_of_no_other(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    mesh.write("domains/shop/policies.py", "1 / 0\n")
    write_waiver(mesh, "domains/shop", policy="nothing.at-all")
    assert found(mesh, domains={"report"}) == []
    assert {f.code for f in found(mesh, domains={"shop"})} == {
        "shop.no-customer",
        "policy.cannot-run",
        "waiver.unknown-policy",
    }


def test_results_are_counted_by_outcome(mesh: SmallMesh) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    columns = sum(len(p.contract.columns) for p in load_mesh(mesh.root).ports.values())
    _, counts = Governance.of(load_mesh(mesh.root), TODAY).check()
    assert counts == {
        Outcome.PASSED: columns - 1,
        Outcome.VIOLATED: 1,
        Outcome.WAIVED: 0,
        Outcome.COULD_NOT_RUN: 0,
    }


@pytest.mark.parametrize("folder", [".", "domains", "domains/shop/products"])
def test_waivers_where_nobody_looks_are_found(mesh: SmallMesh, folder: str) -> None:
    mesh.write("policies/names.py", NO_CUSTOMER)
    write_waiver(mesh, folder, policy="shop.no-customer")
    misplaced, violation = sorted(found(mesh), key=lambda finding: finding.code, reverse=True)
    assert (misplaced.code, violation.code) == ("waiver.misplaced", "shop.no-customer")
    assert misplaced.place.file == f"{folder}/waivers.yaml".removeprefix("./")


def test_a_domain_whose_file_cannot_be_read_is_not_judged_and_its_products_never_pass(
    mesh: SmallMesh,
) -> None:
    set_policies(mesh, "domain.owner:", "product.owner-agrees:")
    mesh.edit(
        f"{ORDERS}/product.odps.yaml", "outputPorts:", "team: {name: shop-team}\noutputPorts:"
    )
    mesh.edit("domains/shop/domain.yaml", "owner:", "owners:")
    (finding,) = found(mesh)
    assert (finding.code, finding.message, finding.fix) == (
        "product.owner-agrees",
        "the team is `shop-team`, and whom the domain belongs to cannot be read",
        "mend domain.yaml first",
    )


def test_what_blocks_says_since_when_git_has_it(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-02-03T12:00:00Z")
    set_policies(mesh, "product.readme:")
    (violation,) = found(mesh)
    assert violation.standing == "yes"
    commit(mesh.root)
    mesh.edit("mesh.yaml", "  product.readme:", "  product.readme:  # of each product")
    assert [each.standing for each in found(mesh)] == ["yes"]
    commit(mesh.root)
    assert [each.standing for each in found(mesh)] == ["yes, since 2020-02-03"]
    set_policies(mesh, "product.readme: {severity: warning}")
    assert [each.standing for each in found(mesh)] == ["no, a warning"]
