"""dbt's own macros that write one SQL function, written so that their arguments show.

The result is for reading lineage, not for running: a function that no engine has stands for one
whose name differs from engine to engine. It depends on the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Macro = Callable[..., str]


def _call(name: str) -> Macro:
    """A macro whose arguments are all SQL."""

    def write(*arguments: object, **named: object) -> str:
        given = [str(item) for item in (*arguments, *named.values()) if item is not None]
        return f"{name}({', '.join(f'({item})' for item in given)})"

    return write


def _after_unit(name: str) -> Macro:
    """A macro whose first argument names a unit of time."""

    def write(datepart: object, *arguments: object, **named: object) -> str:
        return _call(name)(f"'{datepart}'", *arguments, **named)

    return write


def _before_unit(name: str, others: int) -> Macro:
    """A macro whose argument after the others names a unit of time."""

    def write(*arguments: object, datepart: object = None, **named: object) -> str:
        unit = datepart if len(arguments) <= others else arguments[others]
        return _call(name)(*arguments[:others], *named.values(), f"'{unit}'")

    return write


def _cast(field: object, type: object) -> str:  # noqa: A002 - dbt's own name
    return f"try_cast({field} as {type})"


def _concat(fields: Sequence[object]) -> str:
    return " || ".join(map(str, fields))


def _array(inputs: Sequence[object] = (), data_type: object = None) -> str:
    return f"[{', '.join(map(str, inputs))}]" if data_type is None or inputs else "[]"


def _listed(
    measure: object,
    delimiter_text: object = "','",
    order_by_clause: object = None,
    limit_num: object = None,
) -> str:
    order = f" {order_by_clause}" if order_by_clause else ""
    cut = f"[1:{limit_num}]" if limit_num else ""
    return f"string_agg({measure}, {delimiter_text}{order}){cut}"


def _literal(value: object) -> str:
    return f"'{value}'"


def _escaped(expression: object) -> str:
    return str(expression).replace("'", "''")


def _word(text: str) -> Macro:
    return lambda *_: text


_TYPES = {
    "bigint": "bigint",
    "boolean": "boolean",
    "float": "float",
    "int": "integer",
    "numeric": "numeric(28, 6)",
    "string": "varchar",
    "timestamp": "timestamp",
}
DBT_MACROS: Mapping[str, Macro] = {
    "any_value": _call("any_value"),
    "array_append": _call("array_append"),
    "array_concat": _call("array_concat"),
    "array_construct": _array,
    "bool_or": _call("bool_or"),
    "cast": _cast,
    "cast_bool_to_text": _call("dbt_text"),
    "concat": _concat,
    "current_timestamp": _word("current_timestamp"),
    "date_trunc": _after_unit("date_trunc"),
    "dateadd": _after_unit("dbt_dateadd"),
    "datediff": _before_unit("dbt_datediff", 2),
    "escape_single_quotes": _escaped,
    "except": _word("except"),
    "hash": _call("dbt_hash"),
    "intersect": _word("intersect"),
    "last_day": _before_unit("dbt_last_day", 1),
    "length": _call("length"),
    "listagg": _listed,
    "position": _call("dbt_position"),
    "replace": _call("replace"),
    "right": _call("dbt_right"),
    "safe_cast": _cast,
    "split_part": _call("split_part"),
    "string_literal": _literal,
    **{f"type_{name}": _word(text) for name, text in _TYPES.items()},
}
"""By their names, as dbt lists them among its cross-database macros."""
