"""The one table of DuckDB's types: which ones a release can hold, and what to use for the others.

A type is held where `deltalake`, Polars and DuckDB read back the values that DuckDB wrote. The
other types are refused before anything is written: Parquet or Delta would store another type in
their place, or one that some engine cannot read.
"""

from __future__ import annotations

import difflib
import functools
from collections import Counter
from dataclasses import dataclass, replace

from mesh_platform.errors import did_you_mean, listed
from mesh_platform.model.type_text import DataType, named_in_duckdb, read_type

HELD = frozenset(
    {
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL"),
        *("VARCHAR", "BLOB", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    }
)
"""Types of single values that a release holds."""
CONTAINERS = frozenset({"LIST", "STRUCT", "MAP"})
"""Types that a release holds where it holds their parts."""
INSTEAD = {
    "HUGEINT": "BIGINT",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "UHUGEINT": "DECIMAL(38,0)",
    "BIGNUM": "VARCHAR",
    "UUID": "VARCHAR",
    "JSON": "VARCHAR",
    "ENUM": "VARCHAR",
    "BIT": "VARCHAR",
    "TIME": "VARCHAR",
    "TIME_NS": "VARCHAR",
    "TIME WITH TIME ZONE": "VARCHAR",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
    "TIMESTAMPTZ_NS": "TIMESTAMP WITH TIME ZONE",
    "INTERVAL": "VARCHAR",
    "UNION": "VARCHAR",
    "VARIANT": "VARCHAR",
    "GEOMETRY": "BLOB",
    "TYPE": "VARCHAR",
    '"NULL"': "VARCHAR",
}
"""What to use in place of a type that no release holds."""
_RESHAPED = frozenset({"ARRAY", "TUPLE"})
"""Types to replace by a list or a struct of the same parts."""
KNOWN = HELD | CONTAINERS | INSTEAD.keys() | _RESHAPED
_WITH_WIDTH = frozenset({"DECIMAL", "ARRAY", "GEOMETRY"})
_MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Refused:
    """A type that no release can hold: which part of it, why, and what to use instead.

    `instead` is the whole type with every such part replaced, or None where there is no such type.
    """

    part: DataType
    why: str
    instead: DataType | None


@functools.lru_cache(maxsize=4096)
def refused(kind: DataType) -> Refused | None:
    """Return why no release can hold a type; None where it can."""
    kind = without_members(kind.stored)
    for part in _innermost_first(kind):
        if problem := _problem(part):
            form = held_form(kind)
            unknown = any(map(_problem, _innermost_first(form)))
            return Refused(part, problem, None if unknown else form)
    return None


def held_form(kind: DataType) -> DataType:
    """The type that a release holds for values of a type: itself, or the one to use instead."""
    parts = tuple((name, held_form(part)) for name, part in kind.parts)
    if kind.name not in KNOWN:
        kind = named_in_duckdb(kind)
    match kind.name:
        case "ARRAY":
            return DataType("LIST", (), parts)
        case "TUPLE":
            return DataType("STRUCT", (), parts)
        case name if name in INSTEAD:
            return read_type(INSTEAD[name])
    numbers = kind.numbers if kind.name in _WITH_WIDTH else ()
    return DataType(kind.name, numbers, parts)


def without_members(kind: DataType) -> DataType:
    """The type without the members of an ENUM, which are values of the data."""
    parts = tuple((name, without_members(part)) for name, part in kind.parts)
    return DataType(kind.name, () if kind.name == "ENUM" else kind.numbers, parts)


def _innermost_first(kind: DataType) -> list[DataType]:
    return [*(found for _, part in kind.parts for found in _innermost_first(part)), kind]


def _problem(kind: DataType) -> str | None:
    if kind.name not in KNOWN:
        own = named_in_duckdb(kind)
        close = _to_use(kind.name) if own == kind else f"it calls it {own}"
        return f"DuckDB has no type `{kind}`; {close}"
    if problem := _width_problem(kind) or _twice(kind):
        return problem
    if kind.name in HELD or kind.name in CONTAINERS:
        return None
    return f"no release can hold the type {kind}"


def _to_use(name: str) -> str:
    held = HELD | CONTAINERS
    if difflib.get_close_matches(name, held, cutoff=0.5):
        return did_you_mean(name, held)
    return f"a release holds {listed(sorted(held), len(held))}"


def _twice(kind: DataType) -> str | None:
    """A field that is there twice: the engine takes names for the same that differ in case."""
    counts = Counter(name.casefold() for name, _ in kind.parts)
    name, count = counts.most_common(1)[0] if counts else ("", 0)
    return f"the field `{name}` is there twice in `{kind}`" if count > 1 else None


def _width_problem(kind: DataType) -> str | None:
    if not kind.numbers:
        return None
    if kind.name not in _WITH_WIDTH:
        return f"DuckDB has no type `{kind}`; write `{replace(kind, numbers=())}`"
    if kind.name == "DECIMAL" and not _is_decimal(kind.numbers):
        return (
            f"DuckDB has no type `{kind}`; of DECIMAL(p,s), p is from 1 to {_MOST_DIGITS},"
            " and s at most p"
        )
    return None


def _is_decimal(numbers: tuple[str, ...]) -> bool:
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        return False
    digits, scale = map(int, numbers)
    return 1 <= digits <= _MOST_DIGITS and scale <= digits
