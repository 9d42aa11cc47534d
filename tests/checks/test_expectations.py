from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import pytest

from mesh_platform.checks.derive import derive
from mesh_platform.checks.expectation_types import ARGUMENTS
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.model.contract import Contract, Severity, Suite, with_suite
from tests.checks.promises import column, contract

MEAN = {"type": "expect_column_mean_to_be_between", "kwargs": {"min_value": 1}}


def _custom(implementation: Any, engine: str = "greatExpectations", **more: Any) -> dict[str, Any]:
    return {"type": "custom", "engine": engine, "implementation": implementation, **more}


def _only(promise: Contract) -> CheckSpec:
    _schema, found = derive(promise)
    return found


def test_a_custom_rule_at_a_column_is_an_expectation_on_it() -> None:
    rule = _custom(MEAN, name="plausible", severity="warning", dimension="accuracy")
    found = _only(contract(column("a", quality=[rule])))
    assert (found.name, found.kind, found.severity) == (
        "plausible", Kind.EXPECTATION, Severity.WARNING,
    )  # fmt: skip
    assert found.expectation is not None
    assert found.expectation.kwargs == {"min_value": 1, "column": "a"}
    assert (found.columns, found.dimension) == (("a",), "accuracy")


def test_an_engine_that_is_not_here_could_not_run_and_says_the_way_out() -> None:
    found = _only(contract(column("a", quality=[_custom("checks: []", engine="soda")])))
    assert (found.kind, found.blocking) == (Kind.UNSUPPORTED, True)
    assert found.reason == (
        "the engine `soda` does not run here; "
        "write the rule as `type: sql`, or for the engine `greatExpectations`"
    )


def test_an_implementation_that_is_no_expectation_could_not_run() -> None:
    found = _only(contract(column("a"), rules=(_custom({"typ": "x"}, name="odd"),)))
    assert (found.name, found.kind) == ("odd", Kind.UNSUPPORTED)
    assert (found.reason or "").startswith("`typ` is not a key of an expectation; did you mean")


def _with(text: str, problem: str | None = None) -> Contract:
    suite = Suite(file="p/expectations.json", text=text, problem=problem)
    return with_suite(contract(column("a")), suite)


def test_a_suite_follows_the_rules_of_the_contract() -> None:
    entry = '{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}}'
    found = _only(_with('{"expectations": [\n' + entry + "\n]}"))
    assert (found.name, found.kind, found.blocking) == ("a_unique", Kind.EXPECTATION, True)
    assert str(found.place) == "p/expectations.json:2"


def test_a_suite_that_cannot_be_read_could_not_run_at_its_line() -> None:
    found = _only(_with("{\n]"))
    assert (found.name, found.kind, found.blocking) == ("expectations", Kind.UNSUPPORTED, True)
    assert str(found.place) == "p/expectations.json:2"
    assert (found.reason or "").startswith("not valid JSON")


def test_a_suite_that_is_out_of_step_could_not_run() -> None:
    found = _only(_with("{}", problem="run `mesh sync`"))
    assert (found.kind, found.reason, found.blocking) == (Kind.UNSUPPORTED, "run `mesh sync`", True)


@pytest.mark.parametrize(
    ("kind", "kwargs", "said"),
    [
        ("expect_column_values_to_not_be_null", {"column": "feee"}, "`feee`; did you mean `fee`?"),
        ("expect_column_pair_values_to_be_equal", {"column_A": "fee", "column_B": "b"}, "`b`;"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["fee", "feee"]}, "`feee`;"),
        ("expect_column_values_to_not_be_null", {"column": "FEE"}, None),
        ("expect_column_to_exist", {"column": "feee"}, None),
        ("expect_table_columns_to_match_set", {"column_set": ["fee", "feee"]}, None),
        ("expect_table_row_count_to_be_between", {"min_value": 1}, None),
    ],
)
def test_an_expectation_on_a_column_that_is_not_promised_could_not_run(
    kind: str, kwargs: dict[str, Any], said: str | None
) -> None:
    rule = _custom({"type": kind, "kwargs": kwargs}, name="own")
    found = _only(contract(column("fee"), rules=(rule,)))
    if said is None:
        assert found.reason is None
    else:
        assert (found.reason or "").startswith(f"the contract has no column {said}")


def test_a_type_that_nearly_names_an_expectation_could_not_run() -> None:
    kind = "expect_column_values_to_be_betwen"
    found = _only(contract(column("fee"), rules=(_custom({"type": kind}, name="own"),)))
    assert found.reason == (
        f"no expectation is called `{kind}`; did you mean `expect_column_values_to_be_between`?"
    )
    own = _custom({"type": "expect_fees_of_the_year_to_be_plausible"}, name="own")
    assert _only(contract(column("fee"), rules=(own,))).reason is None


@pytest.mark.parametrize(
    ("kind", "kwargs", "reason"),
    [
        (
            "expect_column_mean_to_be_between",
            {"min": 1, "max_value": 2},
            "`expect_column_mean_to_be_between` takes no `min`; did you mean `min_value`?",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"mosty": 0.9},
            "`expect_column_values_to_not_be_null` takes no `mosty`; did you mean `mostly`?",
        ),
        (
            "expect_column_values_to_be_in_set",
            {},
            "`expect_column_values_to_be_in_set` needs `value_set`; write it under `kwargs`",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"row_condition": "fee < 10", "condition_parser": "great_expectations"},
            "`fee < 10` is no condition of the parser `great_expectations`: write"
            ' `col("amount") < 10`',
        ),
        (
            "expect_column_values_to_not_be_null",
            {"row_condition": 'col("fee") < 10', "condition_parser": "great_expectations"},
            None,
        ),
        ("expect_column_mean_to_be_between", {"min_value": 1, "of_a_later_version": 2}, None),
        (
            "expect_column_values_to_not_be_null",
            {"mostly": 95},
            "`mostly` must be a number from 0 to 1, not `95`",
        ),
        ("expect_column_values_to_not_be_null", {"mostly": {"$PARAMETER": "share"}}, None),
        (
            "expect_column_values_to_be_in_set",
            {"value_set": "gold"},
            "`value_set` must be a list, not `gold`",
        ),
        ("expect_column_values_to_be_in_set", {"value_set": ["gold", 1, None]}, None),
        (
            "expect_column_values_to_match_regex_list",
            {"regex_list": ["a"], "match_on": "some"},
            "`match_on` must be `any` or `all`, not `some`",
        ),
        (
            "expect_column_values_to_be_between",
            {"min_value": "many"},
            "`min_value` must be a number, a date, or a date and time, not `many`",
        ),
        (
            "expect_column_max_to_be_between",
            {"min_value": 10, "max_value": 1},
            "`min_value` `10` is above `max_value` `1`: no value lies between them",
        ),
        ("expect_column_max_to_be_between", {"min_value": 1, "max_value": 1}, None),
        ("expect_column_max_to_be_between", {"min_value": "9", "max_value": "10"}, None),
        (
            "expect_column_max_to_be_between",
            {"min_value": "2024-2-1", "max_value": "2024-01-31"},
            "`min_value` `2024-2-1` is above `max_value` `2024-01-31`: no value lies between them",
        ),
        (
            "expect_column_max_to_be_between",
            {"min_value": "2024-02-01T10:00:00+02:00", "max_value": "2024-02-01T09:00:00Z"},
            None,
        ),
        (
            "expect_column_max_to_be_between",
            {"min_value": "2024-02-01", "max_value": "2024-01-31 09:00"},
            None,
        ),
        (
            "expect_column_values_to_not_be_null",
            {"row_condition": "fee < 10", "condition_parser": "pandas"},
            'conditions of the parser `pandas` do not run as SQL: write `col("amount") < 10`'
            " and `condition_parser: great_expectations`",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"row_condition": 'col("fee") < 10'},
            "`row_condition` needs `condition_parser: great_expectations`,"
            ' and a condition such as `col("amount") < 10`',
        ),
        ("expect_column_values_to_not_be_null", {"condition_parser": "pandas"}, None),
    ],
)
def test_arguments_of_an_expectation_are_known(
    kind: str, kwargs: dict[str, object], reason: str | None
) -> None:
    entry = {"type": kind, "kwargs": {"column": "fee", **kwargs}}
    found = _only(contract(column("fee"), rules=(_custom(entry, name="own"),)))
    assert found.reason == reason


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 95, 0.5, 1.5, -0.1, math.nan),
    *("", "gold", "5", "0.5", "1.5", "true", "yes", "maybe", "any", "std", "great_expectations"),
    *("2024-01-31", "2024-1-3", "2024-01-31 12:00:00", "2024-01-31T12:00:00Z", "2024-13-41"),
    *("2024-01-31 12:00:00.5+02:00", "31.01.2024", "12:00", "neither", "never", "{batch}", "{x}"),
    *(date(2024, 1, 31), datetime(2024, 1, 31, 12)),
    *([], ["gold"], ["ab"], [1], [None], ["a", "b"], [["a", "b"]], [["a"]], [["a", "b", "c"]]),
    *([[]], [{}], {}, {"a": 1}, {"$PARAMETER": "x"}),
)
"""Values of all kinds, of which each argument takes some."""
ONLY_HERE = [("unexpected_rows_query", "{x}")]
"""A placeholder that Great Expectations takes, and the platform does not know."""


def test_a_condition_that_no_row_is_held_against_is_not_judged() -> None:
    kwargs = {"column": "fee", "type_": "INTEGER", "row_condition": "fee < 10"}
    entry = {"type": "expect_column_values_to_be_of_type", "kwargs": kwargs}
    assert _only(contract(column("fee"), rules=(_custom(entry, name="own"),))).reason is None


@pytest.mark.slow
def test_the_types_and_arguments_are_those_of_great_expectations() -> None:
    from great_expectations.expectations import registry

    for kind, takes in ARGUMENTS.items():
        fields = registry.get_expectation_impl(kind).__fields__
        assert takes.known == set(fields), kind
        assert takes.needed == {name for name, each in fields.items() if each.required}, kind
        for name, values in takes.kinds.items():
            for value in VALUES:
                if name == "row_condition" and isinstance(value, dict):
                    continue  # the form of a condition that is an object is not judged
                _, errors = fields[name].validate(value, {}, loc=name)
                known = not errors and (name, value) not in ONLY_HERE
                assert values.takes(value) == known, (kind, name, value)
