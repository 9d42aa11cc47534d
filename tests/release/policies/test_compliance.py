"""Compliance of a whole mesh: measured, remembered, and what changed in between."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.governance.compliance import Scope, ScoreState, Tally
from mesh_platform.governance.compliance_news import News, news
from mesh_platform.model.contract import Severity
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.policies.compliance import Measured, measure, past, record
from mesh_platform.release.policies.governance import Governance
from mesh_platform.release.policies.maturity import model_findings
from mesh_platform.release.publish import finish
from mesh_platform.state.records import CheckRecord, State
from tests.policies import NO_CUSTOMER, set_policies, write_waiver
from tests.release.staging import begin
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMES = "policies/names.py"
CONTRACT = f"{ORDERS}/orders.odcs.yaml"


def measured(mesh: SmallMesh, now: datetime = NOW) -> Measured:
    return measure(Workspace.open(mesh.root), now)


def remembered(mesh: SmallMesh, now: datetime = NOW) -> int:
    workspace = Workspace.open(mesh.root)
    return len(record(workspace, measure(workspace, now)))


def last_news(mesh: SmallMesh, scope: Scope = Scope.MESH, name: str = "small") -> News:
    before, after = past(Workspace.open(mesh.root), scope, name)[-2:]
    return news(before, after)


def states(mesh: SmallMesh, now: datetime = NOW) -> dict[str, tuple[float | None, str]]:
    scores = measured(mesh, now).compliance.scores
    return {f"{s.scope} {s.name}": (s.percent, s.state.value) for s in scores}


def test_a_violation_lowers_its_product_its_domain_and_the_mesh(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    assert states(mesh) == {
        "mesh small": (85.7, "violating"),
        "domain report": (100.0, "compliant"),
        "product report/revenue": (100.0, "compliant"),
        "domain shop": (75.0, "violating"),
        "product shop/orders": (75.0, "violating"),
    }


def test_a_waiver_counts_until_its_day(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    write_waiver(mesh, ORDERS, policy="shop.no-customer", until="2026-06-01")
    assert states(mesh)["product shop/orders"] == (100.0, "with_waivers")
    tomorrow = datetime(2026, 6, 2, tzinfo=UTC)
    assert states(mesh, tomorrow)["product shop/orders"] == (75.0, "violating")
    assert [note.code for note in measured(mesh, tomorrow).notes] == ["waiver.expired"]


def test_a_product_that_cannot_be_read_is_there_and_could_not_be_measured(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    mesh.edit(f"{REVENUE}/product.odps.yaml", "kind:", "kint:")
    assert states(mesh) == {
        "mesh small": (75.0, "could_not_run"),
        "domain report": (None, "could_not_run"),
        "product report/revenue": (None, "could_not_run"),
        "domain shop": (75.0, "violating"),
        "product shop/orders": (75.0, "violating"),
    }


def test_a_contract_that_cannot_be_read_leaves_its_product_unmeasured(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    mesh.edit(CONTRACT, "logicalType: number", "logicalType: nummer")
    assert states(mesh)["product shop/orders"][1] == "could_not_run"


def test_policies_that_cannot_be_loaded_leave_everybody_unmeasured(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    mesh.write("policies/broken.py", "1 / 0\n")
    assert {state for _, state in states(mesh).values()} == {"could_not_run"}
    mesh.path("policies/broken.py").rename(mesh.path("domains/report/policies.py"))
    found = states(mesh)
    assert found["domain report"] == (100.0, "could_not_run")
    assert found["domain shop"] == (75.0, "violating")


def test_a_setting_that_nothing_understands_is_not_measured(mesh: SmallMesh) -> None:
    set_policies(mesh, "product.raedme:")
    assert states(mesh)["mesh small"] == (None, "could_not_run")


def _release(mesh: SmallMesh, *checks: CheckRecord) -> None:
    workspace = Workspace.open(mesh.root)
    attempt = begin(workspace, "shop/orders")
    ports = tuple(replace(port, files=(replace(port.files[0], rows=1),)) for port in attempt.ports)
    workspace.registry.record(attempt.id, State.VERIFIED, ports, checks)
    found = workspace.registry.get(attempt.id)
    assert found is not None
    finish(workspace, found)


def _check(outcome: Outcome, kind: str = "policy") -> CheckRecord:
    said = CheckResult(
        check="policy_release_not_empty",
        kind=kind,
        outcome=outcome,
        severity=Severity.ERROR,
        observed=None,
        threshold="",
        message="the release has no row",
    )
    return CheckRecord("orders", said)


@pytest.mark.parametrize(
    ("outcome", "state", "tally"),
    [
        (Outcome.PASSED, ScoreState.COMPLIANT, Tally(1)),
        (Outcome.WARNED, ScoreState.VIOLATING, Tally(0, 1)),
        (Outcome.COULD_NOT_RUN, ScoreState.COULD_NOT_RUN, Tally(0, 0, 0, 1)),
    ],
)
def test_what_policies_said_of_the_current_release_counts(
    mesh: SmallMesh, outcome: Outcome, state: ScoreState, tally: Tally
) -> None:
    set_policies(mesh, "release.not-empty:")
    assert states(mesh)["mesh small"] == (None, "not_measured")
    _release(mesh, _check(outcome))
    score = measured(mesh).compliance.score(Scope.PRODUCT, "shop/orders")
    assert score is not None
    assert (score.state, score.tallies) == (state, {"release.not-empty": tally})


def test_what_is_waived_of_a_release_is_waived_here_too(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.not-empty:")
    write_waiver(mesh, ORDERS, policy="release.not-empty", port="orders")
    _release(mesh, _check(Outcome.WARNED))
    assert states(mesh)["product shop/orders"] == (100.0, "with_waivers")


def test_without_news_nothing_is_remembered(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    assert [remembered(mesh), remembered(mesh)] == [5, 0]
    mesh.edit(CONTRACT, "- name: customer", "- name: client")
    assert remembered(mesh) == 3  # the mesh, the domain and the product; nothing of the others


def test_a_score_that_products_changed_says_so(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    remembered(mesh)
    mesh.edit(CONTRACT, "- name: customer", "- name: client")
    remembered(mesh)
    assert last_news(mesh) == News("the products changed", (), ("shop.no-customer: 1 → 0 open",))


@pytest.mark.parametrize(
    ("change", "rules", "numbers"),
    [
        (
            ("if column.name == name:", 'if column.name == "status":'),
            ("shop.no-customer: its text was changed",),
            ("shop.no-customer: 1 → 2 open",),
        ),
        (
            ('"shop.no-customer"', '"shop.no-customer", severity="warning"'),
            ("shop.no-customer: enabled, error → enabled, warning",),
            (),
        ),
        (
            ('name: str = "customer"', 'name: str = "amount"'),
            (
                'shop.no-customer: parameters {"name": "customer"} → {"name": "amount"}; '
                "its text was changed",
            ),
            ("shop.no-customer: 1 → 2 open",),
        ),
    ],
    ids=["text", "severity", "parameter"],
)
def test_a_score_that_rules_changed_says_so(
    mesh: SmallMesh, change: tuple[str, str], rules: tuple[str, ...], numbers: tuple[str, ...]
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    remembered(mesh)
    mesh.edit(NAMES, *change)
    remembered(mesh)
    assert last_news(mesh) == News("the rules changed", rules, numbers)


def test_a_rule_that_is_written_otherwise_elsewhere_in_its_file_is_the_same_rule(
    mesh: SmallMesh,
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    remembered(mesh)
    mesh.write(NAMES, NO_CUSTOMER.replace("_that_name", "_the_name") + "\nUNUSED = 1\n")
    assert remembered(mesh) == 0


def test_the_end_of_a_grace_is_a_change_of_the_rules(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    set_policies(mesh, "shop.no-customer: {state: grace, until: 2026-06-30}")
    remembered(mesh)
    remembered(mesh, datetime(2026, 7, 1, tzinfo=UTC))
    assert last_news(mesh).rules == ("shop.no-customer: grace, error → enabled, error",)


def _git(mesh: SmallMesh, *words: str) -> str:
    command = ["git", "-C", str(mesh.root), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_the_files_is_remembered_and_whether_they_were_changed(
    mesh: SmallMesh,
) -> None:
    assert measured(mesh).commit is None
    _git(mesh, "init", "-q")
    assert measured(mesh).commit is None
    _git(mesh, "add", ".")
    _git(mesh, "commit", "-q", "-m", "all")
    commit = _git(mesh, "rev-parse", "HEAD")
    remembered(mesh)
    assert measured(mesh).commit == commit
    mesh.write(NAMES, NO_CUSTOMER)
    assert measured(mesh).commit == f"{commit}+"


MODEL = """\
kind: MaturityModel
apiVersion: v0.2.0
id: own
status: active
levels:
  - level: 1
    name: There
    description: It is there.
    criteria:
      - {id: L1-P01, property: kind, metric: validValues, mustBe: DataProduct}
  - level: 2
    name: Good
    description: It is good.
    criteria:
      - id: L2-P01
        property: outputPorts
        metric: invalidValues
        mustBe: 0
        customProperties: [{property: policy, value: shop.no-customer}]
"""


def test_a_mesh_may_have_a_maturity_model_of_its_own(mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    remembered(mesh)
    mesh.write("maturity.yaml", MODEL)
    found = measured(mesh)
    levels = {f"{s.scope} {s.name}": found.level(s) for s in found.compliance.scores}
    assert levels == {
        "mesh small": 1,
        "domain report": 2,
        "product report/revenue": 2,
        "domain shop": 1,
        "product shop/orders": 1,
    }
    assert [a.seen for a in found.maturity["shop/orders"].missing] == ["shop.no-customer: 1 open"]
    remembered(mesh)
    assert last_news(mesh).rules == ("the maturity model was changed",)


def test_a_model_with_an_error_is_refused_at_its_line(mesh: SmallMesh) -> None:
    mesh.write("maturity.yaml", MODEL)
    with pytest.raises(MeshError) as caught:
        measured(mesh)
    assert str(caught.value).startswith(
        "`L2-P01` asks for a policy that does not exist: `shop.no-customer`\n"
        "  at: maturity.yaml:19:9\n"
        "  try: known: `column.classified`, `column.described`, "
    )
    loaded = load_mesh(mesh.root)
    rules = Governance.of(loaded, date(2026, 6, 1)).rules
    assert [f.code for f in model_findings(loaded, rules)] == ["maturity.unknown-policy"]
    mesh.delete("maturity.yaml")
    assert model_findings(loaded, rules) == []
