"""Where SQL finds the values of a column: in the table itself, or unpacked from lists and maps."""

from __future__ import annotations

from dataclasses import dataclass

from mesh_platform.checks.formats import has_zone, strptime_format
from mesh_platform.checks.sql import literal, quoted
from mesh_platform.checks.targets import Each, Target
from mesh_platform.checks.types import is_text

_PARSED = {"integer": "HUGEINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
_ISO_DATE = "yyyy-MM-dd"
_DATES = {"date": "DATE", "timestamp": "TIMESTAMP", "time": "TIME"}


@dataclass(frozen=True, slots=True)
class Located:
    """A table expression, the value in it, and the object around that value, if any."""

    source: str
    value: str
    holder: str | None = None


def locate(target: Target) -> Located:
    """Write the way to a column; every list on it is unpacked to one row for each item."""
    source, value, holder = "port", quoted(str(target.steps[0])), None
    for index, step in enumerate(target.steps[1:], 2):
        if not isinstance(step, Each):
            value, holder = f"({value}).{quoted(step)}", value
            continue
        name = quoted(str(Target(target.steps[:index], target.column, target.classified)))
        source = f"(select *, unnest({_items(step, value)}) as {name} from {source})"
        value, holder = name, None
    return Located(source, value, holder)


def _items(step: Each, value: str) -> str:
    functions = {Each.KEY: f"map_keys({value})", Each.VALUE: f"map_values({value})"}
    return functions.get(step, value)


def comparable(target: Target, value: str) -> str:
    """The value as its logical type has it: text is read, and null where it cannot be."""
    kind = target.column.logical_type or ""
    if not is_text(target.column):
        return value
    if kind in _DATES:
        return f"if({not_a_date(target, value)}, null, {read_date(target, value)})"
    return f"try_cast({value} as {_PARSED[kind]})" if kind in _PARSED else value


def limit(target: Target, value: object) -> str:
    """A limit in the same terms; a date that cannot be read is an error, never a null."""
    kind = target.column.logical_type or ""
    if is_text(target.column) and kind in _DATES:
        read = read_date(target, literal(value))
        return f"coalesce({read}, cast({literal(value)} as {_date_type(target)}))"
    return literal(value)


def read_date(target: Target, value: str) -> str:
    """A text as date, time or timestamp; null where it is not one."""
    written = _engine_format(target)
    if written is None:
        return f"try_cast({value} as {_date_type(target)})"
    if has_zone(written):
        value = f"regexp_replace({value}, 'Z$', '+00:00')"
    return f"try_strptime({value}, {literal(written)})"


def not_a_date(target: Target, value: str) -> str:
    """Condition that holds where a text is not written as its format says, to the letter."""
    read, written = read_date(target, value), _engine_format(target)
    if written is None or has_zone(written):
        return f"{value} is not null and {read} is null"
    return f"{value} is not null and strftime({read}, {literal(written)}) is distinct from {value}"


def _engine_format(target: Target) -> str | None:
    column = target.column
    given = column.options.get("format") or (_ISO_DATE if column.logical_type == "date" else None)
    return strptime_format(given) if given else None


def _date_type(target: Target) -> str:
    if _engine_format(target) is not None:
        return "TIMESTAMP"
    return _DATES[target.column.logical_type or ""]
