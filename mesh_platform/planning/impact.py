"""Whom a change reaches: consumers, their columns that hang on it, and how they stand to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from mesh_platform.contract_diff.values import Change, Level
from mesh_platform.lineage.usage import Use
from mesh_platform.model.mesh import Mesh, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.planning.promises import PortChanges

ANY_COLUMN = "any other column"
"""Asks for who reads all columns, whatever they are."""
_SHAPE = frozenset({"column.added", "columns.moved"})
_TEXTS = ("VARCHAR", "CHAR", "TEXT", "STRING", "BPCHAR")
"""Types whose length DuckDB does not hold: a narrower one is the same type to a consumer."""


class Stand(StrEnum):
    """Name how a breaking change affects a consumer."""

    READS = "reads"
    MOVED = "moved"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A consumer that uses a column: its own columns whose values are made of it.

    One that is not `direct` gets it through another product, whose port `through` it reads.
    """

    product: ProductName
    uses: frozenset[Use]
    columns: tuple[str, ...] = ()
    direct: bool = True
    through: PortName | None = None


StandOf = Callable[[Product, PortInput], Stand]
"""Tells where a product that reads the port stands."""


class Readers(Protocol):
    """Hold the readers of a column of a port, with those that cannot be vouched for."""

    def of(self, port: PortName, column: str, /) -> Iterable[ColumnUse]:
        """Consumers, by what their SQL does, however far away."""
        ...


@dataclass(frozen=True, slots=True)
class Affected:
    """A consumer that a change reaches, and whom to talk to.

    `columns` are those of its ports whose values hang on it; `through` is the port by which it
    gets what changes, None where it reads the changed port itself.
    """

    product: ProductName
    team: str
    email: str
    uses: frozenset[Use]
    stand: Stand
    columns: tuple[str, ...] = ()
    through: PortName | None = None

    @property
    def direct(self) -> bool:
        """Tell whether it reads the port itself."""
        return self.through is None


def affected(
    change: Change, port: PortChanges, mesh: Mesh, readers: Readers, stand_of: StandOf
) -> list[Affected]:
    """Consumers whose data or build a change may alter.

    A breaking change of columns reaches who reads them; of the port as a whole, everyone who reads
    it. A new column, or another order, reaches who reads all columns, whatever they are. A
    narrower type reaches who reads the column, because types are promised exactly.
    """
    if change.level is not Level.MAJOR and not _alters(change):
        return []
    direct = {product.name: (product, item) for product, item in consumers(port, mesh)}
    return [
        _affected(change, use, direct.get(use.product), mesh, stand_of)
        for use in sorted(_uses(change, port, direct, readers), key=lambda use: not use.direct)
        if use.product in mesh.products
    ]


def consumers(port: PortChanges, mesh: Mesh) -> list[tuple[Product, PortInput]]:
    """Products that read the port, in the major it had or in the one that takes its place."""
    names = _names(port)
    return [
        (product, item)
        for product in mesh.products.values()
        for item in product.inputs
        if item.port in names
    ]


def _names(port: PortChanges) -> list[PortName]:
    """Return the names under which consumers read it: as it was, and as it is."""
    return sorted({port.name} | ({port.now.name} if port.now is not None else set()))


def _alters(change: Change) -> bool:
    """Tell whether a change that breaks no promise alters what some consumers get."""
    if change.code == "type.physical.narrowed":
        return not str(change.before).upper().startswith(_TEXTS)
    return change.level is Level.MINOR and change.code in _SHAPE


def _uses(
    change: Change,
    port: PortChanges,
    direct: Mapping[ProductName, tuple[Product, PortInput]],
    readers: Readers,
) -> Iterable[ColumnUse]:
    found: dict[ProductName, ColumnUse] = {}
    for column in _asked(change):
        for name in _names(port):
            for use in readers.of(name, column):
                found[use.product] = _merged(found.get(use.product), use)
    if change.columns or change.code in _SHAPE:
        return found.values()
    return [ColumnUse(name, frozenset({Use.WHOLE})) for name in direct]


def _asked(change: Change) -> Iterable[str]:
    """Columns whose readers a change reaches."""
    if change.code == "columns.moved":
        return (ANY_COLUMN,)
    return sorted(set(change.columns))


def _merged(one: ColumnUse | None, other: ColumnUse) -> ColumnUse:
    """Both uses of one product; the direct way to it is told."""
    if one is None:
        return other
    first = one if one.direct >= other.direct else other
    columns = tuple(sorted({*one.columns, *other.columns}))
    return replace(first, uses=one.uses | other.uses, columns=columns)


def _affected(
    change: Change,
    use: ColumnUse,
    reads: tuple[Product, PortInput] | None,
    mesh: Mesh,
    stand_of: StandOf,
) -> Affected:
    domain = mesh.domain(use.product.domain)
    stand = stand_of(*reads) if reads else Stand.READS
    if stand is Stand.MOVED and change.code == "column.removed" and use.uses != {Use.UNKNOWN}:
        stand = Stand.READS  # by its descriptor only: its SQL names what the new major has not
    through = None if use.direct else use.through
    return Affected(use.product, domain.team, domain.email, use.uses, stand, use.columns, through)
