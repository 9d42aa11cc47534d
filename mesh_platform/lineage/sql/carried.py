"""Follow a value through an expression: it is kept, computed with, or tested.

A value is kept where the result is it, or holds it: a copy, a cast, text put together, the least
or greatest of several. It is tested where the result tells at most whether something is so, or of
how many: a comparison, a condition, a count. Any other function or aggregate computes with it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from mesh_platform.lineage.sql.sources import Sources

_KEEPS = (
    *(exp.Cast, exp.TryCast, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Collate),
    *(exp.Upper, exp.Lower, exp.Trim, exp.Initcap, exp.Paren, exp.Greatest, exp.Least),
    *(exp.Max, exp.Min, exp.AnyValue, exp.First, exp.Last, exp.ArrayAgg, exp.GroupConcat),
    *(exp.ArgMax, exp.ArgMin, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead),
    *(exp.Mode, exp.PercentileDisc, exp.Struct, exp.StructExtract, exp.PropertyEQ, exp.Kwarg),
    *(exp.Array, exp.List, exp.ToArray, exp.ArrayConcat, exp.ArrayDistinct, exp.ArrayFilter),
    *(exp.ArraySlice, exp.ArrayUniqueAgg, exp.Flatten, exp.Map, exp.ToMap, exp.VarMap),
    *(
        exp.JSONExtract,
        exp.JSONExtractScalar,
        exp.JSONArray,
        exp.JSONObject,
        exp.ParseJSON,
        exp.Columns,
    ),
    *(exp.Explode, exp.Unnest, exp.Dot, exp.Reverse, exp.Pad, exp.Format, exp.ArraySort),
    *(exp.ArrayAppend, exp.ArrayPrepend, exp.ToBase64, exp.FromBase64, exp.Encode, exp.Decode),
    *(exp.Hex, exp.Unhex, exp.ArrayToString, exp.Try, exp.Transform, exp.ApproxTopK),
)
_KEEPS_BY_NAME = frozenset(
    """
    add aggregate any_value apply approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last
    arg_min arg_min_null arg_min_nulls_last array_aggr array_aggregate array_apply array_extract
    array_intersect array_max array_min array_pop_back array_pop_front array_push_back
    array_push_front array_resize array_reverse array_select array_to_json array_to_string
    array_to_string_comma_default array_transform array_value array_where array_zip base64
    cast_to_type concat concat_ws date_add decode element_at encode first format format_pg_type
    from_base64 from_hex generate_subscripts hex histogram hive_partition_component json json_array
    json_copy_strftime_if_date json_copy_strftime_if_timestamp json_deep_merge json_extract
    json_extract_string json_group_array json_group_object json_group_structure json_keys
    json_merge_patch json_merge_patch_diff json_normalize json_object json_pretty json_quote
    json_remove json_serialize_plan json_serialize_sql json_strip_nulls json_structure json_value
    last list list_aggr list_aggregate list_any_value list_append list_apply list_cat list_concat
    list_distinct list_element list_extract list_filter list_first list_histogram list_intersect
    list_last list_max list_median list_min list_mode list_pack list_prepend list_resize
    list_reverse list_reverse_sort list_select list_slice list_sort list_string_agg list_transform
    list_value list_where list_zip listagg lower lpad ltrim map_entries map_extract
    map_extract_value map_keys map_values max_by median min_by nfc_normalize path_join pg_get_expr
    printf quantile quantile_disc regexp_escape repeat replace_type reverse row row_to_json rpad
    rtrim stats string_agg strip_accents struct_concat struct_extract_at struct_insert struct_pack
    struct_values to_base64 to_hex to_json trim try unhex union_extract union_value unnest
    unpivot_list upper url_decode url_encode variant_group_array variant_group_object
    """.split()  # noqa: SIM905 - words in lines are easier to compare
)
_NAMED = tuple(
    kind
    for kind in exp.ALL_FUNCTIONS
    if any(name.lower() in _KEEPS_BY_NAME for name in kind.sql_names())
)
"""Classes that the parser has for functions of these names."""
_KEPT: tuple[type, ...] = (*_KEEPS, *_NAMED)
CUTS = frozenset(
    """
    parse_filename parse_path regexp_extract regexp_extract_all regexp_replace
    regexp_split_to_array regexp_split_to_table replace split split_part str_split str_split_regex
    string_split string_split_regex string_to_array substr substring substring_grapheme translate
    """.split()  # noqa: SIM905 - words in lines are easier to compare
)
"""Functions that return a part of a text, or write it otherwise: they compute, though what is left
may be all of it. A team says why a part needs less protection, as of the first digits of a zip."""
_TESTS = (exp.Predicate, exp.Connector, exp.Not, exp.Count, exp.CountIf, exp.ApproxDistinct)
_TESTS_BY_NAME = frozenset({"approx_count_distinct", "count_star", "bool_and", "bool_or"})
_CONDITIONS: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.ArgMax: ("expression",),
    exp.ArgMin: ("expression",),
    exp.Case: ("this",),
    exp.If: ("this",),
    exp.Nullif: ("expression",),
    exp.Filter: ("expression",),
    exp.Window: ("partition_by", "order", "spec"),
    exp.Bracket: ("expressions",),
    exp.Order: ("expressions",),
    exp.ArrayFilter: ("expression",),
}
"""Parts that decide which of the other parts the result is."""

Weigh = Callable[[Sources], Sources]


def weight(node: exp.Expr) -> Weigh | None:
    """Return what a node makes of the values below it; None where it keeps them."""
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return _by_name(node.name.lower().removeprefix("_"))
    if isinstance(node, _TESTS):
        return Sources.tested
    if isinstance(node, _KEPT) or type(node) in _CONDITIONS:
        return None
    return Sources.computed if isinstance(node, exp.Func | exp.Binary | exp.Unary) else None


def conditions(node: exp.Expr) -> dict[int, exp.Expr]:
    """The parts of a node, by their ids, that decide what it is without being a part of it."""
    if isinstance(node, exp.Order) and isinstance(node.parent, exp.WithinGroup):
        return {}
    parts = (node.args.get(name) for name in _CONDITIONS.get(type(node), ()))
    each = (item for part in parts for item in (part if isinstance(part, list) else [part]))
    return {id(item): item for item in each if item}


def _by_name(name: str) -> Weigh | None:
    if name in _TESTS_BY_NAME:
        return Sources.tested
    return None if name in _KEEPS_BY_NAME else Sources.computed
