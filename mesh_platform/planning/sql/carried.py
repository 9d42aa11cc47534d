"""What becomes of a value on its way through an expression: it is kept, computed with, or tested.

A value is kept where the result is it, or holds it: a copy, a cast, text put together, the least
or greatest of several. It is tested where the result tells at most whether something is so, or of
how many: a comparison, a condition, a count. Any other function or aggregate computes with it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from mesh_platform.planning.sql.sources import Sources

_KEEPS = (
    *(exp.Cast, exp.TryCast, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Collate),
    *(exp.Upper, exp.Lower, exp.Trim, exp.Initcap, exp.Paren, exp.Greatest, exp.Least),
    *(exp.Max, exp.Min, exp.AnyValue, exp.First, exp.Last, exp.ArrayAgg, exp.GroupConcat),
    *(exp.ArgMax, exp.ArgMin, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead),
    *(exp.Mode, exp.PercentileDisc, exp.Struct, exp.StructExtract, exp.PropertyEQ, exp.Kwarg),
    *(exp.Array, exp.List, exp.ToArray, exp.ArrayConcat, exp.ArrayDistinct, exp.ArrayFilter),
    *(exp.ArraySlice, exp.ArrayUniqueAgg, exp.Flatten, exp.Map, exp.ToMap, exp.VarMap),
    *(exp.JSONExtract, exp.JSONExtractScalar, exp.JSONObject, exp.ParseJSON, exp.Columns),
    *(exp.Explode, exp.Unnest, exp.Dot, exp.Reverse, exp.Pad, exp.Format, exp.ArraySort),
    *(exp.ArrayAppend, exp.ArrayPrepend, exp.ToBase64, exp.FromBase64, exp.Encode, exp.Decode),
    *(exp.Hex, exp.Unhex, exp.ArrayToString, exp.Try, exp.Transform, exp.ApproxTopK),
)
_KEEPS_BY_NAME = frozenset(
    {"arbitrary", "arg_max", "arg_min", "max_by", "min_by", "list", "list_value", "list_concat"}
    | {"list_extract", "list_sort", "list_reverse_sort", "list_distinct", "struct_pack", "row"}
    | {"struct_insert", "map_values", "map_keys", "map_entries", "listagg", "string_agg", "ltrim"}
    | {"rtrim", "json_object", "json_array", "to_json", "array_to_string", "concat", "concat_ws"}
    | {"upper", "lower", "trim", "printf", "format", "list_append", "list_prepend", "list_zip"}
    | {"base64", "to_base64", "from_base64", "url_encode", "url_decode", "encode", "decode", "hex"}
    | {"unhex", "to_hex", "from_hex", "try", "union_value", "union_extract", "json_value", "json"}
    | {"json_extract", "json_extract_string", "json_quote", "list_transform", "array_transform"}
    | {"list_apply", "apply", "list_filter", "list_slice", "list_any_value", "approx_top_k"}
    | {"nfc_normalize", "strip_accents", "reverse", "lpad", "rpad", "repeat"}
    | {"first", "last", "any_value", "quantile_disc", "histogram", "generate_subscripts", "unnest"}
)
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
    """What a node makes of the values below it; None where it keeps them."""
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return _by_name(node.name.lower().removeprefix("_"))
    if isinstance(node, _TESTS):
        return Sources.tested
    if isinstance(node, _KEEPS) or type(node) in _CONDITIONS:
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
