"""Rules that ask the same are one promise, wherever they stand and however they are written."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.values import Change, Level
from tests.contract_diff.contracts import OFTEN, Document, contract
from tests.contract_diff.withheld import withheld

TYPES = {"k": ("integer", "INTEGER"), "v": ("string", "VARCHAR"), "w": ("integer", "BIGINT")}


def _contract(
    *rules: Document, keys: dict[str, Document] | None = None, **at_columns: list[Document]
) -> Document:
    """A contract with rules at the table and at columns, and with keys of columns."""
    columns = (
        {"name": n, "logicalType": kind, "physicalType": physical, "quality": at_columns.get(n, [])}
        | (keys or {}).get(n, {})
        for n, (kind, physical) in TYPES.items()
    )
    return contract(*columns, status="active", table={"quality": list(rules)})


def _levels(old: Document, new: Document) -> set[Level]:
    return {change.level for change in contract_changes(old, new)}


def _rule(metric: str, *columns: str, **arguments: Any) -> Document:
    named = {"properties": list(columns)} if columns else {}
    return {"name": "r", "metric": metric, "arguments": {**named, **arguments}, "mustBe": 0}


_LISTED: Document = {"enum": [{"value": "a"}, {"value": "b"}]}
ALIKE = [
    [_contract(_rule("duplicateValues", *order)) for order in permutations(["k", "v", "w"])],
    [
        _contract(_rule("nullValues", "v")),
        _contract(_rule("missingValues", "v")),
        _contract(_rule("missingValues", "v", missingValues=[None])),
        _contract(v=[_rule("nullValues")]),
        _contract(
            v=[{**_rule("nullValues"), "name": "other", "severity": "error", "unit": "rows"}]
        ),
        _contract(_rule("nullValues", "v"), v=[_rule("missingValues", missingValues=[])]),
        _contract(keys={"v": {"required": True}}),
        _contract(_rule("nullValues", "v"), keys={"v": {"required": True}}),
    ],
    [
        _contract(_rule("duplicateValues", "k")),
        _contract(k=[_rule("duplicateValues")]),
        _contract(keys={"k": {"unique": True}}),
        _contract(keys={"k": {"unique": True}}, k=[_rule("duplicateValues")]),
    ],
    [
        _contract(v=[_rule("invalidValues", pattern="[a-z]")]),
        _contract(keys={"v": {"logicalTypeOptions": {"pattern": "[a-z]"}}}),
    ],
    [
        _contract(keys={"v": _LISTED}, v=[_rule("invalidValues", pattern="[a-z]")]),
        _contract(keys={"v": _LISTED | {"logicalTypeOptions": {"pattern": "[a-z]"}}}),
    ],
    [
        _contract(v=[_rule("missingValues", missingValues=["", "n/a", None])]),
        _contract(v=[_rule("missingValues", missingValues=["n/a", ""])]),
        _contract(_rule("missingValues", "v", missingValues=[None, "n/a", "n/a", ""])),
    ],
    [
        _contract(k=[_rule("invalidValues", validValues=[1, 2])]),
        _contract(k=[_rule("invalidValues", validValues=["2", 1.0])]),
        _contract(_rule("invalidValues", "k", validValues=[2, 1, 1])),
        _contract(keys={"k": {"enum": [{"value": 1}, {"value": 2}]}}),
    ],
    [
        _contract(v=[_rule("invalidValues", validValues=[1, True])]),
        _contract(v=[_rule("invalidValues", validValues=["1", "true"])]),
    ],
    [
        _contract(_rule("nullValues", "k", "w")),
        _contract(_rule("missingValues", "w", "k")),
    ],
    [
        _contract(v=[{"name": "s", "type": "sql", "mustBe": 0, "query": query}])
        for query in (
            "select count(*) from ${object} where ${property} = ''",
            "select count(1) from orders where (v = '')",
        )
    ]
    + [
        _contract(
            {
                "name": "t",
                "type": "sql",
                "query": "select count(*) from port where v = ''",
                "mustBe": 0,
            }
        )
    ],
]


@pytest.mark.parametrize("alike", ALIKE, ids=range(len(ALIKE)))
def test_a_rule_that_asks_the_same_elsewhere_or_otherwise_is_a_patch(alike: list[Document]) -> None:
    for old, new in permutations(alike, 2):
        assert _levels(old, new) == {Level.PATCH}, (old["schema"], new["schema"])


def _told(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.code, change.message) for change in changes]


def test_a_rule_that_moves_to_its_column_is_told_as_asked_there() -> None:
    old, new = _contract(_rule("nullValues", "v")), _contract(v=[_rule("nullValues")])
    assert _told(contract_changes(old, new)) == [
        ("rule.asked-elsewhere", "rule `r` of `v` is added"),
        ("rule.asked-elsewhere", "rule `r` is removed"),
    ]


@pytest.mark.parametrize(
    ("column", "keys", "rule", "code"),
    [
        ("v", {"required": True}, _rule("nullValues"), "required.by-rule"),
        ("k", {"unique": True}, _rule("duplicateValues"), "unique.by-rule"),
        (
            "v",
            {"enum": [{"value": "a"}]},
            _rule("invalidValues", validValues=["a"]),
            "enum.by-rule",
        ),
        (
            "v",
            {"logicalTypeOptions": {"pattern": "a"}},
            _rule("invalidValues", pattern="a"),
            "option.by-rule",
        ),
    ],
)
def test_a_key_that_becomes_the_rule_that_asks_the_same_is_told_as_such(
    column: str, keys: Document, rule: Document, code: str
) -> None:
    old, new = _contract(keys={column: keys}), _contract(**{column: [rule]})
    changes = contract_changes(old, new)
    assert {change.code for change in changes} == {code, "rule.asked-elsewhere"}


@pytest.mark.parametrize(
    "new",
    [
        _contract(k=[_rule("nullValues")]),
        _contract(v=[{**_rule("nullValues"), "mustBe": 5}]),
        _contract(v=[{**_rule("nullValues"), "severity": "warning"}]),
        _contract(v=[{**_rule("nullValues"), "mustBe": 5, "unit": "percent"}]),
        _contract(_rule("nullValues", "k", "v")),
    ],
)
def test_a_rule_that_asks_something_else_is_missed(new: Document) -> None:
    assert Level.MAJOR in _levels(_contract(_rule("nullValues", "v")), new)


TABLES = [
    "select 1::int k, 'a' v, 2::bigint w",
    "from (values (1, 'a', 2), (1, 'a', 3), (2, null, null)) as t(k, v, w)",
    "from (values (1, 'b', 1), (2, '', 1), (null, 'n/a', 2)) as t(k, v, w)",
    "from (values (1, 'b', null), (1, 'a', 2)) as t(k, v, w)",
]
_VALUES = st.lists(st.sampled_from([None, "", "a", "b", "n/a", 1, 2]), max_size=3)
_COLUMNS = st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=2, unique=True)
_METRICS = st.sampled_from(["nullValues", "missingValues", "invalidValues", "duplicateValues"])
_LIMITS = st.sampled_from([{"mustBe": 0}, {"mustBeLessThan": 2}, {"mustBeGreaterThan": 0}])


def _allowed(*values: Any) -> list[Document]:
    return [{"value": value} for value in values]


_KEYS: dict[str, list[Document]] = {
    "k": [{}, {"required": True}, {"unique": True}, {"primaryKey": True}, {"enum": _allowed(1, 2)}],
    "v": [
        {},
        {"required": True},
        {"enum": _allowed("a", "b")},
        {"logicalTypeOptions": {"pattern": "a"}},
    ],
}


@st.composite
def _rules(draw: st.DrawFn) -> Document:
    """A contract with one rule, at a column or at the table, and with keys of two columns."""
    metric, columns, limit = draw(_METRICS), draw(_COLUMNS), draw(_LIMITS)
    key = {"missingValues": "missingValues", "invalidValues": "validValues"}.get(metric)
    values = {key: draw(_VALUES.filter(lambda v: key != "validValues" or any(v)))} if key else {}
    at = columns[0] if len(columns) == 1 and draw(st.booleans()) else None
    named = {} if at else {"properties": columns}
    rule = {"name": "r", "metric": metric, "arguments": {**named, **values}, **limit}
    keys = {name: draw(st.sampled_from(each)) for name, each in _KEYS.items()}
    return _contract(keys=keys, **{at: [rule]}) if at else _contract(rule, keys=keys)


@OFTEN
@given(old=_rules(), new=_rules())
def test_a_rule_that_withholds_other_data_is_never_a_patch(old: Document, new: Document) -> None:
    if _levels(old, new) <= {Level.PATCH}:
        assert withheld(old, TABLES) == withheld(new, TABLES)
