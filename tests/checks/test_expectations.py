from __future__ import annotations

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
    ],
)
def test_arguments_of_an_expectation_are_known(
    kind: str, kwargs: dict[str, object], reason: str | None
) -> None:
    entry = {"type": kind, "kwargs": {"column": "fee", **kwargs}}
    found = _only(contract(column("fee"), rules=(_custom(entry, name="own"),)))
    assert found.reason == reason


@pytest.mark.slow
def test_the_types_and_arguments_are_those_of_great_expectations() -> None:
    from great_expectations.expectations import registry

    for kind, takes in ARGUMENTS.items():
        fields = registry.get_expectation_impl(kind).__fields__
        assert takes.known == set(fields), kind
        assert takes.needed == {name for name, each in fields.items() if each.required}, kind
