"""Promises inside objects, arrays and maps, as deep as the standard allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import Outcome
from tests.checks.promises import column, rule
from tests.engines.duckdb.checking import a, broken, run


def _object(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"logicalType": "object", "properties": list(fields), **more}


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"logicalType": "array", "items": items, **more}


def _options(kind: str, **options: Any) -> dict[str, Any]:
    return {"logicalType": kind, "logicalTypeOptions": options}


ADDRESS = "struct(zip varchar, n integer)"


def test_a_field_is_required_only_where_its_object_is(tmp_path: Path) -> None:
    promise = _object(column("zip", logicalType="string", required=True), column("n"))
    assert broken(a(tmp_path, ADDRESS, [None, {"zip": "1", "n": None}], **promise)) == {}
    results = a(tmp_path, ADDRESS, [None, {"zip": None, "n": 1}], **promise)
    assert broken(results) == {"a_zip_required": 1.0}
    assert results["a_zip_required"].sample == ({"a": "{'zip': None, 'n': 1}"},)


def test_a_field_of_a_field_is_checked_under_its_whole_name(tmp_path: Path) -> None:
    inner = column("c", **_options("integer", minimum=1))
    promise = _object(column("b", **_object(inner)))
    kind = "struct(b struct(c integer))"
    assert broken(a(tmp_path, kind, [{"b": {"c": 1}}, {"b": None}], **promise)) == {}
    assert broken(a(tmp_path, kind, [{"b": {"c": 0}}], **promise)) == {"a_b_c_range": 1.0}


def test_fields_with_hostile_names_are_checked(tmp_path: Path) -> None:
    promise = _object(column("x y", required=True), column("port", unique=True))
    kind = 'struct("x y" integer, port integer)'
    rows = [({"x y": None, "port": 1},), ({"x y": 1, "port": 1},)]
    results = run(tmp_path, f'"port" {kind}', rows, column("port", **promise))
    assert broken(results) == {"port_x_y_required": 1.0, "port_port_unique": 1.0}


def test_an_object_says_which_fields_and_how_many(tmp_path: Path) -> None:
    options = {"required": ["n"], "minProperties": 1, "maxProperties": 1}
    promise = _object(column("zip"), column("n"), logicalTypeOptions=options)
    assert broken(a(tmp_path, ADDRESS, [{"zip": None, "n": 1}, None], **promise)) == {}
    full = {"zip": "1", "n": 1}
    assert broken(a(tmp_path, ADDRESS, [full], **promise)) == {"a_properties": 1.0}
    empty = {"zip": None, "n": None}
    expected = {"a_properties": 1.0, "a_n_required": 1.0}
    assert broken(a(tmp_path, ADDRESS, [empty], **promise)) == expected


def test_a_required_field_that_nobody_lists_is_not_green(tmp_path: Path) -> None:
    promise = _object(column("zip"), column("n"), logicalTypeOptions={"required": ["zap"]})
    result = a(tmp_path, ADDRESS, [None], **promise)["a_zap_required"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert result.message == "`a` lists no property `zap`; did you mean `zip`?"


@pytest.mark.parametrize(
    ("options", "good", "bad", "name"),
    [
        ({"minItems": 1}, [[1], None], [], "items"),
        ({"maxItems": 2}, [[1, 1], [], None], [1, 2, 3], "items"),
        ({"uniqueItems": True}, [[1, 2], [None, None], [], None], [1, 2, 1], "distinct_items"),
    ],
)
def test_an_array_has_the_promised_size(
    tmp_path: Path, options: dict[str, Any], good: list[Any], bad: list[int], name: str
) -> None:
    promise = _options("array", **options)
    assert broken(a(tmp_path, "integer[]", good, **promise)) == {}
    assert broken(a(tmp_path, "integer[]", [*good, bad], **promise)) == {f"a_{name}": 1.0}


def test_a_flag_that_is_off_promises_nothing(tmp_path: Path) -> None:
    results = a(tmp_path, "integer[]", [[1, 1]], **_options("array", uniqueItems=False))
    assert list(results) == ["schema"]


@pytest.mark.parametrize(
    ("items", "good", "bad", "name"),
    [
        ({"logicalType": "string", "required": True}, [["x"], [], None], ["x", None], "required"),
        ({"logicalType": "string", "unique": True}, [["x", "y"], ["z", None]], ["x"], "unique"),
        ({"logicalType": "string", "enum": [{"value": "x"}]}, [["x", None]], ["X"], "allowed"),
        (_options("string", pattern="^x"), [["xy", None], []], ["y"], "pattern"),
        (_options("string", maxLength=2), [["xy", ""], []], ["xyz"], "length"),
    ],
)
def test_what_items_promise_holds_for_each_of_them(
    tmp_path: Path, items: dict[str, Any], good: list[Any], bad: list[Any], name: str
) -> None:
    promise = _array(items)
    assert broken(a(tmp_path, "varchar[]", good, **promise)) == {}
    results = a(tmp_path, "varchar[]", [*good, bad], **promise)
    assert broken(results) == {f"a_item_{name}": 1.0}


def test_objects_in_arrays_in_objects_are_reached(tmp_path: Path) -> None:
    price = column("price", required=True, **_options("number", minimum=0))
    tags = column("tags", **_array(_options("string", minLength=1)))
    promise = _object(column("lines", **_array(_object(price, tags))))
    kind = "struct(lines struct(price double, tags varchar[])[])"
    good = {"lines": [{"price": 1.0, "tags": ["x"]}, None, {"price": 0.0, "tags": None}]}
    assert broken(a(tmp_path, kind, [good, None, {"lines": []}], **promise)) == {}
    bad = {"lines": [{"price": -1.0, "tags": ["", "x"]}, {"price": None, "tags": []}]}
    assert broken(a(tmp_path, kind, [good, bad], **promise)) == {
        "a_lines_item_price_required": 1.0,
        "a_lines_item_price_range": 1.0,
        "a_lines_item_tags_item_length": 1.0,
    }


def test_arrays_of_arrays_are_reached(tmp_path: Path) -> None:
    inner = _array(_options("integer", maximum=9), logicalTypeOptions={"maxItems": 2})
    results = a(tmp_path, "integer[][]", [[[1, 10], [1, 2, 3]], None], **_array(inner))
    assert broken(results) == {"a_item_items": 1.0, "a_item_item_range": 1.0}


def test_keys_and_values_of_a_map_are_checked(tmp_path: Path) -> None:
    parts = {"key": _options("string", pattern="^[a-z]+$"), "value": _options("integer", minimum=0)}
    promise = {"logicalType": "map", "map": parts}
    kind = "map(varchar, integer)"
    assert broken(a(tmp_path, kind, [{"x": 0}, {}, None], **promise)) == {}
    expected = {"a_key_pattern": 1.0, "a_value_range": 1.0}
    assert broken(a(tmp_path, kind, [{"X": -1, "y": 1}], **promise)) == expected


def test_a_vector_has_its_dimensions_element_type_and_length_one(tmp_path: Path) -> None:
    promise = _options("vector", dimensions=2, elementType="float32", normalized=True)
    promise["logicalTypeOptions"]["embeddingModel"] = "any/model"
    assert broken(a(tmp_path, "float[2]", [[0.6, 0.8], None], **promise)) == {}
    expected = {"a_items": 1.0, "a_normalized": 1.0}
    assert broken(a(tmp_path, "float[]", [[1.0], [1.0, 1.0]], **promise)) == expected
    result = a(tmp_path, "double[]", [[1.0, 0.0]], **promise)["schema"]
    assert result.message == (
        "column `a` is promised with elements of FLOAT but the model returns DOUBLE[]"
    )


@pytest.mark.parametrize("kind", ["integer[]", "struct(b integer)", "map(varchar, integer)"])
def test_no_rows_break_no_promise_inside_a_column(tmp_path: Path, kind: str) -> None:
    inside = _options("integer", minimum=0) | {"required": True, "unique": True}
    shape = {
        "integer[]": _array(inside),
        "struct(b integer)": _object(column("b", **inside)),
        "map(varchar, integer)": {
            "logicalType": "map",
            "map": {"key": {"logicalType": "string"}, "value": inside},
        },
    }[kind]
    results = a(tmp_path, kind, [], **shape)
    assert broken(results) == {}
    assert len(results) == 4


def test_rules_of_a_field_measure_the_field(tmp_path: Path) -> None:
    quality = [
        rule(name="metric", metric="nullValues", mustBe=0),
        {
            "name": "sql",
            "type": "sql",
            "query": "select count(*) from ${object} where ${property} < 0",
            "mustBe": 0,
        },
    ]
    promise = _object(column("zip"), column("n", logicalType="integer", quality=quality))
    results = a(tmp_path, ADDRESS, [{"zip": "1", "n": -1}, {"zip": "1", "n": None}], **promise)
    assert broken(results) == {"metric": 1.0, "sql": 1.0}


def test_a_share_inside_a_list_is_one_of_its_items(tmp_path: Path) -> None:
    quality = [rule(name="it", metric="nullValues", mustBe=25, unit="percent")]
    results = a(
        tmp_path,
        "integer[]",
        [[1, None], [1, 1]],
        **_array({"logicalType": "integer", "quality": quality}),
    )
    assert broken(results) == {}


def test_a_rule_of_the_table_may_name_a_field(tmp_path: Path) -> None:
    arguments = {"properties": ["a.zip", "b"]}
    entry = rule(name="it", metric="duplicateValues", mustBe=0, arguments=arguments)
    columns = (column("a", **_object(column("zip"), column("n"))), column("b"))
    rows = [({"zip": "1", "n": 1}, 1), ({"zip": "1", "n": 2}, 1), ({"zip": "1", "n": 1}, 2)]
    result = run(tmp_path, f"a {ADDRESS}, b integer", rows, *columns, rules=(entry,))["it"]
    assert (result.observed, result.sample) == (1.0, ({"a.zip": "1", "b": 1, "rows": 2},))


def test_a_key_may_lie_in_a_field(tmp_path: Path) -> None:
    promise = _object(column("zip", primaryKey=True), column("n"))
    rows = [{"zip": "1", "n": 1}, {"zip": "1", "n": 2}]
    assert broken(a(tmp_path, ADDRESS, rows, **promise)) == {"primary_key": 1.0}


def test_a_key_of_items_is_not_green(tmp_path: Path) -> None:
    promise = _array(_object(column("n", logicalType="integer", primaryKey=True)))
    result = a(tmp_path, "struct(n integer)[]", [[{"n": 1}]], **promise)["a_item_n_key"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, False)
    assert result.message == (
        "a primary key identifies rows, not items of a list; write an SQL rule at the table"
    )


def test_types_inside_a_column_are_compared_with_the_way_to_them(tmp_path: Path) -> None:
    line = _object(column("price", physicalType="DOUBLE"), column("sku", logicalType="string"))
    result = a(tmp_path, "struct(price integer, id integer)[]", [], **_array(line))["schema"]
    assert result.message == (
        "column `a[].price` is promised as DOUBLE but the model returns INTEGER; "
        "column `a[].sku` is promised but the model does not return it; "
        "the model returns column `a[].id`, which is not promised"
    )


def test_the_sample_hides_what_is_classified_inside_a_column(tmp_path: Path) -> None:
    inner = column("zip", classification="restricted", required=True)
    listed = _array(_options("string", maxLength=1) | {"classification": "secret"})
    columns = (column("a", **_object(inner, column("n", unique=True))), column("t", **listed))
    rows = [({"zip": "12345", "n": 1}, ["hidden"]), ({"zip": None, "n": 1}, None)]
    results = run(tmp_path, f"a {ADDRESS}, t varchar[]", rows, *columns)
    assert results["t_item_length"].sample == (
        {"a": "{'zip': '•••', 'n': 1}", "t": "['•••']", "t[]": "•••"},
    )
    assert results["a_zip_required"].sample == ({"a": "{'zip': '•••', 'n': 1}", "t": None},)
    assert results["a_n_unique"].sample == ({"a.n": 1, "rows": 2},)


def test_a_key_that_is_shown_is_hidden_where_its_object_is_classified(tmp_path: Path) -> None:
    promise = _object(column("zip"), column("n", unique=True), classification="restricted")
    rows = [{"zip": "1", "n": 7}, {"zip": "2", "n": 7}]
    result = a(tmp_path, ADDRESS, rows, **promise)["a_n_unique"]
    assert result.sample == ({"a.n": "•••", "rows": 2},)


def test_a_long_text_is_cut_in_the_sample(tmp_path: Path) -> None:
    result = a(tmp_path, "varchar", ["x" * 5000], **_options("string", maxLength=9))["a_length"]
    assert result.sample == ({"a": "x" * 200 + "…"},)
