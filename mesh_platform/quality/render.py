"""Check spec → SQL: one SELECT that returns the observed number, one that shows broken rows.

The port is the table `port`. Null values break `required` only: a range says nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mesh_platform.quality.derive import quoted
from mesh_platform.quality.spec import CheckSpec, Kind

SAMPLE_ROWS = 5


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL of one check; `sample` is None where no single row is to blame."""

    observed: str
    sample: str | None = None


def render(spec: CheckSpec) -> Rendered | None:
    """Render a check; None where it is not SQL (the schema) or cannot run."""
    match spec.kind:
        case Kind.ROW_COUNT:
            return Rendered("select count(*) from port")
        case Kind.SQL:
            return Rendered(spec.query or "")
        case Kind.UNIQUE:
            return _unique(spec)
        case Kind.SCHEMA | Kind.UNSUPPORTED:
            return None
        case _:
            broken = _broken(spec)
            return Rendered(
                f"select {_count(spec, broken)} from port",
                f"select * from port where {broken} limit {SAMPLE_ROWS}",
            )


def literal(value: Any) -> str:
    """Write a value of a contract as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _count(spec: CheckSpec, broken: str) -> str:
    if spec.percent:
        return f"coalesce(100.0 * count(*) filter (where {broken}) / nullif(count(*), 0), 0)"
    return f"count(*) filter (where {broken})"


def _unique(spec: CheckSpec) -> Rendered:
    """Count rows that repeat an earlier key; rows with a null in the key are not compared."""
    keys = ", ".join(map(quoted, spec.columns)) or "*"
    present = " and ".join(f"{quoted(c)} is not null" for c in spec.columns) or "true"
    repeats = f"(count(*) - count(distinct ({keys})))"
    if len(spec.columns) == 1:
        repeats = f"(count({keys}) - count(distinct {keys}))"
    number = f"coalesce(100.0 * {repeats} / nullif(count(*), 0), 0)" if spec.percent else repeats
    return Rendered(
        f"select {number} from port where {present}",
        f"select {keys}, count(*) as rows from port where {present} group by all "
        f"having count(*) > 1 order by rows desc limit {SAMPLE_ROWS}",
    )


def _broken(spec: CheckSpec) -> str:
    """Condition that holds for a row that breaks the promise in any of its columns."""
    conditions = [_breaks(spec, quoted(column)) for column in spec.columns]
    return conditions[0] if len(conditions) == 1 else " or ".join(f"({c})" for c in conditions)


def _breaks(spec: CheckSpec, column: str) -> str:
    values = ", ".join(literal(value) for value in spec.values if value is not None)
    match spec.kind:
        case Kind.REQUIRED:
            return f"{column} is null" + (f" or {column} in ({values})" if values else "")
        case Kind.ALLOWED:
            return f"{column} is not null and {column} not in ({values or 'null'})"
        case Kind.PATTERN:
            return f"not regexp_matches({column}, {literal(spec.options['pattern'])})"
        case Kind.MULTIPLE:
            return f"{column} % {literal(spec.options['multipleOf'])} <> 0"
        case _:
            measured = f"length({column})" if spec.kind is Kind.LENGTH else column
            return " or ".join(_bounds(measured, spec.options))


def _bounds(measured: str, options: dict[str, Any]) -> Iterator[str]:
    signs = {
        "minimum": "<",
        "maximum": ">",
        "exclusiveMinimum": "<=",
        "exclusiveMaximum": ">=",
        "minLength": "<",
        "maxLength": ">",
    }
    for key, sign in signs.items():
        if key in options:
            yield f"{measured} {sign} {literal(options[key])}"
