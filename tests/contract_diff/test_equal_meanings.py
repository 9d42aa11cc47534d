"""The same promise in other words is a patch at most; what a build would withhold never is one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.checks.storage_types import HELD, refused
from mesh_platform.checks.types import ActualColumn, mismatches
from mesh_platform.contract_diff.compare import contract_changes, contract_text_changes
from mesh_platform.contract_diff.values import Level
from mesh_platform.contract_diff.widths import Width, compared_types
from mesh_platform.model.type_text import _ALIASES, DataType, read_type
from tests.checks.promises import column
from tests.checks.promises import contract as promise
from tests.contract_diff.contracts import KEY, OFTEN, Document, contract, level_of

LEAVES = [*sorted(HELD - {"DECIMAL"}), "DECIMAL(10,2)", "DECIMAL(4,0)"]
SPELLINGS: dict[str, list[str]] = {
    name: [a for a, kind in _ALIASES.items() if kind == name] for name in HELD
}


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map("{}[]".format),
        inner.map("MAP(VARCHAR, {})".format),
        st.lists(inner, min_size=2, max_size=3).map(
            lambda parts: f"STRUCT({', '.join(f'f{n} {p}' for n, p in enumerate(parts))})"
        ),
    )


TYPES = st.recursive(st.sampled_from(LEAVES), _nested, max_leaves=4)


@st.composite
def spelt(draw: st.DrawFn, kind: str) -> str:
    """A type in other words: an alias, lower case, spaces."""
    names = [*SPELLINGS.get(kind, []), kind, kind.lower()]
    return draw(st.sampled_from(names)) + draw(st.sampled_from(["", " "]))


@OFTEN
@given(kind=st.sampled_from(sorted(HELD - {"DECIMAL"})), data=st.data())
def test_a_type_spelt_otherwise_is_a_patch(kind: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["{}", "{}[]", "struct(a {})", "map(int, {}[])"]))
    new = form.format(data.draw(spelt(kind)))
    assert level_of({"physicalType": form.format(kind)}, {"physicalType": new}) is Level.PATCH


def _shuffled(kind: DataType) -> DataType:
    parts = tuple((name, _shuffled(part)) for name, part in kind.parts)
    return DataType(kind.name, kind.numbers, parts[::-1] if kind.name == "STRUCT" else parts)


@OFTEN
@given(old=TYPES, other=TYPES, edit=st.sampled_from(["none", "lower", "shuffled", "other"]))
def test_a_type_that_is_another_one_for_a_build_is_never_a_patch(
    old: str, other: str, edit: str
) -> None:
    shuffled = str(_shuffled(read_type(old)))
    new = {"none": old, "lower": old.lower(), "shuffled": shuffled, "other": other}[edit]
    kept = not mismatches(promise(column("a", physicalType=new)), (ActualColumn("a", old),))
    assert kept == (compared_types(old, new) is Width.SAME)


@OFTEN
@given(kind=TYPES)
def test_fields_in_another_order_are_a_minor_change(kind: str) -> None:
    other = str(_shuffled(read_type(kind)))
    wanted = Level.PATCH if other == str(read_type(kind)) else Level.MINOR
    assert level_of({"physicalType": kind}, {"physicalType": other}) is wanted
    assert refused(read_type(other)) is None


@pytest.mark.parametrize(("old", "new"), [("FLOAT[3]", "FLOAT[4]"), ("FLOAT[3]", "FLOAT[]")])
def test_another_number_of_items_is_major(old: str, new: str) -> None:
    assert level_of({"physicalType": old}, {"physicalType": new}) is Level.MAJOR
    assert level_of({"physicalType": new}, {"physicalType": old}) is Level.MAJOR


INSTANTS = [
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00+00:00",
    "2024-01-01 00:00:00",
    "2024-01-01 00:00:00.000000",
    "2024-01-01T02:00:00+02:00",
    "2023-12-31T23:00:00-01:00",
]
BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]


def _bound(kind: str, name: str, old: Any, new: Any) -> Level:
    def options(value: Any) -> Document:
        return {"logicalTypeOptions": {name: value} if value is not None else {}}

    return level_of(options(old), options(new), logicalType=kind)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("new", INSTANTS)
def test_the_same_instant_written_otherwise_is_a_patch(name: str, new: str) -> None:
    for old in INSTANTS:
        assert _bound("timestamp", name, old, new) is Level.PATCH
    later = {"minimum": Level.MINOR, "exclusiveMinimum": Level.MINOR}.get(name, Level.MAJOR)
    assert _bound("timestamp", name, new, "2024-01-01T00:00:00.000001Z") is later
    assert _bound("timestamp", name, new, "31.12.2024") is Level.MAJOR


@pytest.mark.parametrize(
    ("kind", "name", "old", "new"),
    [
        ("time", "minimum", "08:00", "08:00:00"),
        ("time", "maximum", "08:00:00Z", "10:00:00+02:00"),
        ("date", "minimum", "2024-01-31", "20240131"),
        ("date", "maximum", "2024-01-31", "2024-01-31T00:00:00Z"),
        ("integer", "minimum", 1, 1.0),
        ("number", "maximum", 1.50, 1.5),
        ("integer", "multipleOf", None, 1),
        ("string", "minLength", None, 0),
        ("array", "minItems", 0, None),
        ("object", "minProperties", None, 0),
        ("array", "uniqueItems", None, False),
    ],
)
def test_a_limit_that_allows_the_same_values_is_a_patch(
    kind: str, name: str, old: Any, new: Any
) -> None:
    assert _bound(kind, name, old, new) is Level.PATCH
    assert _bound(kind, name, new, old) is Level.PATCH


def test_a_day_after_one_is_the_next_day() -> None:
    old = {"logicalTypeOptions": {"exclusiveMinimum": "2023-12-31"}}
    new = {"logicalTypeOptions": {"minimum": "2024-01-01"}}
    assert level_of(old, new, logicalType="date") is Level.PATCH
    assert level_of(old, new, logicalType="timestamp") is not Level.PATCH


@pytest.mark.parametrize(
    ("kind", "physical", "old", "new", "level"),
    [
        ("date", None, None, "dd.MM.yyyy", Level.PATCH),
        ("timestamp", "TIMESTAMP", "yyyy", "MM", Level.PATCH),
        ("date", "TEXT", None, "yyyy-MM-dd", Level.PATCH),
        ("date", "TEXT", None, "dd.MM.yyyy", Level.MAJOR),
        ("date", "TEXT", "yyyy-MM-dd", "dd.MM.yyyy", Level.MAJOR),
        ("string", None, None, "email", Level.MINOR),
    ],
)
def test_a_format_is_a_promise_only_where_text_must_have_it(
    kind: str, physical: str | None, old: str | None, new: str, level: Level
) -> None:
    def options(value: str | None) -> Document:
        typed = {"physicalType": physical} if physical else {}
        return {**typed, "logicalTypeOptions": {"format": value} if value else {}}

    assert level_of(options(old), options(new), logicalType=kind) is level


SAME_QUERIES = [
    "select count(*) from ${object} where ${property} is null",
    "SELECT count(*) FROM {object} WHERE {column} IS NULL",
    "select count(*)  from ${table}\nwhere ${column} is null -- gaps",
]


@pytest.mark.parametrize("old", SAME_QUERIES)
@pytest.mark.parametrize("new", SAME_QUERIES)
def test_a_rule_with_the_other_name_of_a_placeholder_is_a_patch(old: str, new: str) -> None:
    def rule(query: str) -> Document:
        return {"quality": [{"name": "r", "type": "sql", "query": query, "mustBe": 0}]}

    assert level_of(rule(old), rule(new)) is Level.PATCH


def test_an_end_written_as_a_point_in_time_is_a_patch() -> None:
    def ends(value: str) -> Document:
        return contract(KEY, slaProperties=[{"property": "endOfSupport", "value": value}])

    (change,) = contract_changes(ends("2027-01-01"), ends("2027-01-01T00:00:00Z"))
    assert (change.code, change.level) == ("end.as-before", Level.PATCH)


PARTS = [("key",), ("value",)]
EDITS: list[tuple[Document, Document, Level]] = [
    ({"description": "x"}, {"description": "y"}, Level.PATCH),
    ({"physicalType": "INT"}, {"physicalType": "integer"}, Level.PATCH),
    ({}, {"required": True}, Level.MINOR),
    ({"physicalType": "INT"}, {"physicalType": "BIGINT"}, Level.MAJOR),
    ({"logicalTypeOptions": {"minimum": 1}}, {"logicalTypeOptions": {"minimum": 2}}, Level.MINOR),
    ({"enum": [{"value": 1}]}, {"enum": [{"value": 1}, {"value": 2}]}, Level.MAJOR),
    ({"properties": [{"name": "p"}]}, {"properties": [{"name": "p"}, {"name": "q"}]}, Level.MINOR),
]


@pytest.mark.parametrize(("old", "new", "level"), EDITS)
@pytest.mark.parametrize("way", ["items", "key", "value", "deep"])
def test_what_is_inside_a_column_is_judged_as_a_column_is(
    way: str, old: Document, new: Document, level: Level
) -> None:
    def around(inner: Document) -> Document:
        part = {"logicalType": "integer", **inner}
        if way == "items":
            return {"logicalType": "array", "items": part}
        if way == "deep":
            inner_map = {"logicalType": "map", "map": {"value": part}}
            return {
                "logicalType": "array",
                "items": {"logicalType": "map", "map": {"value": inner_map}},
            }
        return {"logicalType": "map", "map": {way: part}}

    changes = contract_changes(
        contract({"name": "a", **around(old)}), contract({"name": "a", **around(new)})
    )
    assert [change.level for change in changes] == [level]
    assert not any(change.code.startswith("unknown") for change in changes)


OF_3_0 = """\
apiVersion: v3.0.2
kind: DataContract
id: shop/orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: at, logicalType: date, physicalType: TYPE}
"""


@pytest.mark.parametrize(
    ("physical", "logical"),
    [("timestamp", "timestamp"), ("TIMESTAMPTZ", "timestamp"), ("time", "time"), ("DATE", "date")],
)
def test_a_moment_of_3_0_is_the_same_promise_in_3_2(physical: str, logical: str) -> None:
    old = OF_3_0.replace("TYPE", physical)
    new = old.replace("v3.0.2", "v3.2.0").replace("logicalType: date", f"logicalType: {logical}")
    assert [c.level for c in contract_text_changes(old, new)] == [Level.PATCH]


OWN_TABLE = [
    "${object}",
    "{table}",
    "${schema}",
    "orders",
    "ORDERS",
    '"Orders"',
    "t_orders",
    "port",
    "shop.orders",
]


@pytest.mark.parametrize("old", OWN_TABLE)
@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from {} where amount < 0",
        "select count(*) from {} as o, (select 1 as one) as x where o.amount < x.one",
        "select count(*) from {0} where {0}.amount < 0",
    ],
)
def test_a_rule_that_calls_its_own_table_by_another_name_is_a_patch(query: str, old: str) -> None:
    def rule(name: str) -> Document:
        of_table = {"name": "r", "type": "sql", "query": query.format(name), "mustBe": 0}
        return contract(KEY, table={"physicalName": "t_orders", "quality": [of_table]})

    for new in OWN_TABLE:
        levels = [change.level for change in contract_changes(rule(old), rule(new))]
        assert levels == ([] if old == new else [Level.PATCH]), new
    assert [c.level for c in contract_changes(rule(old), rule("crm.orders"))] == [Level.MAJOR]


def test_a_with_that_takes_the_name_of_the_table_is_another_table() -> None:
    def rule(query: str) -> Document:
        return {"quality": [{"name": "r", "type": "sql", "query": query, "mustBe": 0}]}

    old = "with orders as (select 1 as a from ${object} limit 1) select count(*) from orders"
    new = "with orders as (select 1 as a from ${object} limit 1) select count(*) from ${object}"
    assert level_of(rule(old), rule(new)) is Level.MAJOR


VALUES = [
    ("timestamp", None, INSTANTS),
    ("date", "DATE", ["2024-01-31", "20240131", "2024-01-31T00:00:00Z"]),
    ("time", None, ["08:00", "08:00:00", "10:00:00+02:00"]),
    ("number", "DECIMAL(9,2)", [1.5, "1.50", "1.5", "15e-1"]),
    ("integer", None, [100, 100.0, "100", "1e2"]),
]


@pytest.mark.parametrize(("kind", "physical", "spelt"), VALUES)
@pytest.mark.parametrize("where", ["enum", "validValues", "missingValues"])
def test_the_same_value_of_a_list_written_otherwise_is_a_patch(
    where: str, kind: str, physical: str | None, spelt: list[Any]
) -> None:
    typed = {"logicalType": kind, **({"physicalType": physical} if physical else {})}

    def listed(*values: Any) -> Document:
        if where == "enum":
            return {"enum": [{"value": value} for value in values]}
        metric = {"validValues": "invalidValues"}.get(where, where)
        rule = {"name": "r", "metric": metric, "mustBe": 0, "arguments": {where: list(values)}}
        return {"quality": [rule]}

    for old in spelt:
        for new in spelt:
            assert level_of(listed(old), listed(new), **typed) is Level.PATCH, (old, new)
            assert level_of(listed(old), listed(new, "other"), **typed) is not Level.PATCH


@pytest.mark.parametrize("typed", [{"logicalType": "string"}, {"physicalType": "VARCHAR"}, {}])
def test_texts_that_look_like_one_value_are_two(typed: Document) -> None:
    old, new = {"enum": [{"value": "1.0"}]}, {"enum": [{"value": "1.00"}]}
    assert level_of(old, new, **typed) is Level.MAJOR


def _object(*names: str, asked: list[str] | None = None) -> Document:
    """An object of the fields a and b: those that are required, and those that it demands."""
    fields = [{"name": n, **({"required": True} if n in names else {})} for n in ("a", "b")]
    options = {} if asked is None else {"logicalTypeOptions": {"required": asked}}
    return {"logicalType": "object", "properties": fields, **options}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_object("a"), _object(asked=["a"])),
        (_object("a", "b"), _object(asked=["b", "a"])),
        (_object("a", "b"), _object("b", asked=["a"])),
        (_object("a", asked=["a"]), _object("a")),
    ],
)
def test_a_field_is_required_by_itself_or_by_its_object(old: Document, new: Document) -> None:
    assert level_of(old, new) is Level.PATCH
    assert level_of(new, old) is Level.PATCH


def test_a_field_that_nobody_demands_any_more_is_told() -> None:
    assert level_of(_object("a", "b"), _object(asked=["a"])) is Level.MAJOR
    assert level_of(_object(asked=["a"]), _object("a", "b")) is Level.MINOR


TEXTS: list[Document] = [
    {"physicalType": "VARCHAR(10)"},
    {"physicalType": "varchar", "logicalTypeOptions": {"maxLength": 10}},
    {"physicalType": "text(10)", "logicalTypeOptions": {"maxLength": 10}},
    {"physicalType": "VARCHAR(20)", "logicalTypeOptions": {"maxLength": 10}},
]


@pytest.mark.parametrize("old", TEXTS)
@pytest.mark.parametrize("new", TEXTS)
def test_a_longest_length_stands_in_the_type_or_in_an_option(old: Document, new: Document) -> None:
    text = {"logicalType": "string"}
    assert level_of({**text, **old}, {**text, **new}) is Level.PATCH


@pytest.mark.parametrize("old", TEXTS)
def test_a_longer_text_is_major(old: Document) -> None:
    for new in ({"physicalType": "VARCHAR(11)"}, {"physicalType": "VARCHAR"}):
        assert level_of(old, new) is Level.MAJOR
