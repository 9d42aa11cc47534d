"""Writes dbt's properties as YAML: the same data gives the same text, on every machine.

Only what generated files need: mappings and lists of text and numbers. dbt renders text as Jinja,
which a promise is not, so it is kept from it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence

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
    lines: list[str] = []
    _block(data, "", lines)
    return "".join(lines)


def column_entry(column: Column) -> dict[str, Value]:
    """What dbt, its documentation and editors may know of a promised column."""
    kind = column.physical_type or _ONE_TYPE.get(column.logical_type or "")
    entry: dict[str, Value] = {"name": column.name}
    if column.description:
        entry["description"] = column.description.strip()
    if kind:
        entry["data_type"] = kind
    return entry


def _block(data: Mapping[str, Value], indent: str, lines: list[str], before: str = "") -> None:
    """Add the lines of a mapping; all begin with the indent, the first with `before` instead.

    A list of lines that grows, and no generators in generators: a mesh has a great many lines.
    """
    for key, value in data.items():
        inline = _inline(value)
        if inline is not None:
            lines.append(f"{before}{_scalar(key)}: {inline}\n")
        else:
            lines.append(f"{before}{_scalar(key)}:\n")
            deeper = f"{indent}  "
            _held(value, deeper, lines, deeper)
        before = indent


def _held(value: Value, indent: str, lines: list[str], before: str) -> None:
    """Add the lines of what does not fit behind its key, or of an item of a list."""
    inline = _inline(value)
    if inline is not None:
        lines.append(f"{before}{inline}\n")
    elif isinstance(value, Mapping):
        _block(value, indent, lines, before)
    elif isinstance(value, Sequence):
        deeper = f"{indent}  "
        for item in value:
            _held(item, deeper, lines, f"{before}- ")
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
