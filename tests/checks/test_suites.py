"""What a suite file or an inline rule says, read without Great Expectations."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mesh_platform.checks.suites import (
    Expectation,
    names_great_expectations,
    read_inline,
    read_suite,
)
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.contract import Rule, Severity
from tests.checks.promises import column, contract, rule

FILE = "domains/shop/products/orders/suite.json"
BETWEEN = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "distance", "min_value": 0},
}


def _suite(*entries: Any) -> tuple[Expectation, ...]:
    return read_suite(json.dumps({"name": "orders", "expectations": list(entries)}), FILE)


def _rule(**more: Any) -> Rule:
    entry = rule(type="custom", engine="greatExpectations", implementation="x", **more)
    return contract(column("distance"), rules=(entry,)).rules[0]


def _error(text: str) -> tuple[str, str, str | None]:
    with pytest.raises(MeshError) as caught:
        read_suite(text, FILE)
    return caught.value.message, str(caught.value.place).removeprefix(FILE), caught.value.fix


def _entry_error(entry: Any) -> tuple[str, str | None]:
    message, _, fix = _error(json.dumps({"expectations": [entry]}))
    return message, fix


def test_a_suite_as_great_expectations_writes_it_is_read_whole() -> None:
    text = """{
  "name": "orders",
  "id": null,
  "meta": {"great_expectations_version": "1.24.1"},
  "expectations": [
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}, "meta": {},
     "severity": "critical", "id": null, "description": "Every order has a number."},
    {"expectation_type": "expect_table_row_count_to_be_between",
     "kwargs": {"min_value": 1e3, "result_format": "COMPLETE", "catch_exceptions": false},
     "meta": {"notes": {"format": "markdown", "content": ["Not", "empty."]}},
     "severity": "info"}
  ]
}"""
    assert read_suite(text, FILE) == (
        Expectation(
            "id_not_null",
            "expect_column_values_to_not_be_null",
            {"column": "id"},
            Severity.ERROR,
            Place(FILE, 6),
            "Every order has a number.",
        ),
        Expectation(
            "table_row_count_between",
            "expect_table_row_count_to_be_between",
            {"min_value": 1000.0},
            Severity.WARNING,
            Place(FILE, 8),
            "Not empty.",
        ),
    )


NAMES = [
    ("expect_column_values_to_be_between", {"column": "distance"}, "distance_between"),
    ("expect_column_mean_to_be_between", {"column": "distance"}, "distance_mean_between"),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "arrival", "column_B": "departure"},
        "arrival_departure_greater_than",
    ),
    (
        "expect_compound_columns_to_be_unique",
        {"column_list": ["a", "b"]},
        "a_b_compound_columns_unique",
    ),
    ("expect_table_columns_to_match_set", {"column_set": ["a"]}, "table_columns_match_set"),
    ("expect_table_column_count_to_equal", {"value": 3}, "table_column_count_equal"),
    ("unexpected_rows_expectation", {}, "unexpected_rows_expectation"),
    ("expect_column_values_to_be_unique", {"column": "Flug Nr."}, "Flug_Nr_unique"),
]


@pytest.mark.parametrize(("kind", "kwargs", "name"), NAMES)
def test_a_check_is_called_after_its_columns_and_what_is_expected(
    kind: str, kwargs: dict[str, Any], name: str
) -> None:
    assert [one.name for one in _suite({"type": kind, "kwargs": kwargs})] == [name]


def test_names_are_unique_also_where_a_number_is_taken() -> None:
    taken = {**BETWEEN, "kwargs": {"column": "distance_between_2"}}
    taken["type"] = "expect_column_values_to_be"
    names = [one.name for one in _suite(BETWEEN, BETWEEN, taken, BETWEEN)]
    assert names == [
        "distance_between",
        "distance_between_3",
        "distance_between_2",
        "distance_between_4",
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("critical", Severity.ERROR),
        ("warning", Severity.WARNING),
        ("info", Severity.WARNING),
        (None, Severity.ERROR),
    ],
)
def test_severities_of_great_expectations_become_the_contracts(
    said: str | None, meant: Severity
) -> None:
    assert _suite({**BETWEEN, "severity": said})[0].severity is meant


def test_the_columns_of_an_expectation_are_known() -> None:
    pair = {"type": "expect_x", "kwargs": {"column_A": "a", "column_B": "b"}}
    several = {"type": "expect_x", "kwargs": {"column_list": ["a", "b"]}}
    assert [one.columns for one in _suite(BETWEEN, pair, several)] == [
        ("distance",),
        ("a", "b"),
        ("a", "b"),
    ]


def test_what_is_not_json_is_an_error_with_its_line() -> None:
    assert _error('{"expectations":\n  [}') == (
        "not valid JSON: Expecting value",
        ":2",
        None,
    )


@pytest.mark.parametrize("text", ["[]", "{}", '{"expectations": {}}', '"x"'])
def test_what_is_not_a_suite_is_an_error(text: str) -> None:
    message, place, fix = _error(text)
    assert (message, place) == ("a suite is a JSON object with a list `expectations`", ":1")
    assert fix is not None
    assert fix.startswith("write an object such as {")


def test_a_key_that_stands_twice_is_an_error() -> None:
    message, _, fix = _error('{"expectations": [{"type": "a", "type": "b"}]}')
    assert (message, fix) == ("the key `type` stands twice in one object", "remove one of them")


def test_an_entry_that_is_no_expectation_says_what_is_wrong_and_the_way_out() -> None:
    assert _entry_error("x")[0] == 'an expectation is an object, not "x"'
    assert _entry_error({"kwargs": {}})[0] == "an expectation needs a `type`"
    assert _entry_error({**BETWEEN, "severty": "info"}) == (
        "`severty` is not a key of an expectation",
        "did you mean `severity`?",
    )
    assert _entry_error({**BETWEEN, "severity": "fatal"}) == (
        "severity `fatal` is not one of critical, warning, info",
        "use `critical` to withhold the release, `warning` to show the problem",
    )
    assert _entry_error({**BETWEEN, "kwargs": []})[0] == (
        "`kwargs` of an expectation is an object of its arguments"
    )
    assert _entry_error({**BETWEEN, "type": "ExpectColumnValuesToNotBeNull"}) == (
        "`ExpectColumnValuesToNotBeNull` is not the type of an expectation: "
        "types are written in snake case",
        "write `expect_column_values_to_not_be_null`",
    )


def test_a_wrong_entry_is_placed_at_its_line() -> None:
    text = '{"expectations": [\n  {"type": "expect_x"},\n\t{"typ": "expect_y"}\n]}'
    assert _error(text)[1] == ":3"


@pytest.mark.parametrize(
    "implementation",
    [
        BETWEEN,
        [BETWEEN],
        {"expectations": [BETWEEN]},
        json.dumps(BETWEEN),
        "type: expect_column_values_to_be_between\nkwargs: {column: distance, min_value: 0}",
        "{type: expect_column_values_to_be_between, kwargs: {column: distance, min_value: 0}}",
    ],
)
def test_an_inline_rule_is_read_in_every_form(implementation: Any) -> None:
    made = _rule(name="far enough", severity="warning", description="Not negative.")
    assert read_inline(implementation, made) == (
        Expectation(
            "far_enough",
            "expect_column_values_to_be_between",
            {"column": "distance", "min_value": 0},
            Severity.WARNING,
            made.place,
            "Not negative.",
        ),
    )


def test_several_inline_expectations_share_the_name_of_their_rule() -> None:
    other = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}}
    found = read_inline([BETWEEN, {**other, "severity": "info"}], _rule(name="plausible"))
    assert [(one.name, one.severity) for one in found] == [
        ("plausible_distance_between", Severity.ERROR),
        ("plausible_id_unique", Severity.WARNING),
    ]
    assert [one.name for one in read_inline([BETWEEN], _rule())] == ["distance_between"]


def test_a_rule_at_a_column_measures_that_column() -> None:
    def columns(kind: str, **kwargs: Any) -> tuple[str, ...]:
        return read_inline({"type": kind, "kwargs": kwargs}, _rule(), "fare")[0].columns

    assert columns("expect_column_values_to_be_unique") == ("fare",)
    assert columns("expect_column_values_to_be_unique", column="id") == ("id",)
    assert columns("expect_column_pair_values_to_be_equal", column_A="a") == ("a",)
    assert columns("expect_table_row_count_to_equal", value=1) == ()


@pytest.mark.parametrize("implementation", [None, 3, [], "type: [", "just words", {"type": 3}])
def test_an_inline_rule_of_another_shape_is_an_error_at_its_place(implementation: Any) -> None:
    made = _rule(name="odd")
    with pytest.raises(MeshError) as caught:
        read_inline(implementation, made)
    assert caught.value.place == made.place
    assert caught.value.fix is not None


@pytest.mark.parametrize(
    ("engine", "meant"),
    [
        ("greatExpectations", True),
        ("great-expectations", True),
        ("great_expectations", True),
        ("soda", False),
        (None, False),
    ],
)
def test_the_engine_is_known_by_each_of_its_spellings(engine: str | None, meant: bool) -> None:
    assert names_great_expectations(engine) is meant


def test_reading_a_suite_does_not_import_great_expectations() -> None:
    code = (
        "import sys; from mesh_platform.checks.suites import read_suite; "
        "import mesh_platform.engines.great_expectations.runner; "
        "print([m for m in ('great_expectations', 'sqlalchemy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
