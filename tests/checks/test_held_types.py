"""The type that a contract says of a column is the one that a release of it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.checks.types import OPEN, ActualColumn, held_type, mismatches
from mesh_platform.model.type_text import DataType, read_type
from tests.checks.promises import column, contract
from tests.checks.test_types import OFTEN, actual_types, promised_columns

PLACE = [
    {"name": "street", "logicalType": "string"},
    {"name": "number", "logicalType": "integer", "physicalType": "INTEGER"},
]


def _held(promised: dict[str, Any]) -> str:
    (one,) = contract(column("a", **promised)).columns
    return str(held_type(one))


@pytest.mark.parametrize(
    ("promised", "kind"),
    [
        ({"physicalType": "varchar(20)"}, "VARCHAR"),
        ({"physicalType": "UUID"}, "?"),
        ({"logicalType": "string"}, "VARCHAR"),
        ({"logicalType": "integer"}, "?"),
        ({"logicalType": "timestamp"}, "?"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, "TIMESTAMP"),
        (
            {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
            "TIMESTAMP WITH TIME ZONE",
        ),
        ({"logicalType": "object"}, "?"),
        ({"logicalType": "object", "physicalType": "STRUCT"}, "?"),
        (
            {"logicalType": "object", "properties": PLACE},
            "STRUCT(street VARCHAR, number INTEGER)",
        ),
        (
            {"logicalType": "object", "physicalType": "STRUCT", "properties": PLACE},
            "STRUCT(street VARCHAR, number INTEGER)",
        ),
        (
            {
                "logicalType": "array",
                "items": {"logicalType": "object", "properties": [*PLACE[:1], {"name": "n"}]},
            },
            "STRUCT(street VARCHAR, n ?)[]",
        ),
        ({"logicalType": "array"}, "?[]"),
        (
            {
                "logicalType": "map",
                "map": {"key": {"logicalType": "string"}, "value": {"logicalType": "number"}},
            },
            "MAP(VARCHAR, ?)",
        ),
    ],
)
def test_the_one_type_that_a_release_may_have_is_known(promised: dict[str, Any], kind: str) -> None:
    assert _held(promised).replace(OPEN.name, "?") == kind


@OFTEN
@given(data=st.data())
def test_a_release_that_keeps_the_promise_has_the_type_that_is_said(data: st.DataObject) -> None:
    promised = data.draw(promised_columns())
    made = contract(column("a", **promised))
    kind = held_type(made.columns[0])
    if OPEN.name not in str(kind):
        assert mismatches(made, (ActualColumn("a", str(kind)),)) == []
    actual = data.draw(actual_types(promised))
    if not mismatches(made, (ActualColumn("a", actual),)):
        assert _fits(read_type(actual), kind), (promised, actual)


def _fits(actual: DataType, said: DataType) -> bool:
    """Tell whether a type is the one that is said, with fields in any order, where it says one."""
    if said == OPEN:
        return True
    theirs, ours = dict(actual.parts), dict(said.parts)
    same = theirs.keys() == ours.keys() and all(_fits(theirs[n], part) for n, part in said.parts)
    return same and replace(actual, parts=()) == replace(said, parts=())


def test_properties_are_promised_of_a_struct_and_of_no_map() -> None:
    made = contract(column("a", logicalType="object", properties=PLACE))
    (found,) = mismatches(made, (ActualColumn("a", "MAP(VARCHAR, VARCHAR)"),))
    assert found.sentence == (
        "column `a` is promised with properties but the model returns MAP(VARCHAR, VARCHAR)"
    )
