"""Check spec → SQL: one SELECT that returns the observed number, one that shows broken rows.

The port is the table `port`. Null values break `required` only: a range says nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mesh_platform.checks.conditions import broken, may_be_float
from mesh_platform.checks.located import Located, locate
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.sql import quoted

SAMPLE_ROWS = 5
_NO_SQL = (Kind.SCHEMA, Kind.EXPECTATION, Kind.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL of one check; `sample` is None where no single row is to blame."""

    observed: str
    sample: str | None = None


def render(spec: CheckSpec) -> Rendered | None:
    """Render a check; None where it is not SQL (the schema) or cannot run."""
    if spec.reason or spec.kind in _NO_SQL:
        return None
    return _WRITERS.get(spec.kind, _rows)(spec)


def _query(spec: CheckSpec) -> Rendered:
    return Rendered(spec.query or "")


def _row_count(spec: CheckSpec) -> Rendered:
    return Rendered(f"select count(*) from {_source(spec)}")


def _source(spec: CheckSpec) -> str:
    return locate(spec.targets[0]).source if spec.targets else "port"


def _rows(spec: CheckSpec) -> Rendered:
    """Count rows that break the promise in any of its columns."""
    conditions = [broken(spec, target) for target in spec.targets]
    condition = conditions[0] if len(conditions) == 1 else _any(conditions)
    source = _source(spec)
    sample = f"select * from {source} where {condition} limit {SAMPLE_ROWS}"
    if spec.percent or _may_skip_nan(spec):
        counted = _share(spec, f"count(*) filter (where {condition})")
        return Rendered(f"select {counted} from {source}", sample)
    return Rendered(f"select count(*) from {source} where {condition}", sample)


def _may_skip_nan(spec: CheckSpec) -> bool:
    """Tell whether counting behind `where` could miss rows.

    There the engine skips parts of a file by their least and largest values, which is up to 40
    times faster; but other writers leave NaN out of these values.
    """
    if spec.kind is Kind.REQUIRED and not spec.values:
        return False
    return any(may_be_float(target.column) for target in spec.targets)


def _any(conditions: list[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)


def _share(spec: CheckSpec, number: str) -> str:
    return f"coalesce(100.0 * {number} / nullif(count(*), 0), 0)" if spec.percent else number


def _unique(spec: CheckSpec) -> Rendered:
    """Count rows that repeat an earlier key; rows with a null in the key are not compared."""
    places = [locate(target) for target in spec.targets]
    values = ", ".join(place.value for place in places)
    present = " and ".join(f"{place.value} is not null" for place in places)
    source = f"{places[0].source} where {present}"
    return Rendered(
        f"select {_repeats(spec, source, values)}",
        f"select {_named(spec, places)}, count(*) as rows from {source} "
        f"group by all having count(*) > 1 order by rows desc limit {SAMPLE_ROWS}",
    )


def _repeats(spec: CheckSpec, source: str, values: str) -> str:
    """Return how many rows repeat an earlier one.

    `select distinct` is faster than `count(distinct)`.
    """
    rows = f"(select count(*) from {source})"
    repeats = f"({rows} - (select count(*) from (select distinct {values} from {source})))"
    return f"coalesce(100.0 * {repeats} / nullif({rows}, 0), 0)" if spec.percent else repeats


def _named(spec: CheckSpec, places: list[Located]) -> str:
    pairs = zip(places, spec.columns, strict=True)
    return ", ".join(
        place.value if place.value == quoted(name) else f"{place.value} as {quoted(name)}"
        for place, name in pairs
    )


def _foreign_key(spec: CheckSpec) -> Rendered | None:
    """Count rows whose key the other table lacks; rows with a null in the key are not compared."""
    parent = spec.parent
    if parent is None:
        return None
    places = [locate(target) for target in spec.targets]
    names = [f"k{number}" for number, _ in enumerate(places, 1)]
    keys = ", ".join(f"{p.value} as {name}" for p, name in zip(places, names, strict=True))
    present = " and ".join(f"{name} is not null" for name in names)
    pairs = zip(parent.keys, names, strict=True)
    same = " and ".join(f"{_field(key)} = child.{name}" for key, name in pairs)
    table = ".".join(map(quoted, parent.relation))
    missing = (
        f"from (select {keys} from {places[0].source}) as child "
        f"anti join {table} as parent on {same} where {present}"
    )
    shown = ", ".join(f"{n} as {quoted(c)}" for n, c in zip(names, spec.columns, strict=True))
    return Rendered(
        f"select count(*) {missing}",
        f"select {shown}, count(*) as rows {missing} "
        f"group by all order by rows desc limit {SAMPLE_ROWS}",
    )


def _field(steps: tuple[str, ...]) -> str:
    field = f"parent.{quoted(steps[0])}"
    for step in steps[1:]:
        field = f"({field}).{quoted(step)}"
    return field


_WRITERS: dict[Kind, Callable[[CheckSpec], Rendered | None]] = {
    Kind.SQL: _query,
    Kind.ROW_COUNT: _row_count,
    Kind.UNIQUE: _unique,
    Kind.FOREIGN_KEY: _foreign_key,
}
