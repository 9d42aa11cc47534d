"""Compares promised columns with those a table has; the storage formats would cast silently.

The same comparison tells, without a table, which promises no table can keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from mesh_platform.checks.storage_types import CONTAINERS, HELD, held_form, refused, without_members
from mesh_platform.checks.targets import PARTS, Each, Target, all_targets, top_targets
from mesh_platform.errors import Place
from mesh_platform.model.contract import Column, Contract
from mesh_platform.model.type_text import DataType, read_type

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
    "array": frozenset({"LIST", "ARRAY"}),
    "map": frozenset({"MAP"}),
    "vector": frozenset({"LIST", "ARRAY"}),
}
_ALSO_PHYSICAL: dict[str, frozenset[str]] = {
    "string": frozenset({"BLOB", "JSON"}),
    "integer": _FRACTIONS,
    "array": frozenset({"JSON"}),
    "map": frozenset({"JSON"}),
}
"""What may hold a logical type where the contract says so in `physicalType`; text always may."""
_ELEMENTS = {"float32": "FLOAT", "float64": "DOUBLE", "int8": "TINYINT", "uint8": "UTINYINT"}
_USUAL = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
"""The type to return for a logical type, where the one that is returned does not lead to it."""
OPEN = DataType("\0")
"""Stands for a type that a contract leaves open, also inside another; no SQL has this character."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Hold one difference between promise and table, at the promise's place.

    `column` is the column of the table that it is about, and `cast` the type to return for it,
    where there is one. `alone`: the promise can never be kept, whatever else is promised. `there`
    says on which side a column is alone: it is promised only, or returned only. `renamed`: fields
    inside it have other names, so a cast would lose values.
    """

    sentence: str
    place: Place
    column: str = ""
    cast: DataType | None = None
    alone: bool = False
    there: Literal["", "promised", "returned"] = ""
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """Name what promises are compared with: a model, or the physical type around them."""

    returns: str
    lacks: str


_MODEL = _Source("the model returns", "the model does not return it")


@dataclass(frozen=True, slots=True)
class ActualColumn:
    """Hold a column as the engine describes it; `type` in DuckDB's spelling."""

    name: str
    type: str


def mismatches(contract: Contract, actual: tuple[ActualColumn, ...]) -> list[Mismatch]:
    """Say where a table differs from its contract, inside its columns too."""
    have = {column.name: column.type for column in actual}
    found: list[Mismatch] = []
    for target in top_targets(contract):
        if target.column.name not in have:
            found.append(_missing(target, _MODEL))
        else:
            found += list(_never_held(target)) or _returned(target, have[target.column.name])
    promised = {column.name for column in contract.columns}
    for name in have:
        if name not in promised:
            extra = _not_promised(name, contract.place, _MODEL)
            found.append(replace(extra, sentence=extra.sentence + _second(name, have)))
    return found


def _second(name: str, names: Collection[str]) -> str:
    """Say where a name may come from that no SQL has: the engine numbers a name that is taken."""
    first, _, number = name.rpartition("_")
    return f"; DuckDB calls a second `{first}` so" if number.isdigit() and first in names else ""


def _returned(target: Target, shown: str) -> Iterator[Mismatch]:
    """Yield what is wrong with a column of a table, and the type to return for it."""
    actual = read_type(shown)
    if "ENUM" in shown.upper():
        shown = str(without_members(actual))
    found = list(_differences(target, actual, shown, _MODEL))
    if not found and (no := refused(actual)):
        promised = target.column.physical_type or target.column.logical_type
        told = f"is promised as {promised} but the model returns" if promised else "is returned as"
        found = [Mismatch(f"column `{target}` {told} {shown}: {no.why}", target.column.place)]
    cast = _wanted(target, actual)
    loses = cast is not None and _loses_values(actual, cast)
    for item in found:
        yield replace(item, column=target.column.name, cast=None if loses else cast, renamed=loses)


def _loses_values(actual: DataType, wanted: DataType) -> bool:
    """Tell whether a cast drops a field: DuckDB casts by name, and puts null for other names."""
    if actual.name == wanted.name == "STRUCT":
        have = {name.casefold(): part for name, part in actual.parts}
        want = {name.casefold(): part for name, part in wanted.parts}
        return have.keys() != want.keys() or any(
            _loses_values(part, want[name]) for name, part in have.items()
        )
    pairs = zip(actual.parts, wanted.parts, strict=False)
    return any(_loses_values(one, other) for (_, one), (_, other) in pairs)


def unkeepable(contract: Contract) -> Iterator[Mismatch]:
    """Yield types that contradict each other, that DuckDB lacks, or that no release can hold."""
    for target in all_targets(contract):
        physical = target.column.physical_type
        found = _of_physical(target, physical) if physical else _of_logical(target)
        for item in found:
            yield replace(item, column=target.column.name)


def type_to_promise(item: Mismatch) -> str:
    """Return what to write in a contract in place of a type that cannot be kept."""
    if item.cast is None:
        return "correct it" if item.alone else "correct one of the two, so that they agree"
    return f"promise `physicalType: {item.cast}`, and cast to it in the model"


def _never_held(target: Target) -> Iterator[Mismatch]:
    """Say why a promised physical type can never be kept, if it cannot."""
    physical = target.column.physical_type
    if physical and (no := refused(read_type(physical))):
        said = f"column `{target}` is promised as {physical}: {no.why}"
        yield Mismatch(said, target.column.place, target.column.name, no.instead, alone=True)


def _of_physical(target: Target, physical: str) -> Iterator[Mismatch]:
    if found := list(_never_held(target)):
        yield from found
        return
    stated = f"the physicalType of `{target}`"
    source = _Source(f"{stated} says", f"{stated} has no such field")
    yield from _differences(target, read_type(physical), physical, source)


def _of_logical(target: Target) -> Iterator[Mismatch]:
    """Say where no type that a release holds is one of the promised logical type."""
    column = target.column
    kind = column.logical_type
    if kind and not _LOGICAL.get(kind, HELD) & (HELD | CONTAINERS):
        said = f"column `{target}` is promised as {kind}: no release can hold that but as text"
        yield Mismatch(said, column.place, cast=DataType("VARCHAR"))
    element = _ELEMENTS.get(str(column.options.get("elementType")))
    if kind == "vector" and element and (no := refused(DataType(element))):
        said = f"column `{target}` is promised with elements of {element}: {no.why}"
        yield Mismatch(said, column.place, alone=True)


def usual_type(column: Column) -> DataType | None:
    """Return the type of a column as far as its contract says it; None where it says none."""
    if column.physical_type:
        kind = read_type(column.physical_type)
        return None if refused(kind) or kind.name in CONTAINERS else kind.stored
    name = _USUAL.get(column.logical_type or "")
    if name == "TIMESTAMP" and column.options.get("timezone"):
        name = _ZONED["timestamp"]
    return read_type(name) if name else None


def held_type(column: Column) -> DataType:
    """Return the type that a release holds for a column that keeps its contract.

    `OPEN` stands for each part of which the contract allows several types, or none.
    """
    if column.physical_type:
        kind = read_type(column.physical_type).stored
        if refused(kind):
            return OPEN
        return kind if kind.parts or kind.name not in CONTAINERS else _of_parts(kind.name, column)
    fitting = _fitting(column) & (HELD | CONTAINERS)
    if zoned := _ZONED.get(column.logical_type or ""):
        wanted = column.options.get("timezone")
        fitting &= {zoned} if wanted else _TIMESTAMPS if wanted is not None else fitting
    return _of_parts(fitting.pop(), column) if len(fitting) == 1 else OPEN


def _of_parts(name: str, column: Column) -> DataType:
    """Return a type with the parts that a column promises; open where a struct has no fields."""
    match name:
        case "STRUCT":
            parts = tuple((field.name, held_type(field)) for field in column.columns)
            return DataType(name, (), parts) if parts else OPEN
        case "LIST":
            element = _ELEMENTS.get(str(column.options.get("elementType")))
            item = read_type(element) if element and column.logical_type == "vector" else OPEN
            return DataType(name, (), (("", held_type(column.items) if column.items else item),))
        case "MAP":
            key, value = (held_type(part) if part else OPEN for part in (column.key, column.value))
            return DataType(name, (), (("key", key), ("value", value)))
    return DataType(name)


def _wanted(target: Target, actual: DataType) -> DataType | None:
    """Return the type that a model should return; None where a cast does not lead there."""
    column = target.column
    if column.physical_type:
        kind = read_type(column.physical_type).stored
        return None if kind.name in CONTAINERS and not kind.parts else kind
    form, logical = held_form(actual), column.logical_type
    if logical is None or _holds(form.name, logical, stated=False):
        zoned = _ZONED.get(logical or "")
        wanted = column.options.get("timezone")
        if wanted is not None and zoned is not None:
            return DataType(zoned if wanted else "TIMESTAMP")
        return _with_parts(target, form)
    return read_type(_USUAL[logical]) if logical in _USUAL else None


def _with_parts(target: Target, kind: DataType) -> DataType | None:
    """Return a type with the fields, the items or the keys and values that a column promises."""
    promised = {PARTS.get(child.steps[-1], child.column.name): child for child in target.children()}
    if not promised:
        return kind
    parts = {name: _wanted(promised[name], part) for name, part in kind.parts if name in promised}
    told = tuple((name, part) for name, part in parts.items() if part is not None)
    return replace(kind, parts=told) if len(told) == len(kind.parts) == len(promised) else None


def family(physical: str | None) -> str:
    """Return the name of a physical type without widths: `VARCHAR` for `varchar(20)`."""
    return read_type(physical).name if physical else ""


def is_text(column: Column) -> bool:
    """Tell whether the contract keeps values of another logical type as text."""
    return column.logical_type != "string" and family(column.physical_type) == "VARCHAR"


def _differences(
    target: Target, actual: DataType, shown: str, source: _Source
) -> Iterator[Mismatch]:
    """Yield what a column's type breaks; inside it only where the column itself fits."""
    said = _own(target.column, actual, f"{source.returns} {shown}")
    if said:
        yield Mismatch(f"column `{target}` {said}", target.column.place)
        return
    fields = [child for child in target.children() if not isinstance(child.steps[-1], Each)]
    if actual.name == "STRUCT" and actual.parts and fields:
        yield from _fields(target, fields, actual, source)
    for child in target.children():
        step = child.steps[-1]
        part = actual.part(PARTS[step]) if isinstance(step, Each) else None
        if part is not None:
            yield from _differences(child, part, str(part), source)


def _fields(
    target: Target, fields: list[Target], actual: DataType, source: _Source
) -> Iterator[Mismatch]:
    for child in fields:
        part = actual.part(child.column.name)
        if part is None:
            yield _missing(child, source)
        else:
            yield from _differences(child, part, str(part), source)
    promised = {child.column.name for child in fields}
    for name, _ in actual.parts:
        if name not in promised:
            yield _not_promised(f"{target}.{name}", target.column.place, source)


def _own(column: Column, actual: DataType, returned: str) -> str | None:
    """Return what a column's own type breaks, in words that follow its name."""
    physical, logical = column.physical_type, column.logical_type
    if physical and not _same(read_type(physical), actual):
        return f"is promised as {physical} but {returned}"
    if logical and not _holds(actual.name, logical, stated=bool(physical)):
        if physical:
            return f"is promised as {physical} and as logicalType {logical}, which cannot both be"
        return f"is promised as {logical} but {returned}"
    if not physical and column.columns and actual.name == "MAP":
        return f"is promised with properties but {returned}"
    return _zone(column, actual, returned) or _element(column, actual, returned)


def _zone(column: Column, actual: DataType, returned: str) -> str | None:
    zoned = _ZONED.get(column.logical_type or "")
    wanted = column.options.get("timezone")
    if wanted is None or zoned is None or actual.name == "VARCHAR":
        return None
    if wanted != (actual.name == zoned):
        return f"is promised with{'' if wanted else 'out'} time zone but {returned}"
    return None


def _element(column: Column, actual: DataType, returned: str) -> str | None:
    wanted = _ELEMENTS.get(str(column.options.get("elementType")))
    part = actual.part("")
    if column.logical_type != "vector" or wanted is None or part is None or part.name == wanted:
        return None
    return f"is promised with elements of {wanted} but {returned}"


def _same(promised: DataType, actual: DataType) -> bool:
    if promised.name in CONTAINERS and not promised.parts:
        return promised.name == actual.name
    return promised.stored == actual.stored


def _fitting(column: Column) -> set[str]:
    """Return the types that fit a column by `logicalType` and `properties` alone."""
    fitting = _LOGICAL.get(column.logical_type or "", HELD | CONTAINERS)
    return set(fitting - {"MAP"} if column.columns else fitting)


def _holds(name: str, logical: str, *, stated: bool) -> bool:
    fitting = _LOGICAL.get(logical, frozenset({name}))
    if stated:
        fitting |= _ALSO_PHYSICAL.get(logical, frozenset()) | {"VARCHAR"}
    return name in fitting


def _missing(target: Target, source: _Source) -> Mismatch:
    said = f"column `{target}` is promised but {source.lacks}"
    return Mismatch(said, target.column.place, there="promised")


def _not_promised(name: str, place: Place, source: _Source) -> Mismatch:
    said = f"{source.returns} column `{name}`, which is not promised"
    return Mismatch(said, place, there="returned")
