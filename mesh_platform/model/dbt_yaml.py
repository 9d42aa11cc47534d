"""Writes dbt's properties as YAML: the same data gives the same text, on every machine.

Only what generated files need: mappings and lists of text and numbers. dbt renders text as Jinja,
which a promise is not, so it is kept from it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from mesh_platform.model.contract import Column

Value = str | int | Mapping[str, "Value"] | Sequence["Value"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MEANS_MORE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_JINJA = re.compile(r"\{[{%#]")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ONE_TYPE = {"string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE", "time": "TIME"}
"""Logical types with one usual type; of the others, any type of the family keeps the promise."""


def written(data: Mapping[str, Value]) -> str:
    """The text of a mapping."""
    return "".join(f"{line}\n" for line in _block(data, ""))


def column_entry(column: Column) -> dict[str, Value]:
    """What dbt, its documentation and editors may know of a promised column."""
    kind = column.physical_type or _ONE_TYPE.get(column.logical_type or "")
    entry: dict[str, Value] = {"name": column.name}
    if column.description:
        entry["description"] = column.description.strip()
    if kind:
        entry["data_type"] = kind
    return entry


def _block(data: Mapping[str, Value], indent: str) -> Iterator[str]:
    """Lines of a mapping; all but the first begin with the indent, which a dash may replace."""
    before = ""
    for key, value in data.items():
        inline = _inline(value)
        if inline is not None:
            yield f"{before}{_scalar(key)}: {inline}"
        else:
            yield f"{before}{_scalar(key)}:"
            deeper = f"{indent}  "
            lines = _lines(value, deeper)
            yield f"{deeper}{next(lines)}"
            yield from lines
        before = indent


def _lines(value: Value, indent: str) -> Iterator[str]:
    """Lines of a value; all but the first begin with the indent."""
    inline = _inline(value)
    if inline is not None:
        yield inline
    elif isinstance(value, Mapping):
        yield from _block(value, indent)
    elif isinstance(value, Sequence):
        deeper, before = f"{indent}  ", ""
        for item in value:
            lines = _lines(item, deeper)
            yield f"{before}- {next(lines)}"
            yield from lines
            before = indent


def _inline(value: Value) -> str | None:
    """What fits behind its key; None where it needs lines of its own."""
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, int):
        return str(value)
    return None if value else "{}" if isinstance(value, Mapping) else "[]"


@functools.lru_cache(maxsize=4096)
def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _MEANS_MORE:
        return text
    if _JINJA.search(text):
        text = "{% raw %}" + text + "{% endraw %}"
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
