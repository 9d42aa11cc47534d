"""Compares promised columns with those a table has; the storage formats would cast silently."""

from __future__ import annotations

from dataclasses import dataclass

from mesh_platform.errors import Place
from mesh_platform.model.contract import Contract

_INTEGERS = frozenset(
    f"{sign}{size}"
    for sign in ("", "U")
    for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)
_LOGICAL = {
    "string": {"VARCHAR", "UUID", "ENUM"},
    "integer": _INTEGERS,
    "number": _INTEGERS | {"FLOAT", "DOUBLE", "DECIMAL"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
    "timestamp": {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
    "time": {"TIME"},
    "object": {"STRUCT", "MAP", "JSON"},
    "array": {"LIST"},
    "map": {"MAP"},
}
_ALIASES = {
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "INT": "INTEGER",
    "LONG": "BIGINT",
    "REAL": "FLOAT",
    "BOOL": "BOOLEAN",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "DATETIME": "TIMESTAMP",
    "NUMERIC": "DECIMAL",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference between promise and table: said in a sentence, at the promise's place."""

    sentence: str
    place: Place


@dataclass(frozen=True, slots=True)
class ActualColumn:
    """A column as the engine describes it; `type` in DuckDB's spelling."""

    name: str
    type: str


def mismatches(contract: Contract, actual: tuple[ActualColumn, ...]) -> list[Mismatch]:
    """Say where a table differs from its contract."""
    have = {column.name: column.type for column in actual}
    promised = {column.name for column in contract.columns}
    found = []
    for column in contract.columns:
        if column.name not in have:
            said = f"column `{column.name}` is promised but the model does not return it"
            found.append(Mismatch(said, column.place))
        elif not _fits(have[column.name], column.physical_type, column.logical_type):
            wanted = column.physical_type or column.logical_type
            said = (
                f"column `{column.name}` is promised as {wanted}"
                f" but the model returns {have[column.name]}"
            )
            found.append(Mismatch(said, column.place))
    found += [
        Mismatch(f"the model returns column `{name}`, which is not promised", contract.place)
        for name in have
        if name not in promised
    ]
    return found


def _fits(actual: str, physical: str | None, logical: str | None) -> bool:
    if physical:
        return _normal(actual) == _normal(physical)
    if logical:
        return _family(actual) in _LOGICAL.get(logical, {_family(actual)})
    return True


def _normal(text: str) -> str:
    """One spelling for a type: upper case, single spaces, aliases resolved."""
    upper = " ".join(text.upper().split())
    name, bracket, rest = upper.partition("(")
    if not bracket:
        return _ALIASES.get(upper, upper)
    name = name.strip()
    return _ALIASES.get(name, name) + "(" + rest.replace(" ", "")


def _family(text: str) -> str:
    return "LIST" if text.endswith("[]") else _normal(text).split("(")[0]
