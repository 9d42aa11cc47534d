from __future__ import annotations

import pytest

from mesh_platform.quality.types import ActualColumn, mismatches
from tests.quality.promises import column, contract


def _said(promised: dict[str, object], actual: str) -> list[str]:
    found = mismatches(contract(column("a", **promised)), (ActualColumn("a", actual),))
    return [item.sentence for item in found]


def test_a_missing_column_is_named_at_its_promise() -> None:
    promise = contract(column("a"), column("b"))
    (found,) = mismatches(promise, (ActualColumn("a", "INTEGER"),))
    assert found.sentence == "column `b` is promised but the model does not return it"
    assert str(found.place) == "port.odcs.yaml:10:2"


def test_a_column_nobody_promised_is_named() -> None:
    actual = (ActualColumn("a", "INTEGER"), ActualColumn("z", "INTEGER"))
    (found,) = mismatches(contract(column("a")), actual)
    assert found.sentence == "the model returns column `z`, which is not promised"


def test_another_type_is_named_with_both() -> None:
    assert _said({"physicalType": "DOUBLE"}, "VARCHAR") == [
        "column `a` is promised as DOUBLE but the model returns VARCHAR"
    ]
    assert _said({"logicalType": "integer"}, "VARCHAR") == [
        "column `a` is promised as integer but the model returns VARCHAR"
    ]


@pytest.mark.parametrize(
    ("promised", "actual"),
    [
        ("integer", "INTEGER"),
        ("int", "INTEGER"),
        ("text", "VARCHAR"),
        ("varchar", "VARCHAR"),
        ("timestamptz", "TIMESTAMP WITH TIME ZONE"),
        ("timestamp  with time zone", "TIMESTAMP WITH TIME ZONE"),
        ("decimal(10, 2)", "DECIMAL(10,2)"),
        ("NUMERIC(10,2)", "DECIMAL(10,2)"),
        ("bool", "BOOLEAN"),
    ],
)
def test_spellings_of_one_physical_type_are_the_same(promised: str, actual: str) -> None:
    assert _said({"physicalType": promised}, actual) == []


@pytest.mark.parametrize(
    ("promised", "actual"),
    [("INTEGER", "BIGINT"), ("DECIMAL(10,2)", "DECIMAL(12,2)"), ("DATE", "TIMESTAMP")],
)
def test_close_physical_types_are_not_the_same(promised: str, actual: str) -> None:
    assert len(_said({"physicalType": promised}, actual)) == 1


@pytest.mark.parametrize(
    ("logical", "fitting", "other"),
    [
        ("string", ["VARCHAR", "UUID"], "INTEGER"),
        ("integer", ["SMALLINT", "BIGINT", "UINTEGER"], "DOUBLE"),
        ("number", ["DOUBLE", "DECIMAL(18,3)", "INTEGER", "UINTEGER"], "VARCHAR"),
        ("boolean", ["BOOLEAN"], "INTEGER"),
        ("date", ["DATE"], "TIMESTAMP"),
        ("timestamp", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"], "DATE"),
        ("time", ["TIME"], "VARCHAR"),
        ("object", ["STRUCT(x INTEGER)"], "VARCHAR"),
        ("array", ["INTEGER[]", "STRUCT(x INTEGER)[]"], "INTEGER"),
    ],
)
def test_a_logical_type_fits_its_family_only(logical: str, fitting: list[str], other: str) -> None:
    assert [_said({"logicalType": logical}, actual) for actual in fitting] == [[]] * len(fitting)
    assert len(_said({"logicalType": logical}, other)) == 1


@pytest.mark.parametrize(
    ("promise", "actual"),
    [
        ({"logicalType": "date", "physicalType": "VARCHAR"}, "VARCHAR"),
        ({"logicalType": "integer", "physicalType": "DECIMAL(10,0)"}, "DECIMAL(10,0)"),
        ({"logicalType": "object", "physicalType": "STRUCT"}, "STRUCT(x INTEGER)"),
        ({"logicalType": "object", "physicalType": "struct(x int)"}, "STRUCT(x INTEGER)"),
        ({"logicalType": "vector", "physicalType": "FLOAT[3]"}, "FLOAT[]"),
        ({"logicalType": "string", "physicalType": "VARCHAR(20)"}, "VARCHAR"),
        ({"logicalType": "map", "physicalType": "MAP(TEXT, INT)"}, "MAP(VARCHAR, INTEGER)"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, "TIMESTAMP"),
    ],
)
def test_a_logical_and_a_physical_type_may_go_together(
    promise: dict[str, object], actual: str
) -> None:
    assert _said(promise, actual) == []


@pytest.mark.parametrize(
    ("promise", "actual", "said"),
    [
        (
            {"logicalType": "string", "physicalType": "DOUBLE"},
            "DOUBLE",
            "is promised as DOUBLE and as logicalType string, which cannot both be",
        ),
        (
            {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
            "TIMESTAMP",
            "is promised with time zone but the model returns TIMESTAMP",
        ),
        (
            {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}},
            "TIMESTAMP WITH TIME ZONE",
            "is promised without time zone but the model returns TIMESTAMP WITH TIME ZONE",
        ),
        (
            {"logicalType": "object", "physicalType": "STRUCT(x INTEGER)"},
            "STRUCT(x BIGINT)",
            "is promised as STRUCT(x INTEGER) but the model returns STRUCT(x BIGINT)",
        ),
    ],
)
def test_types_that_cannot_both_be_are_named(
    promise: dict[str, object], actual: str, said: str
) -> None:
    assert _said(promise, actual) == [f"column `a` {said}"]


def test_without_a_type_any_type_fits() -> None:
    assert _said({}, "INTERVAL") == []
