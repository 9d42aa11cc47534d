"""Writes values so that JSON can hold them: a number that is not finite becomes its name as a text.

JSON (RFC 8259) has no number for them; Spark and Protocol Buffers write the same three names.
"""

from __future__ import annotations

from mesh_platform.checks.sql import literal, quoted
from mesh_platform.model.type_text import DataType, read_type

_FLOATS = ("DOUBLE", "FLOAT")


def json_column(name: str, kind: str) -> str:
    """Return a column of a query for JSON.

    Args:
        name: of the column.
        kind: its type, as DuckDB writes it.
    """
    return f"{_value(quoted(name), read_type(kind))} as {quoted(name)}"


def _has_floats(kind: DataType) -> bool:
    if kind.name == "UNION":
        return False  # to_json tells which member it is, and no expression takes one apart by type
    return kind.name in _FLOATS or any(_has_floats(part) for _, part in kind.parts)


def _value(value: str, kind: DataType, depth: int = 0) -> str:
    if not _has_floats(kind):
        return value
    if kind.name in _FLOATS:
        named = f"case when isnan({value}) then 'NaN' when {value} > 0 then 'Infinity'"
        return (
            f"case when {value} is null or isfinite({value}) then to_json({value})"
            f" else to_json({named} else '-Infinity' end) end"
        )
    each, parts = f"v{depth}", [part for _, part in kind.parts]
    if kind.name == "STRUCT":
        fields = (
            f"{quoted(name)} := {_value(f'struct_extract({value}, {literal(name)})', part, depth)}"
            for name, part in kind.parts
        )
        made = f"struct_pack({', '.join(fields)})"
    elif kind.name == "MAP":
        entry = f"struct_pack(k := {each}.key, v := {_value(f'{each}.value', parts[1], depth + 1)})"
        made = f"map_from_entries(list_transform(map_entries({value}), lambda {each}: {entry}))"
    else:
        inner = _value(each, parts[0], depth + 1)
        made = f"list_transform({value}::{parts[0]}[], lambda {each}: {inner})"
    return f"case when {value} is null then null else {made} end"
