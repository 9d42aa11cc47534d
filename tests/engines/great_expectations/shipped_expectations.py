"""Every expectation that Great Expectations ships, with a good and a bad table of one port.

Verdicts are written by hand from what each expectation promises, not taken from a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

NOT_SQL = "Great Expectations cannot run this as SQL"


@dataclass(frozen=True)
class Case:
    """An expectation with a table that keeps it, one that breaks it, and what is seen there."""

    type: str
    kwargs: dict[str, Any]
    good: str
    bad: str
    observed: float | str | None
    cannot_run: str | None = None


def a(*values: str) -> str:
    """A table of the column `a`."""
    return f"select * from (values {', '.join(f'({value})' for value in values)}) t(a)"


def ab(*rows: str) -> str:
    """A table of the columns `a` and `b`."""
    return f"select * from (values {', '.join(f'({row})' for row in rows)}) t(a, b)"


A, AB = {"column": "a"}, {"column_A": "a", "column_B": "b"}
LIST = {"column_list": ["a", "b"]}
SET = {**A, "value_set": ["x", "y"]}
UP_TO_3 = {**A, "min_value": 1, "max_value": 3}
HALF = {"values": ["x", "y"], "weights": [0.5, 0.5]}
SPREAD = "select (i % 10)::double as a from range(100) r(i)"

CASES = [
    Case("expect_column_distinct_values_to_be_in_set", SET, a("'x'"), a("'x'", "'z'"), 1.0),
    Case(
        "expect_column_distinct_values_to_contain_set",
        SET,
        a("'x'", "'y'", "'z'"),
        a("'x'", "'z'"),
        '["y"]',
    ),
    Case(
        "expect_column_distinct_values_to_equal_set",
        SET,
        a("'x'", "'y'", "'x'"),
        a("'x'", "'y'", "'z'"),
        1.0,
    ),
    Case(
        "expect_column_kl_divergence_to_be_less_than",
        {**A, "partition_object": HALF, "threshold": 0.1},
        a("'x'", "'y'"),
        a("'x'", "'x'", "'x'", "'x'", "'x'", "'x'", "'x'", "'x'", "'x'", "'y'"),
        0.9 * math.log(0.9 / 0.5) + 0.1 * math.log(0.1 / 0.5),
    ),
    Case("expect_column_max_to_be_between", UP_TO_3, a("0", "2"), a("4", "2"), 4.0),
    Case("expect_column_mean_to_be_between", UP_TO_3, a("0", "3"), a("4", "3"), 3.5),
    Case("expect_column_median_to_be_between", UP_TO_3, a("0", "3", "9"), a("4", "5", "1"), 4.0),
    Case("expect_column_min_to_be_between", UP_TO_3, a("2", "9"), a("0", "2"), 0.0),
    Case(
        "expect_column_most_common_value_to_be_in_set",
        SET,
        a("'x'", "'x'", "'z'"),
        a("'z'", "'z'", "'x'"),
        '["z"]',
    ),
    Case(
        "expect_column_pair_values_a_to_be_greater_than_b", AB, ab("2, 1"), ab("2, 1", "1, 2"), 1.0
    ),
    Case("expect_column_pair_values_to_be_equal", AB, ab("1, 1"), ab("1, 1", "1, 2"), 1.0),
    Case(
        "expect_column_pair_values_to_be_in_set",
        {**AB, "value_pairs_set": [[1, 2], [3, 4]]},
        ab("1, 2", "3, 4"),
        ab("1, 2", "1, 4"),
        1.0,
    ),
    Case(
        "expect_column_proportion_of_non_null_values_to_be_between",
        {**A, "min_value": 0.9},
        a("1", "2"),
        a("1", "null"),
        0.5,
    ),
    Case(
        "expect_column_proportion_of_unique_values_to_be_between",
        {**A, "min_value": 0.9},
        a("1", "2"),
        a("1", "1"),
        0.5,
    ),
    Case(
        "expect_column_quantile_values_to_be_between",
        {**A, "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 3]]}},
        a("1", "2", "9"),
        a("1", "8", "9"),
        '{"quantiles": [0.5], "values": [8]}',
    ),
    Case(
        "expect_column_stdev_to_be_between", {**A, "max_value": 1}, a("1", "2"), a("1", "3"), 2**0.5
    ),
    Case("expect_column_sum_to_be_between", UP_TO_3, a("1", "2"), a("2", "2"), 4.0),
    Case("expect_column_to_exist", A, a("1"), "select 1 as b", None),
    Case("expect_column_type_to_be", {**A, "type_": "BIGINT"}, a("1::bigint"), a("'1'"), "VARCHAR"),
    Case(
        "expect_column_unique_value_count_to_be_between",
        UP_TO_3,
        a("1", "2", "2"),
        a("1", "2", "3", "4"),
        4.0,
    ),
    Case("expect_column_value_lengths_to_be_between", UP_TO_3, a("'abc'"), a("'abc'", "''"), 1.0),
    Case(
        "expect_column_value_lengths_to_equal", {**A, "value": 2}, a("'ab'"), a("'ab'", "'c'"), 1.0
    ),
    Case(
        "expect_column_value_z_scores_to_be_less_than",
        {**A, "threshold": 3, "double_sided": True},
        SPREAD,
        f"{SPREAD} union all select 1000",
        1.0,
    ),
    Case("expect_column_values_to_be_between", UP_TO_3, a("1", "3", "null"), a("1", "4"), 1.0),
    Case(
        "expect_column_values_to_be_dateutil_parseable",
        A,
        a("'2013-01-01'"),
        a("'never'"),
        None,
        NOT_SQL,
    ),
    Case("expect_column_values_to_be_decreasing", A, a("2", "1"), a("1", "2"), None, NOT_SQL),
    Case("expect_column_values_to_be_in_set", SET, a("'x'", "null"), a("'x'", "'z'", "'z'"), 2.0),
    Case(
        "expect_column_values_to_be_in_type_list",
        {**A, "type_list": ["INTEGER", "int8", "NUMBER"]},
        a("1::bigint"),
        a("1.5::double"),
        "DOUBLE",
    ),
    Case("expect_column_values_to_be_increasing", A, a("1", "2"), a("2", "1"), None, NOT_SQL),
    Case("expect_column_values_to_be_json_parseable", A, a("'{}'"), a("'{'"), None, NOT_SQL),
    Case("expect_column_values_to_be_null", A, a("null::integer"), a("null", "1"), 1.0),
    Case(
        "expect_column_values_to_be_of_type",
        {**A, "type_": "DECIMAL(9,2)"},
        a("1::decimal(9,2)"),
        a("1::decimal(9,3)"),
        "DECIMAL(9,3)",
    ),
    Case(
        "expect_column_values_to_be_unique", A, a("1", "2", "null", "null"), a("1", "1", "2"), 2.0
    ),
    Case(
        "expect_column_values_to_match_json_schema",
        {**A, "json_schema": {"type": "object"}},
        a("'{}'"),
        a("'[]'"),
        None,
        NOT_SQL,
    ),
    Case(
        "expect_column_values_to_match_like_pattern",
        {**A, "like_pattern": "x%"},
        a("'xy'"),
        a("'xy'", "'yx'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_match_like_pattern_list",
        {**A, "like_pattern_list": ["x%", "y%"]},
        a("'xy'", "'yx'"),
        a("'xy'", "'zx'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_match_regex",
        {**A, "regex": "[0-9]$"},
        a("'a1'"),
        a("'a1'", "'1a'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_match_regex_list",
        {**A, "regex_list": ["^a", "^b"]},
        a("'a'", "'b'"),
        a("'a'", "'c'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_match_strftime_format",
        {**A, "strftime_format": "%Y"},
        a("'2013'"),
        a("'never'"),
        None,
        NOT_SQL,
    ),
    Case("expect_column_values_to_not_be_in_set", SET, a("'z'", "null"), a("'z'", "'x'"), 1.0),
    Case("expect_column_values_to_not_be_null", A, a("1"), a("1", "null"), 1.0),
    Case(
        "expect_column_values_to_not_be_outliers",
        {**A, "method": "std", "multiplier": 3},
        SPREAD,
        f"{SPREAD} union all select 1000",
        1.0,
    ),
    Case(
        "expect_column_values_to_not_be_outliers",
        {**A, "method": "iqr", "multiplier": 1.5},
        SPREAD,
        f"{SPREAD} union all select 1000",
        None,
        "IQR outlier detection is not implemented for SQL dialect 'duckdb'",
    ),
    Case(
        "expect_column_values_to_not_match_like_pattern",
        {**A, "like_pattern": "x%"},
        a("'yx'"),
        a("'yx'", "'xy'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_not_match_like_pattern_list",
        {**A, "like_pattern_list": ["x%", "y%"]},
        a("'zx'"),
        a("'zx'", "'yx'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_not_match_regex",
        {**A, "regex": "[0-9]"},
        a("'a'"),
        a("'a'", "'a1a'"),
        1.0,
    ),
    Case(
        "expect_column_values_to_not_match_regex_list",
        {**A, "regex_list": ["^a", "^b"]},
        a("'c'"),
        a("'c'", "'b'"),
        1.0,
    ),
    Case(
        "expect_compound_columns_to_be_unique",
        LIST,
        ab("1, 1", "1, 2"),
        ab("1, 1", "1, 2", "1, 1"),
        2.0,
    ),
    Case(
        "expect_multicolumn_sum_to_equal",
        {**LIST, "sum_total": 3},
        ab("1, 2", "0, 3"),
        ab("1, 2", "2, 2"),
        1.0,
    ),
    Case("expect_multicolumn_values_to_be_equal", LIST, ab("1, 1"), ab("1, 1", "1, 2"), 1.0),
    Case(
        "expect_query_results_to_match_comparison",
        {
            "base_query": "select a from {batch}",
            "comparison_data_source_name": "mesh",
            "comparison_query": "select 1 as a union all select 2",
        },
        a("1", "2"),
        a("1", "3"),
        1.0,
    ),
    Case(
        "expect_select_column_values_to_be_unique_within_record",
        LIST,
        ab("1, 2"),
        ab("1, 2", "1, 1"),
        1.0,
    ),
    Case(
        "expect_table_column_count_to_be_between",
        {"min_value": 1, "max_value": 1},
        a("1"),
        ab("1, 2"),
        2.0,
    ),
    Case("expect_table_column_count_to_equal", {"value": 1}, a("1"), ab("1, 2"), 2.0),
    Case(
        "expect_table_columns_to_match_ordered_list",
        LIST,
        ab("1, 2"),
        "select 1 as b, 2 as a",
        '["b", "a"]',
    ),
    Case(
        "expect_table_columns_to_match_set",
        {"column_set": ["b", "a"]},
        ab("1, 2"),
        "select 1 as a, 2 as c",
        '["a", "c"]',
    ),
    Case(
        "expect_table_row_count_to_be_between",
        {"min_value": 1, "max_value": 2},
        a("1"),
        a("1", "2", "3"),
        3.0,
    ),
    Case("expect_table_row_count_to_equal", {"value": 1}, a("1"), a("1", "2"), 2.0),
    Case(
        "expect_table_row_count_to_equal_other_table",
        {"other_table_name": "other"},
        a("1", "2"),
        a("1"),
        '{"self": 1, "other": 2}',
    ),
    Case(
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select * from {batch} where a > 3"},
        a("1"),
        a("1", "4"),
        1.0,
    ),
]
