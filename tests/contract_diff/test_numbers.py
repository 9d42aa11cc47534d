from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.relations import Relation, implied
from mesh_platform.contract_diff.sql import same_sql
from mesh_platform.model.contract import Operator, Threshold
from tests.contract_diff.contracts import OFTEN, Document, contract

PAIRED = (Operator.BETWEEN, Operator.NOT_BETWEEN)
CODES = {
    Relation.SAME: "rule.threshold-as-before",
    Relation.TIGHTER: "rule.threshold-tightened",
    Relation.LOOSER: "rule.threshold-loosened",
    Relation.OTHER: "rule.threshold-changed",
}


def thresholds() -> st.SearchStrategy[Threshold]:
    def of(operator: Operator, first: int, second: int) -> Threshold:
        low, high = sorted((first, second))
        operands = (low, high) if operator in PAIRED else (first,)
        return Threshold(operator=operator, operands=operands)

    return st.builds(of, st.sampled_from(Operator), st.integers(0, 4), st.integers(0, 4))


def _rule(threshold: Threshold, **keys: Any) -> Document:
    operands = list(threshold.operands)
    value = operands if threshold.operator in PAIRED else operands[0]
    return contract(table={"quality": [{"name": "r", threshold.operator.value: value, **keys}]})


@settings(OFTEN, max_examples=300)
@given(thresholds(), thresholds(), st.sampled_from(["count", "share", "sql"]))
def test_a_threshold_is_judged_by_the_numbers_that_it_lets_pass(
    old: Threshold, new: Threshold, kind: str
) -> None:
    keys, seen = {
        "count": ({"metric": "rowCount"}, [float(n) for n in range(10)]),
        "share": ({"metric": "nullValues", "unit": "percent"}, [n / 4 for n in range(401)]),
        "sql": ({"type": "sql", "query": "select 1"}, [n / 4 for n in range(-20, 40)]),
    }[kind]
    passed = [{number for number in seen if each.holds(number)} for each in (old, new)]
    relation = implied(new_holds=passed[0] <= passed[1], old_holds=passed[1] <= passed[0])
    codes = {change.code for change in contract_changes(_rule(old, **keys), _rule(new, **keys))}
    assert codes == (set() if old == new else {CODES[relation]})


def _code(old: Document, new: Document) -> str:
    documents = (contract(table={"quality": [{"name": "r", **keys}]}) for keys in (old, new))
    (change,) = contract_changes(*documents)
    return change.code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ({"mustBe": 0}, {"mustBe": 0, "unit": "percent"}, "rule.threshold-as-before"),
        ({"mustBe": 1}, {"mustBe": 1, "unit": "percent"}, "rule.threshold-changed"),
        ({"mustBe": 0}, {}, "rule.threshold-loosened"),
        ({}, {"mustBe": 0}, "rule.threshold-tightened"),
        ({"mustBe": 0}, {"mustBe": "x"}, "rule.threshold-changed"),
        ({"mustBeBetween": [1, 2]}, {"mustBeBetween": [1]}, "rule.threshold-changed"),
    ],
)
def test_thresholds_without_a_number_and_of_other_units(
    old: Document, new: Document, code: str
) -> None:
    metric = {"metric": "nullValues"}
    assert _code({**metric, **old}, {**metric, **new}) == code


@pytest.mark.parametrize(
    ("operator", "code"),
    [("mustBeLessThan", "rule.values-loosened"), ("mustBeGreaterThan", "rule.measure-changed")],
)
def test_one_more_valid_value_is_looser_where_the_rule_limits_what_is_bad(
    operator: str, code: str
) -> None:
    def rule(*values: str) -> Document:
        return {"metric": "invalidValues", operator: 5, "arguments": {"validValues": list(values)}}

    assert _code(rule("a"), rule("a", "b")) == code


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("select a from t", "SELECT A\nFROM T", True),
        ("select a from t -- x", "select a from t", True),
        ("select 'a  b'", "select 'a b'", False),
        ('select "a  b"', 'select "a b"', False),
        ("select count(*) from ${object}", "select count(*) from {object}", True),
        ("select count(*) from ${object}", "select count(*) from ${table}", True),
        ("select count(*) from ${object}", "select count(*) from ${property}", False),
        ("select 1", "select 2", False),
        ("select (", "select  (", True),
        ("select ('", "select  ('", False),
        ("select ('", "select ('", True),
        ("select " + "(" * 300, "select " + "(" * 301, False),
        (None, None, True),
        ("select 1", None, False),
    ],
)
def test_sql_is_the_same_when_only_its_dress_differs(old: Any, new: Any, *, same: bool) -> None:
    assert same_sql(old, new) is same
