"""Expectations as checks: rules of type `custom`, and the suite that lies beside the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from mesh_platform.checks.promises import NONE_ALLOWED
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.suites import (
    Expectation,
    names_great_expectations,
    read_inline,
    read_suite,
)
from mesh_platform.checks.targets import Target, all_targets, find
from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.model.contract import Contract, Rule, Severity

_TYPES = (
    "expect_column_distinct_values_to_be_in_set expect_column_distinct_values_to_contain_set "
    "expect_column_distinct_values_to_equal_set expect_column_kl_divergence_to_be_less_than "
    "expect_column_max_to_be_between expect_column_mean_to_be_between "
    "expect_column_median_to_be_between expect_column_min_to_be_between "
    "expect_column_most_common_value_to_be_in_set "
    "expect_column_pair_values_a_to_be_greater_than_b expect_column_pair_values_to_be_equal "
    "expect_column_pair_values_to_be_in_set "
    "expect_column_proportion_of_non_null_values_to_be_between "
    "expect_column_proportion_of_unique_values_to_be_between "
    "expect_column_quantile_values_to_be_between expect_column_stdev_to_be_between "
    "expect_column_sum_to_be_between expect_column_to_exist expect_column_type_to_be "
    "expect_column_unique_value_count_to_be_between expect_column_value_lengths_to_be_between "
    "expect_column_value_lengths_to_equal expect_column_value_z_scores_to_be_less_than "
    "expect_column_values_to_be_between expect_column_values_to_be_dateutil_parseable "
    "expect_column_values_to_be_decreasing expect_column_values_to_be_in_set "
    "expect_column_values_to_be_in_type_list expect_column_values_to_be_increasing "
    "expect_column_values_to_be_json_parseable expect_column_values_to_be_null "
    "expect_column_values_to_be_of_type expect_column_values_to_be_unique "
    "expect_column_values_to_match_json_schema expect_column_values_to_match_like_pattern "
    "expect_column_values_to_match_like_pattern_list expect_column_values_to_match_regex "
    "expect_column_values_to_match_regex_list expect_column_values_to_match_strftime_format "
    "expect_column_values_to_not_be_in_set expect_column_values_to_not_be_null "
    "expect_column_values_to_not_be_outliers expect_column_values_to_not_match_like_pattern "
    "expect_column_values_to_not_match_like_pattern_list expect_column_values_to_not_match_regex "
    "expect_column_values_to_not_match_regex_list expect_compound_columns_to_be_unique "
    "expect_multicolumn_sum_to_equal expect_multicolumn_values_to_be_equal "
    "expect_query_results_to_match_comparison "
    "expect_select_column_values_to_be_unique_within_record "
    "expect_table_column_count_to_be_between expect_table_column_count_to_equal "
    "expect_table_columns_to_match_ordered_list expect_table_columns_to_match_set "
    "expect_table_row_count_to_be_between expect_table_row_count_to_equal "
    "expect_table_row_count_to_equal_other_table unexpected_rows_expectation "
)
EXPECTATION_TYPES = tuple(_TYPES.split())
"""The expectations of Great Expectations itself; a suite in Python may hold others."""
_ABOUT_NAMES = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_columns_to_match_set",
        "expect_table_columns_to_match_ordered_list",
    }
)
"""Expectations that fail, and run, where a column is not there."""


def custom_specs(contract: Contract, rule: Rule, at: Target | None) -> Iterator[CheckSpec]:
    """Checks of a rule that names an engine; an engine that is not here is could-not-run."""
    name = rule.name or "_".join([*([at.stem] if at else []), "custom"])
    if not names_great_expectations(rule.engine):
        reason = (
            f"the engine `{rule.engine}` does not run here; "
            "write the rule as `type: sql`, or for the engine `greatExpectations`"
        )
        yield _could_not_run(name, rule.severity, rule.place, reason)
        return
    try:
        found = read_inline(rule.implementation, rule, str(at) if at else None)
    except MeshError as error:
        yield _could_not_run(name, rule.severity, rule.place, _told(error))
        return
    for expectation in found:
        spec = _spec(contract, expectation)
        yield replace(spec, dimension=rule.dimension, business_impact=rule.business_impact)


def suite_specs(contract: Contract) -> Iterator[CheckSpec]:
    """Checks of the suite beside the contract."""
    suite = contract.suite
    if suite is None:
        return
    place, problem = Place(suite.file, 1), suite.problem
    try:
        found = () if problem else read_suite(suite.text, suite.file)
    except MeshError as error:
        place, problem = error.place or place, _told(error)
        found = ()
    if problem:
        yield _could_not_run("expectations", Severity.ERROR, place, problem)
    for expectation in found:
        yield _spec(contract, expectation)


def _spec(contract: Contract, expectation: Expectation) -> CheckSpec:
    known = {str(target).casefold(): str(target) for target in all_targets(contract)}
    names = (known.get(name.casefold(), name) for name in expectation.columns)  # as SQL reads them
    targets = (find(contract, name) for name in names)
    return CheckSpec(
        expectation.name,
        Kind.EXPECTATION,
        NONE_ALLOWED,
        expectation.severity,
        expectation.place,
        tuple(target for target in targets if target),
        expectation=expectation,
        reason=_unknown(expectation, contract) or _lacking(expectation, known),
        description=expectation.description,
    )


def _unknown(expectation: Expectation, contract: Contract) -> str | None:
    """Return that there is no expectation of a type that is nearly the name of one.

    One of another name may be a class of the team's own.
    """
    own = contract.suite is not None and contract.suite.python is not None
    near = get_close_matches(expectation.type, EXPECTATION_TYPES, n=1, cutoff=0.9)
    if own or expectation.type in EXPECTATION_TYPES or not near:
        return None
    return f"no expectation is called `{expectation.type}`; did you mean `{near[0]}`?"


def _lacking(expectation: Expectation, known: dict[str, str]) -> str | None:
    """Return that a column is not promised, where the expectation is about its values."""
    if expectation.type in _ABOUT_NAMES:
        return None
    strange = (name for name in expectation.columns if name.casefold() not in known)
    name = next(strange, None)
    if name is None:
        return None
    return f"the contract has no column `{name}`; {did_you_mean(name, known.values())}"


def _could_not_run(name: str, severity: Severity, place: Place, reason: str) -> CheckSpec:
    return CheckSpec(name, Kind.UNSUPPORTED, NONE_ALLOWED, severity, place, reason=reason)


def _told(error: MeshError) -> str:
    return f"{error.message}; {error.fix}" if error.fix else error.message
