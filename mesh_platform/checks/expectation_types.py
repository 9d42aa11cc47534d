"""List the expectations of Great Expectations itself, each with the arguments that it takes.

They are written down because the package takes seconds to import, and a check of files must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mesh_platform.checks.argument_kinds import KINDS, ValueKind

_ALL = (
    "id meta notes result_format description catch_exceptions rendered_content severity windows"
    " batch_id"
)
"""Arguments that each expectation takes."""
_KIND_OF = {
    "allow_relative_error": "text",
    "base_query": "text",
    "bucketize_data": "boolean",
    "column": "column",
    "column_A": "column",
    "column_B": "column",
    "column_index": "whole?",
    "column_list": "columns",
    "column_set": "list?",
    "comparison_data_source_name": "text",
    "comparison_query": "text",
    "condition_parser": "parser?",
    "double_sided": "boolean",
    "escape": "character?",
    "exact_match": "boolean?",
    "ignore_row_if": "of_rows",
    "internal_weight_holdout": "share?",
    "json_schema": "object",
    "library_metadata": "object",
    "like_pattern": "text",
    "like_pattern_list": "filled_texts",
    "match_on": "match_on",
    "max_value": "number_or_moment?",
    "method": "method",
    "min_value": "number_or_moment?",
    "mostly": "share",
    "multiplier": "not_negative",
    "or_equal": "boolean?",
    "other_table_name": "text",
    "partition_object": "object?",
    "quantile_ranges": "object",
    "regex": "text",
    "regex_list": "filled_texts",
    "row_condition": "condition?",
    "strftime_format": "text",
    "strict_max": "boolean",
    "strict_min": "boolean",
    "strictly": "boolean?",
    "sum_total": "number",
    "tail_weight_holdout": "share?",
    "threshold": "number",
    "ties_okay": "boolean?",
    "type_": "text",
    "type_list": "texts?",
    "unexpected_rows_query": "query",
    "value": "whole",
    "value_pairs_set": "pairs",
    "value_set": "list",
}
"""The kind of an argument, if the table names no other; with `?` it may be null."""
_GROUPS = {
    "ROWS": "row_condition condition_parser",
    "BOUNDS": "min_value max_value strict_min strict_max",
    "NUMBERS": "min_value:number? max_value:number? strict_min strict_max",
    "WHOLES": "min_value:whole? max_value:whole? strict_min strict_max",
    "COLUMN": "column! row_condition condition_parser",
    "VALUES": "column! mostly row_condition condition_parser",
    "PAIR": "column_A! column_B! mostly row_condition condition_parser ignore_row_if:of_pair",
    "LIST": "column_list! mostly row_condition condition_parser ignore_row_if",
}
"""Arguments that many take together; those with `!` must be given, `:` comes before a kind."""
_TYPES = """
expect_column_distinct_values_to_be_in_set COLUMN value_set:filled_list!
expect_column_distinct_values_to_contain_set COLUMN value_set!
expect_column_distinct_values_to_equal_set COLUMN value_set!
expect_column_kl_divergence_to_be_less_than COLUMN partition_object threshold:number?
    internal_weight_holdout tail_weight_holdout bucketize_data min_value max_value
expect_column_max_to_be_between COLUMN BOUNDS
expect_column_mean_to_be_between COLUMN BOUNDS
expect_column_median_to_be_between COLUMN BOUNDS
expect_column_min_to_be_between COLUMN BOUNDS
expect_column_most_common_value_to_be_in_set COLUMN value_set! ties_okay
expect_column_pair_values_a_to_be_greater_than_b PAIR or_equal
expect_column_pair_values_to_be_equal PAIR
expect_column_pair_values_to_be_in_set PAIR value_pairs_set!
expect_column_proportion_of_non_null_values_to_be_between COLUMN min_value:number? max_value:number?
    strict_min:plain_boolean strict_max:plain_boolean library_metadata
expect_column_proportion_of_unique_values_to_be_between COLUMN NUMBERS library_metadata
expect_column_quantile_values_to_be_between COLUMN quantile_ranges! allow_relative_error
expect_column_stdev_to_be_between COLUMN NUMBERS
expect_column_sum_to_be_between COLUMN BOUNDS
expect_column_to_exist column! column_index
expect_column_type_to_be column! type_!
expect_column_unique_value_count_to_be_between COLUMN WHOLES library_metadata
expect_column_value_lengths_to_be_between VALUES WHOLES
expect_column_value_lengths_to_equal VALUES value:number!
expect_column_value_z_scores_to_be_less_than VALUES threshold! double_sided!
expect_column_values_to_be_between VALUES BOUNDS
expect_column_values_to_be_dateutil_parseable VALUES library_metadata
expect_column_values_to_be_decreasing VALUES strictly library_metadata
expect_column_values_to_be_in_set VALUES value_set!
expect_column_values_to_be_in_type_list VALUES type_list
expect_column_values_to_be_increasing VALUES strictly library_metadata
expect_column_values_to_be_json_parseable VALUES library_metadata
expect_column_values_to_be_null VALUES
expect_column_values_to_be_of_type VALUES type_!
expect_column_values_to_be_unique VALUES
expect_column_values_to_match_json_schema VALUES json_schema! library_metadata
expect_column_values_to_match_like_pattern VALUES like_pattern! escape
expect_column_values_to_match_like_pattern_list VALUES like_pattern_list! match_on escape
expect_column_values_to_match_regex VALUES regex
expect_column_values_to_match_regex_list VALUES regex_list! match_on
expect_column_values_to_match_strftime_format VALUES strftime_format!
expect_column_values_to_not_be_in_set VALUES value_set!
expect_column_values_to_not_be_null VALUES
expect_column_values_to_not_be_outliers VALUES method multiplier
expect_column_values_to_not_match_like_pattern VALUES like_pattern! escape
expect_column_values_to_not_match_like_pattern_list VALUES like_pattern_list! escape
expect_column_values_to_not_match_regex VALUES regex!
expect_column_values_to_not_match_regex_list VALUES regex_list!
expect_compound_columns_to_be_unique LIST ignore_row_if:of_rows_alone
expect_multicolumn_sum_to_equal LIST sum_total!
expect_multicolumn_values_to_be_equal LIST
expect_query_results_to_match_comparison base_query! comparison_data_source_name!
    comparison_query! mostly
expect_select_column_values_to_be_unique_within_record LIST ignore_row_if:text
expect_table_column_count_to_be_between min_value max_value
expect_table_column_count_to_equal value!
expect_table_columns_to_match_ordered_list column_list:list?
expect_table_columns_to_match_set column_set exact_match
expect_table_row_count_to_be_between ROWS min_value:count? max_value:count? strict_min strict_max
expect_table_row_count_to_equal ROWS value!
expect_table_row_count_to_equal_other_table ROWS other_table_name!
unexpected_rows_expectation unexpected_rows_query!
"""
"""One expectation a line, with its arguments; a line that is indented goes on."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """Hold the arguments of an expectation.

    Args:
        kinds: those of their own, with the kind of their values.
        needed: those without which it cannot run.
    """

    kinds: Mapping[str, ValueKind]
    needed: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        """Return the names of all that it takes."""
        return frozenset((*self.kinds, *_ALL.split()))


def _read(line: str) -> Arguments:
    words = [word for part in line.split()[1:] for word in _GROUPS.get(part, part).split()]
    kinds: dict[str, ValueKind] = {}
    for word in words:
        name, _, kind = word.rstrip("!").partition(":")
        kinds[name] = _kind(kind or _KIND_OF[name])
    needed = (word.rstrip("!").partition(":")[0] for word in words if word[-1] == "!")
    return Arguments(kinds, frozenset(needed))


def _kind(said: str) -> ValueKind:
    return replace(KINDS[said.rstrip("?")], null=said[-1] == "?")


_LINES = _TYPES.replace("\n    ", " ").split("\n")
ARGUMENTS: Mapping[str, Arguments] = {line.split()[0]: _read(line) for line in _LINES if line}
"""The arguments of each expectation, by its type; a suite in Python may hold other types."""
