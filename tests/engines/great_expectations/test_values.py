"""What is told of an expectation's values before it runs is what Great Expectations says."""

from __future__ import annotations

from typing import Any

import pytest

from mesh_platform.checks.expectation_types import ARGUMENTS
from mesh_platform.checks.expectation_values import patterns_of, wrong_value
from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.suites import Expectation
from mesh_platform.engines.duckdb.session import open_session, seal
from mesh_platform.engines.great_expectations.runner import run_expectations
from mesh_platform.errors import Place
from mesh_platform.model.contract import Severity
from tests.engines.great_expectations.shipped_expectations import CASES, Case


def _expect(kind: str, **kwargs: Any) -> Expectation:
    return Expectation(kind, kind, kwargs, Severity.ERROR, Place("suite.json", 1))


def _outcome(port: str, expectation: Expectation) -> Outcome:
    session = open_session()
    session.execute(f"create view port as {port}")
    session.execute("create view other as select * from range(2)")
    seal(session, [])
    (answer,) = run_expectations(session, [expectation])
    return answer.outcome


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_what_is_told_of_values_before_it_runs_is_never_passed(case: Case) -> None:
    known = ARGUMENTS[case.type].kinds
    tried: list[dict[str, Any]] = []
    if "row_condition" in known and "type" not in case.type:  # types are not those of rows
        condition = {"row_condition": "a > 0"}
        tried += [condition, {**condition, "condition_parser": "pandas"}]
    if case.type.endswith("_to_be_between") and "min_value" in known:
        tried.append({"min_value": 2, "max_value": 1})
    tried += [{"regex": "[A-Z"}] * ("regex" in known)
    tried += [{"regex_list": ["a", "[A-Z"]}] * ("regex_list" in known)
    for more in tried:
        expectation = _expect(case.type, **{**case.kwargs, **more})
        assert wrong_value(expectation) or "[A-Z" in patterns_of(expectation), more
        assert _outcome(case.good, expectation) is not Outcome.PASSED, more


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_what_runs_is_not_held_against_its_values(case: Case) -> None:
    assert wrong_value(_expect(case.type, **case.kwargs)) is None
