"""Compares promised columns with those a table has; the storage formats would cast silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh_platform.errors import Place
from mesh_platform.model.contract import Column, Contract
from mesh_platform.model.type_text import DataType, read_type
from mesh_platform.quality.targets import Each, Target, top_targets

_INTEGERS = frozenset(
    f"{sign}{size}"
    for sign in ("", "U")
    for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)
_FRACTIONS = frozenset({"FLOAT", "DOUBLE", "DECIMAL"})
_TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_ZONED = {"timestamp": "TIMESTAMP WITH TIME ZONE", "time": "TIME WITH TIME ZONE"}
_LOGICAL: dict[str, frozenset[str]] = {
    "string": frozenset({"VARCHAR", "UUID", "ENUM"}),
    "integer": _INTEGERS,
    "number": _INTEGERS | _FRACTIONS,
    "boolean": frozenset({"BOOLEAN"}),
    "date": frozenset({"DATE"}),
    "timestamp": _TIMESTAMPS | {_ZONED["timestamp"]},
    "time": frozenset({"TIME", _ZONED["time"]}),
    "object": frozenset({"STRUCT", "MAP", "JSON"}),
    "array": frozenset({"LIST"}),
    "map": frozenset({"MAP"}),
    "vector": frozenset({"LIST"}),
}
_ALSO_PHYSICAL: dict[str, frozenset[str]] = {
    "string": frozenset({"BLOB", "JSON"}),
    "integer": _FRACTIONS,
    "array": frozenset({"JSON"}),
    "map": frozenset({"JSON"}),
}
"""What may hold a logical type where the contract says so in `physicalType`; text always may."""
_ELEMENTS = {"float32": "FLOAT", "float64": "DOUBLE", "int8": "TINYINT", "uint8": "UTINYINT"}
_CONTAINERS = ("STRUCT", "LIST", "MAP")


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
    """Say where a table differs from its contract, inside its columns too."""
    have = {column.name: (read_type(column.type), column.type) for column in actual}
    found: list[Mismatch] = []
    for target in top_targets(contract):
        if target.column.name not in have:
            found.append(_missing(target))
        else:
            found += _differences(target, *have[target.column.name])
    promised = {column.name for column in contract.columns}
    found += [_not_promised(name, contract.place) for name in have if name not in promised]
    return found


def family(physical: str | None) -> str:
    """The name of a physical type without widths: `VARCHAR` for `varchar(20)`."""
    return read_type(physical).name if physical else ""


def is_text(column: Column) -> bool:
    """Whether the contract keeps values of another logical type as text."""
    return column.logical_type != "string" and family(column.physical_type) == "VARCHAR"


def _differences(target: Target, actual: DataType, shown: str) -> Iterator[Mismatch]:
    """What a column's type breaks; inside it only where the column itself fits."""
    said = _own(target.column, actual, shown)
    if said:
        yield Mismatch(f"column `{target}` {said}", target.column.place)
        return
    fields = [child for child in target.children() if not isinstance(child.steps[-1], Each)]
    if actual.name == "STRUCT" and fields:
        yield from _fields(target, fields, actual)
    parts = {Each.ITEM: "", Each.KEY: "key", Each.VALUE: "value"}
    for child in target.children():
        step = child.steps[-1]
        part = actual.part(parts[step]) if isinstance(step, Each) else None
        if part is not None:
            yield from _differences(child, part, write_type(part))


def _fields(target: Target, fields: list[Target], actual: DataType) -> Iterator[Mismatch]:
    for child in fields:
        part = actual.part(child.column.name)
        if part is None:
            yield _missing(child)
        else:
            yield from _differences(child, part, write_type(part))
    promised = {child.column.name for child in fields}
    for name, _ in actual.parts:
        if name not in promised:
            yield _not_promised(f"{target}.{name}", target.column.place)


def _own(column: Column, actual: DataType, shown: str) -> str | None:
    """What a column's own type breaks, in words that follow its name."""
    physical, logical = column.physical_type, column.logical_type
    if physical and not _same(read_type(physical), actual):
        return f"is promised as {physical} but the model returns {shown}"
    if logical and not _holds(actual.name, logical, stated=bool(physical)):
        if physical:
            return f"is promised as {physical} and as logicalType {logical}, which cannot both be"
        return f"is promised as {logical} but the model returns {shown}"
    return _zone(column, actual, shown) or _element(column, actual, shown)


def _zone(column: Column, actual: DataType, shown: str) -> str | None:
    zoned = _ZONED.get(column.logical_type or "")
    wanted = column.options.get("timezone")
    if wanted is None or zoned is None or actual.name == "VARCHAR":
        return None
    if wanted != (actual.name == zoned):
        return f"is promised with{'' if wanted else 'out'} time zone but the model returns {shown}"
    return None


def _element(column: Column, actual: DataType, shown: str) -> str | None:
    wanted = _ELEMENTS.get(str(column.options.get("elementType")))
    part = actual.part("")
    if column.logical_type != "vector" or wanted is None or part is None or part.name == wanted:
        return None
    return f"is promised with elements of {wanted} but the model returns {shown}"


def _same(promised: DataType, actual: DataType) -> bool:
    if promised.name in _CONTAINERS and not promised.parts:
        return promised.name == actual.name
    return promised.stored == actual.stored


def _holds(name: str, logical: str, *, stated: bool) -> bool:
    fitting = _LOGICAL.get(logical, frozenset({name}))
    if stated:
        fitting |= _ALSO_PHYSICAL.get(logical, frozenset()) | {"VARCHAR"}
    return name in fitting


def write_type(kind: DataType) -> str:
    """Write a type as the engine does."""
    if kind.name == "LIST":
        return f"{write_type(kind.parts[0][1])}[]" if kind.parts else "LIST"
    if kind.parts:
        named = kind.name == "STRUCT"
        inside = [f"{name} {write_type(p)}" if named else write_type(p) for name, p in kind.parts]
        return f"{kind.name}({', '.join(inside)})"
    return f"{kind.name}({','.join(kind.numbers)})" if kind.numbers else kind.name


def _missing(target: Target) -> Mismatch:
    said = f"column `{target}` is promised but the model does not return it"
    return Mismatch(said, target.column.place)


def _not_promised(name: str, place: Place) -> Mismatch:
    return Mismatch(f"the model returns column `{name}`, which is not promised", place)
