from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.checks.storage_types import refused
from mesh_platform.checks.types import ActualColumn, mismatches, unkeepable
from mesh_platform.model.type_text import read_type
from tests.checks.promises import column, contract
from tests.contract_diff.contracts import OFTEN
from tests.duckdb_types import SCALARS


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
        ("string", ["VARCHAR"], "INTEGER"),
        ("integer", ["SMALLINT", "BIGINT"], "DOUBLE"),
        ("number", ["DOUBLE", "DECIMAL(18,3)", "INTEGER"], "VARCHAR"),
        ("boolean", ["BOOLEAN"], "INTEGER"),
        ("date", ["DATE"], "TIMESTAMP"),
        ("timestamp", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"], "DATE"),
        ("time", [], "VARCHAR"),
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
        ({"logicalType": "vector", "physicalType": "FLOAT[]"}, "FLOAT[]"),
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


def test_members_of_an_enum_are_values_and_are_not_told() -> None:
    for promised in ({"logicalType": "string"}, {"physicalType": "VARCHAR"}, {}):
        for actual in ("ENUM('ann', 'bob')", "STRUCT(x ENUM('ann'))[]"):
            (said,) = _said(promised, actual)
            assert "ENUM" in said
            assert "ann" not in said


def test_without_a_type_any_type_fits_that_a_release_can_hold() -> None:
    assert _said({}, "DECIMAL(38,4)") == []
    assert _said({}, "INTERVAL") == [
        "column `a` is returned as INTERVAL: no release can hold the type INTERVAL"
    ]


@pytest.mark.parametrize(
    ("promised", "actual", "said", "cast"),
    [
        (
            {"logicalType": "integer"},
            "HUGEINT",
            "is promised as integer but the model returns HUGEINT: "
            "no release can hold the type HUGEINT",
            "BIGINT",
        ),
        (
            {"logicalType": "string"},
            "UUID",
            "is promised as string but the model returns UUID: no release can hold the type UUID",
            "VARCHAR",
        ),
        (
            {"logicalType": "object"},
            "STRUCT(u UUID, n FLOAT[2])",
            "is promised as object but the model returns STRUCT(u UUID, n FLOAT[2]): "
            "no release can hold the type UUID",
            "STRUCT(u VARCHAR, n FLOAT[])",
        ),
        (
            {"physicalType": "FLOAT[3]"},
            "FLOAT[2]",
            "is promised as FLOAT[3]: no release can hold the type FLOAT[3]",
            "FLOAT[]",
        ),
        (
            {"physicalType": "decimal(10)"},
            "HUGEINT",
            "is promised as decimal(10) but the model returns HUGEINT",
            "DECIMAL(10,0)",
        ),
        (
            {"logicalType": "integer"},
            "DOUBLE",
            "is promised as integer but the model returns DOUBLE",
            "BIGINT",
        ),
        (
            {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
            "TIMESTAMP_NS",
            "is promised with time zone but the model returns TIMESTAMP_NS",
            "TIMESTAMP WITH TIME ZONE",
        ),
        (
            {"logicalType": "object", "physicalType": "STRUCT"},
            "INTEGER",
            "is promised as STRUCT but the model returns INTEGER",
            None,
        ),
    ],
)
def test_a_type_that_is_returned_otherwise_comes_with_the_one_to_cast_to(
    promised: dict[str, object], actual: str, said: str, cast: str | None
) -> None:
    (found,) = mismatches(contract(column("a", **promised)), (ActualColumn("a", actual),))
    assert (found.sentence, found.column) == (f"column `a` {said}", "a")
    assert (str(found.cast) if found.cast else None) == cast


PAIR = {"name": "x", "physicalType": "INTEGER"}


@pytest.mark.parametrize(
    ("promised", "said", "cast"),
    [
        (
            {"physicalType": "uuid"},
            "is promised as uuid: no release can hold the type UUID",
            "VARCHAR",
        ),
        (
            {"logicalType": "vector", "physicalType": "FLOAT[3]"},
            "is promised as FLOAT[3]: no release can hold the type FLOAT[3]",
            "FLOAT[]",
        ),
        (
            {"logicalType": "string", "physicalType": "INTEGER"},
            "is promised as INTEGER and as logicalType string, which cannot both be",
            None,
        ),
        (
            {"logicalType": "string", "physicalType": "MEDIUMTEX"},
            "is promised as MEDIUMTEX: DuckDB has no type `MEDIUMTEX`; a release holds BIGINT, ",
            None,
        ),
        (
            {"logicalType": "time"},
            "is promised as time: no release can hold that but as text",
            "VARCHAR",
        ),
        (
            {
                "logicalType": "timestamp",
                "physicalType": "DATETIME",
                "logicalTypeOptions": {"timezone": True},
            },
            "is promised with time zone but the physicalType of `a` says DATETIME",
            None,
        ),
        (
            {
                "logicalType": "vector",
                "logicalTypeOptions": {"dimensions": 2, "elementType": "uint8"},
            },
            "is promised with elements of UTINYINT: no release can hold the type UTINYINT",
            None,
        ),
    ],
)
def test_a_promise_that_no_table_can_keep_is_found_without_one(
    promised: dict[str, object], said: str, cast: str | None
) -> None:
    (found,) = unkeepable(contract(column("a", **promised)))
    assert found.sentence.startswith(f"column `a` {said}")
    assert (str(found.cast) if found.cast else None) == cast
    assert str(found.place) == "port.odcs.yaml:9:2"


@pytest.mark.parametrize(
    ("physical", "said"),
    [
        ("STRUCT(x INTEGER)", []),
        ("STRUCT", []),
        (
            "STRUCT(x BIGINT)",
            ["column `a.x` is promised as INTEGER but the physicalType of `a` says BIGINT"],
        ),
        (
            "STRUCT(y INTEGER)",
            [
                "column `a.x` is promised but the physicalType of `a` has no such field",
                "the physicalType of `a` says column `a.y`, which is not promised",
            ],
        ),
    ],
)
def test_fields_agree_with_the_type_around_them(physical: str, said: list[str]) -> None:
    promise = column("a", logicalType="object", physicalType=physical, properties=[PAIR])
    assert [item.sentence for item in unkeepable(contract(promise))] == said


@pytest.mark.parametrize("kind", SCALARS)
def test_what_is_promised_in_types_that_a_release_holds_can_be_kept(kind: str) -> None:
    held = refused(read_type(kind)) is None
    nested = [f"{kind}[]", f"STRUCT(a {kind})", f"MAP(VARCHAR, {kind})"]
    promises = [column(f"c{n}", physicalType=each) for n, each in enumerate([kind, *nested])]
    assert len(list(unkeepable(contract(*promises)))) == (0 if held else len(promises))


_SIMPLE = {
    "integer": ("INTEGER", "BIGINT"),
    "number": ("DOUBLE", "DECIMAL(9,2)"),
    "string": ("VARCHAR",),
    "date": ("DATE",),
}
_RETURNED = st.sampled_from(
    ["INTEGER", "HUGEINT", "UBIGINT", "DECIMAL(9,6)", "FLOAT", "VARCHAR", "UUID", "DATE", "TIME"]
)


@st.composite
def promised_columns(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """What a column promises; inside it each part says its logical type, its physical or both."""
    kind = draw(st.sampled_from(["simple", "array", "object"])) if depth else "simple"
    if kind == "array":
        return {"logicalType": "array", "items": draw(promised_columns(depth - 1))}
    if kind == "object":
        fields = [{"name": name, **draw(promised_columns(depth - 1))} for name in ("f", "g")]
        return {"logicalType": "object", "properties": fields}
    logical = draw(st.sampled_from(list(_SIMPLE)))
    physical = {"physicalType": draw(st.sampled_from(_SIMPLE[logical]))}
    return draw(st.sampled_from([{"logicalType": logical}, {"logicalType": logical, **physical}]))


@st.composite
def actual_types(draw: st.DrawFn, promised: dict[str, Any]) -> str:
    """A type of the promised form, with other types in it, and perhaps other fields."""
    if draw(st.integers(0, 9)) == 0:
        return draw(_RETURNED)
    if "items" in promised:
        return draw(actual_types(promised["items"])) + draw(st.sampled_from(["[]", "[3]"]))
    if "properties" in promised:
        fields = [(each["name"], draw(actual_types(each))) for each in promised["properties"]]
        fields = draw(st.permutations(fields))[: draw(st.sampled_from([2, 2, 2, 1]))]
        return f"STRUCT({', '.join(f'{name} {kind}' for name, kind in fields)})"
    return draw(_RETURNED)


@OFTEN
@given(data=st.data())
def test_who_writes_the_cast_that_is_advised_keeps_the_promise(data: st.DataObject) -> None:
    promised = data.draw(promised_columns())
    made = contract(column("a", **promised))
    actual = data.draw(actual_types(promised))
    casts = {str(each.cast) for each in mismatches(made, (ActualColumn("a", actual),))}
    for cast in casts - {"None"}:
        assert mismatches(made, (ActualColumn("a", cast),)) == [], (actual, cast)


def test_a_cast_is_advised_for_a_field_inside_a_list() -> None:
    fields = [column("plz", logicalType="string"), column("lon", physicalType="DOUBLE")]
    items = {"logicalType": "object", "properties": fields}
    made = contract(column("places", logicalType="array", items=items))
    actual = ActualColumn("places", "STRUCT(plz VARCHAR, lon DECIMAL(9,6))[]")
    (found,) = mismatches(made, (actual,))
    assert str(found.cast) == "STRUCT(plz VARCHAR, lon DOUBLE)[]"
