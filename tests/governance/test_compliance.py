"""Scores: what counts how much, what does not count, and what is never kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.errors import Place
from mesh_platform.governance.compliance import (
    Compliance,
    Lost,
    Scope,
    Score,
    ScoreState,
    Tally,
    comply,
)
from mesh_platform.governance.evaluate import Judged, Measurement, Trouble
from mesh_platform.governance.examples import a_column, waiver
from mesh_platform.governance.policy import Violation
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh
from tests.governance.test_rules import MESH, info, one, setting

COLUMNS = [a_column(name) for name in "abcd"]
BLOCKS = one(MESH, info("some.blocks"))
WARNS = one(MESH, info("some.warns"), setting("some.warns", severity="warning"))
GRACE = one(MESH, info("some.grace"), setting("some.grace", state="grace", until=date(2027, 1, 1)))
DRAFT = one(MESH, info("some.draft"), setting("some.draft", state="draft"))
SALES = COLUMNS[0].product.domain.domain
ORDERS = COLUMNS[0].product.name


def a_mesh(*domains: Domain) -> Mesh:
    folder = Path("/m")
    found = domains or (SALES,)
    return Mesh(name="m", description="", root=folder, folder=folder, domains=found, findings=())


def measured(rule: PolicyRule, *wrong: int, **fields: Any) -> Measurement:
    judged = Judged({index: (Violation("it is wrong"),) for index in wrong})
    return Measurement(rule, COLUMNS, judged, **fields)


def product(compliance: Compliance) -> Score:
    score = compliance.score(Scope.PRODUCT, ORDERS)
    assert score is not None
    return score


def scored(*measurements: Measurement, lost: tuple[Lost, ...] = ()) -> Score:
    return product(comply(a_mesh(), measurements, lost))


def test_what_blocks_counts_three_times_what_warns() -> None:
    one_blocking = scored(measured(BLOCKS, 0), measured(WARNS))
    assert (one_blocking.percent, one_blocking.state, one_blocking.blocking) == (
        81.2,  # 13 of 16
        ScoreState.VIOLATING,
        True,
    )
    one_warning = scored(measured(BLOCKS), measured(WARNS, 0))
    assert (one_warning.percent, one_warning.blocking) == (93.7, False)  # 15 of 16


def test_what_is_in_grace_counts_as_a_warning_until_it_blocks() -> None:
    assert scored(measured(BLOCKS), measured(GRACE, 0)).percent == 93.7


def test_a_draft_does_not_count_and_is_still_counted_up() -> None:
    score = scored(measured(BLOCKS), measured(DRAFT, 0, 1))
    assert (score.percent, score.state, score.objections) == (100.0, ScoreState.COMPLIANT, ())
    assert score.tallies["some.draft"] == Tally(passed=2, violated=2)
    assert score.total == Tally(passed=4)


def test_a_draft_that_could_not_run_spoils_nothing() -> None:
    score = scored(measured(BLOCKS), Measurement(DRAFT, COLUMNS, trouble=Trouble("boom")))
    assert (score.percent, score.state) == (100.0, ScoreState.COMPLIANT)


def test_what_is_waived_counts_as_kept_and_is_shown() -> None:
    allowed = (waiver(until=date(2027, 1, 1), policy="some.blocks", domain="sales"),)
    score = scored(measured(BLOCKS, 0, waivers=allowed))
    assert (score.percent, score.state) == (100.0, ScoreState.WITH_WAIVERS)
    assert [result.waiver for result in score.excused] == list(allowed)
    assert (score.total, score.steps) == (Tally(passed=3, waived=1), ())


def test_what_could_not_run_is_never_kept() -> None:
    score = scored(measured(WARNS), Measurement(BLOCKS, COLUMNS, trouble=Trouble("boom")))
    assert (score.percent, score.state) == (25.0, ScoreState.COULD_NOT_RUN)  # 4 of 16
    assert len(score.unclear) == 4


def test_a_hundred_is_shown_only_where_nothing_is_missing() -> None:
    many = [a_column("x")] * 3
    subjects = [*COLUMNS, *many * 1000]
    judged = Judged({0: (Violation("it is wrong"),)})
    assert scored(Measurement(BLOCKS, subjects, judged)).percent == 99.9


def test_nothing_measured_is_not_compliant() -> None:
    score = scored()
    assert (score.percent, score.state) == (None, ScoreState.NOT_MEASURED)


def test_a_subject_counts_once_however_often_a_policy_objects() -> None:
    twice = Judged({0: (Violation("first"), Violation("second"))})
    score = scored(Measurement(BLOCKS, COLUMNS, twice))
    assert (score.tallies["some.blocks"], len(score.objections)) == (Tally(3, 1), 2)


def test_the_way_to_a_hundred_names_the_step_that_brings_most_first() -> None:
    score = scored(measured(BLOCKS, 0), measured(WARNS, 0, 1))
    assert [(step.rule.code, step.subjects, step.points) for step in score.steps] == [
        ("some.blocks", 1, 18.8),
        ("some.warns", 2, 12.5),
    ]


def test_a_domain_and_the_mesh_count_everything_in_them() -> None:
    other = SALES.model_copy(update={"name": "empty", "products": ()})
    compliance = comply(a_mesh(SALES, other), [measured(BLOCKS, 0)])
    assert [(s.scope.value, s.name, s.percent) for s in compliance.scores] == [
        ("mesh", "m", 75.0),
        ("domain", "sales", 75.0),
        ("product", "sales/orders", 75.0),
        ("domain", "empty", None),
    ]


LOST = Finding("contract.invalid", "cannot be read", Place("x.yaml", 1), None, "sales/gone")


@pytest.mark.parametrize(
    ("lost", "states"),
    [
        (Lost(LOST, "sales"), {"m": "?", "sales": "?", "sales/gone": "?", "sales/orders": "✓"}),
        (
            Lost(Finding("domain.layout", "x", Place("x", 1)), "sales"),
            {"m": "?", "sales": "?", "sales/orders": "?"},
        ),
        (
            Lost(Finding("policy.cannot-run", "x", Place("x", 1)), "empty"),
            {"m": "?", "sales": "✓", "sales/orders": "✓"},
        ),
        (
            Lost(Finding("policy.cannot-run", "x", Place("x", 1))),
            {"m": "?", "sales": "?", "sales/orders": "?"},
        ),
    ],
    ids=["a product", "a domain", "another domain", "a policy of all"],
)
def test_what_cannot_be_read_could_not_be_measured(lost: Lost, states: dict[str, str]) -> None:
    compliance = comply(a_mesh(), [measured(BLOCKS)], [lost])
    signs = {ScoreState.COULD_NOT_RUN: "?", ScoreState.COMPLIANT: "✓"}
    assert {score.name: signs[score.state] for score in compliance.scores} == states
