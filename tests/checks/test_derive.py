from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.checks.derive import derive
from mesh_platform.checks.spec import CheckSpec, Kind, Outcome, judge
from mesh_platform.model.contract import Operator, Severity, Threshold
from tests.checks.promises import column, contract, rule


def _only(*columns: dict[str, Any], rules: tuple[dict[str, Any], ...] = ()) -> list[CheckSpec]:
    """Checks of a contract without the schema check, which every contract has."""
    first, *others = derive(contract(*columns, rules=rules))
    assert (first.name, first.kind) == ("schema", Kind.SCHEMA)
    return others


@pytest.mark.parametrize(
    ("promise", "name", "kind", "description"),
    [
        ({"required": True}, "a_required", Kind.REQUIRED, "a is always there."),
        ({"unique": True}, "a_unique", Kind.UNIQUE, "No two rows have the same a."),
        (
            {"enum": [{"value": v} for v in "uvwxyz"]},
            "a_allowed",
            Kind.ALLOWED,
            "a is one of: u, v, w, x, y, ….",
        ),
        (
            {"logicalType": "integer", "logicalTypeOptions": {"minimum": 1, "maximum": 3}},
            "a_range",
            Kind.RANGE,
            "a: minimum 1, maximum 3.",
        ),
        (
            {"logicalType": "integer", "logicalTypeOptions": {"multipleOf": 5}},
            "a_multiple",
            Kind.MULTIPLE,
            "a: multipleOf 5.",
        ),
        (
            {"logicalType": "string", "logicalTypeOptions": {"maxLength": 2}},
            "a_length",
            Kind.LENGTH,
            "a: maxLength 2.",
        ),
        (
            {"logicalType": "string", "logicalTypeOptions": {"pattern": "^x"}},
            "a_pattern",
            Kind.PATTERN,
            "a: pattern ^x.",
        ),
    ],
)
def test_each_promise_of_a_column_becomes_one_blocking_check(
    promise: dict[str, Any], name: str, kind: Kind, description: str
) -> None:
    (spec,) = _only(column("a", **promise))
    assert (spec.name, spec.kind, spec.columns) == (name, kind, ("a",))
    assert spec.description == description
    assert (str(spec.threshold), spec.blocking) == ("must be 0", True)
    assert spec.place.line == 9


def test_a_column_without_a_promise_has_no_check() -> None:
    assert _only(column("a")) == []


def test_a_key_promises_uniqueness_together_and_presence_of_each_part() -> None:
    key = {"primaryKey": True}
    specs = _only(
        column("a", **key, primaryKeyPosition=2), column("b", **key, primaryKeyPosition=1)
    )
    assert [(spec.name, spec.columns) for spec in specs] == [
        ("primary_key", ("b", "a")),
        ("a_required", ("a",)),
        ("b_required", ("b",)),
    ]


def test_a_required_key_is_checked_for_presence_once() -> None:
    specs = _only(column("a", primaryKey=True, required=True))
    assert [spec.name for spec in specs] == ["primary_key", "a_required"]


def test_a_rule_carries_what_people_read() -> None:
    (spec,) = _only(
        column("a"),
        rules=(
            rule(
                name="Enough rows!",
                metric="rowCount",
                mustBeBetween=[1, 9],
                severity="warning",
                dimension="completeness",
                description="Some rows.",
                businessImpact="Empty reports.",
            ),
        ),
    )
    assert (spec.name, spec.kind, spec.severity) == (
        "Enough_rows",
        Kind.ROW_COUNT,
        Severity.WARNING,
    )
    assert (str(spec.threshold), spec.blocking) == ("must be between 1 and 9", False)
    assert (spec.dimension, spec.description, spec.business_impact) == (
        "completeness",
        "Some rows.",
        "Empty reports.",
    )


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ("nullValues", Kind.REQUIRED),
        ("missingValues", Kind.REQUIRED),
        ("duplicateValues", Kind.UNIQUE),
        ("invalidValues", Kind.ALLOWED),
        ("rowCount", Kind.ROW_COUNT),
    ],
)
def test_each_metric_of_the_standard_is_measured(metric: str, kind: Kind) -> None:
    quality = [rule(metric=metric, mustBe=0, arguments={"validValues": [1]})]
    (spec,) = _only(column("a", quality=quality))
    assert (spec.kind, spec.name, spec.columns) == (kind, f"a_{metric}", ("a",))


def test_invalid_values_by_pattern_is_a_pattern() -> None:
    quality = [rule(metric="invalidValues", mustBe=0, arguments={"pattern": "^[A-Z]+$"})]
    (spec,) = _only(column("a", quality=quality))
    assert (spec.kind, spec.options) == (Kind.PATTERN, {"pattern": "^[A-Z]+$"})


@pytest.mark.parametrize("name", ["${object}", "${table}", "{object}", "{table}"])
@pytest.mark.parametrize("field", ["${property}", "${column}", "{property}", "{column}"])
def test_placeholders_of_an_sql_rule_are_filled(name: str, field: str) -> None:
    quality = [rule(type="sql", query=f"select max({field}) from {name}", mustBe=0)]
    (spec,) = _only(column('a "b"', quality=quality))
    assert spec.query == 'select max("a ""b""") from port'


def test_text_is_documentation_not_a_check() -> None:
    assert _only(column("a"), rules=({"type": "text", "description": "be good"},)) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "custom", "engine": "soda", "implementation": "checks: x"},
        {"type": "sql", "query": "select 1"},
        {"type": "library", "metric": "rowCount"},
        {"type": "library", "rule": "nullCheck", "mustBe": 0},
    ],
)
def test_a_rule_that_cannot_run_says_so_instead_of_vanishing(entry: dict[str, Any]) -> None:
    (spec,) = _only(column("a"), rules=(entry,))
    assert (spec.kind, spec.blocking) == (Kind.UNSUPPORTED, True)


@pytest.mark.parametrize("arguments", [{}, {"validValues": []}, {"other": 1}])
def test_invalid_values_without_a_word_on_what_is_valid_cannot_run(
    arguments: dict[str, Any],
) -> None:
    quality = [rule(metric="invalidValues", mustBe=0, arguments=arguments)]
    (spec,) = _only(column("a", quality=quality))
    assert spec.kind is Kind.UNSUPPORTED


@pytest.mark.parametrize(
    "metric", ["invalidValues", "nullValues", "missingValues", "duplicateValues"]
)
def test_a_rule_of_the_table_that_names_no_column_cannot_run(metric: str) -> None:
    arguments = {"validValues": [1]} if metric == "invalidValues" else {}
    (spec,) = _only(column("a"), rules=(rule(metric=metric, mustBe=0, arguments=arguments),))
    assert spec.kind is Kind.UNSUPPORTED


def test_checks_come_in_the_order_of_the_contract() -> None:
    specs = derive(
        contract(
            column("b", required=True, primaryKey=True),
            column("a", required=True),
            rules=(rule(name="last", metric="rowCount", mustBe=1),),
        )
    )
    assert [spec.name for spec in specs] == [
        "schema",
        "primary_key",
        "b_required",
        "a_required",
        "last",
    ]


@given(st.lists(st.sampled_from(["a", "a_2", "a 2", "a_2_2", "schema", "A"]), max_size=7))
def test_names_are_unique_whatever_the_rules_are_called(names: list[str]) -> None:
    rules = tuple(rule(name=name, metric="rowCount", mustBe=1) for name in names)
    found = [spec.name for spec in derive(contract(column("a"), rules=rules))]
    assert len(set(found)) == len(found)


def test_a_column_and_a_rule_that_meet_in_a_name_both_stay() -> None:
    quality = [rule(name="a required", metric="nullValues", mustBe=0)]
    specs = _only(column("a", required=True, quality=quality))
    assert [spec.name for spec in specs] == ["a_required", "a_required_658d2f03"]


def _required(*names: str) -> dict[str, str]:
    """The name of the check that each column is there."""
    specs = _only(*(column(name, required=True) for name in names))
    return {spec.columns[0]: spec.name for spec in specs}


def test_columns_of_any_script_have_checks_with_names_of_their_own() -> None:
    told = _required("é", "è", "größe", "数", "a b", "a_b", "plain")
    assert told == {
        "é": "e_required_b8c8cab1",
        "è": "e_required_c069df0e",
        "größe": "groe_required_c94d7018",
        "数": "required_496d4e1d",
        "a b": "a_b_required_f5ed1bac",
        "a_b": "a_b_required",
        "plain": "plain_required",
    }


LETTERS = st.text(alphabet="aéè数_ .1", min_size=1, max_size=4).filter(str.strip)


@settings(deadline=None)
@given(names=st.lists(LETTERS, min_size=1, max_size=6, unique=True))
def test_a_name_of_a_check_hangs_on_no_position(names: list[str]) -> None:
    told = _required(*names)
    assert len(set(told.values())) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in told.values())
    assert _required(*reversed(names)) == told
    for name in names:
        if not name.isascii() or re.fullmatch("[a1]+(_[a1]+)*", name):
            assert _required(name)[name] == told[name]


@pytest.mark.parametrize(
    ("severity", "observed", "outcome"),
    [
        (Severity.ERROR, 0, Outcome.PASSED),
        (Severity.ERROR, 1, Outcome.FAILED),
        (Severity.WARNING, 0, Outcome.PASSED),
        (Severity.WARNING, 1, Outcome.WARNED),
    ],
)
def test_a_broken_error_fails_and_a_broken_warning_warns(
    severity: Severity, observed: float, outcome: Outcome
) -> None:
    threshold = Threshold(operator=Operator.MUST_BE, operands=(0.0,))
    spec = CheckSpec("x", Kind.ROW_COUNT, threshold, severity, contract(column("a")).place)
    assert judge(spec, observed) is outcome
