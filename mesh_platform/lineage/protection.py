"""Find columns that are promised with less protection than what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mesh_platform.checks.targets import Each, Target, all_targets
from mesh_platform.contract_diff.terms import DECLASSIFIED, PERSONAL, custom
from mesh_platform.errors import Place
from mesh_platform.lineage.sql.sources import Column, Sources, Table, related
from mesh_platform.model.classification import Protection, joined
from mesh_platform.model.contract import Column as Promised
from mesh_platform.model.contract import Contract
from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import PortName


@dataclass(frozen=True, slots=True)
class LessProtected:
    """Hold a promised column, and one that it is made of, which is protected better.

    `copied` says that its values are kept as they are; of others a reason would do.
    """

    port: PortName
    column: str
    own: Protection
    source: Column
    asked: Protection
    copied: bool
    place: Place


def less_protected(
    mesh: Mesh,
    product: Product,
    columns: Mapping[PortName, Mapping[str, Sources]],
    port_of: Callable[[Table], PortName | None],
    protections: Protections | None = None,
) -> Iterator[LessProtected]:
    """Find what a product promises with less protection.

    Args:
        mesh: what its inputs promise.
        product: the product.
        columns: what the columns of its ports come from, by their names in lower case.
        port_of: the port behind a table; None for data from outside the mesh.
        protections: those of the ports of the mesh, where they are kept for several products.
    """
    known = _Known(protections or Protections(mesh), product, columns, port_of)
    for port in product.ports:
        for column in port.contract.columns:
            sources = columns[port.name].get(column.name.lower())
            found = known.worst(port, column, sources) if sources else None
            if found is not None:
                yield found


def declassified(column: Promised) -> str | None:
    """Return why the values of a column need less protection; None where no reason is given."""
    said = custom(column.custom, DECLASSIFIED)
    reason = said.strip() if isinstance(said, str) else ""
    return None if reason.lower() in ("", "true", "yes") else reason


def protection(contract: Contract, name: str) -> Protection:
    """Return how a column, or a field of one, is protected, with everything inside it."""
    return _of(_protected(contract), _promised_way(contract, name))


_NONE = Protection()

Protected = Mapping[str, list[tuple[str, Protection]]]
"""Columns and fields for which a contract asks protection, each with its way in small letters, by
the first step of the way."""


def _protected(contract: Contract) -> Protected:
    found = dict[str, list[tuple[str, Protection]]]()
    for target in all_targets(contract):
        asked = _said(target)
        if asked != _NONE:
            way = _way(target)
            found.setdefault(way.partition(".")[0], []).append((way, asked))
    return found


def _promised_way(contract: Contract, name: str) -> str:
    """Write the way to a field as targets do: without keys of maps, as far as promised."""
    first, *fields = name.casefold().split(".")
    column = next((c for c in contract.columns if c.name.casefold() == first), None)
    way = [first]
    for field in fields:
        while column is not None and column.items is not None:
            column = column.items
        if column is not None and column.value is not None:
            column = column.value
            continue
        inner = column.columns if column is not None else ()
        column = next((c for c in inner if c.name.casefold() == field), None)
        if column is None:
            break
        way.append(field)
    return ".".join(way)


def _of(protected: Protected, wanted: str) -> Protection:
    beside = protected.get(wanted.partition(".")[0])
    if not beside:
        return _NONE
    return joined(
        asked
        for way, asked in beside
        if f"{way}.".startswith(f"{wanted}.") or f"{wanted}.".startswith(f"{way}.")
    )


class Protections:
    """Hold the protection that the ports of a mesh ask for; each contract is read once.

    Args:
        mesh: the mesh.
    """

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._ports = dict[PortName, tuple[tuple[Contract, Protected], ...]]()
        self._asked = dict[tuple[PortName, str], Protection]()

    def of(self, port: PortName, name: str) -> Protection:
        """Return how a column of a port, or a field of one, is protected.

        What a release promised counts beside what the file says now: its data is what is read.
        """
        if (port, name) not in self._asked:
            self._asked[port, name] = self._read(port, name)
        return self._asked[port, name]

    def _read(self, port: PortName, name: str) -> Protection:
        if port not in self._ports:
            sides = (self._mesh.ports.get(port), self._mesh.released.get(port))
            said = ((side.contract, _protected(side.contract)) for side in sides if side)
            self._ports[port] = tuple(each for each in said if each[1])
        asked = [_of(said, _promised_way(each, name)) for each, said in self._ports[port]]
        return joined(asked) if asked else _NONE


def is_protected(contract: Contract) -> bool:
    """Tell whether a contract asks for protection of any of its columns."""
    asked = joined(map(_said, all_targets(contract)))
    return not Protection().covers(asked)


class _Known:
    """Hold the known protection of everything that a product reads."""

    def __init__(
        self,
        protections: Protections,
        product: Product,
        columns: Mapping[PortName, Mapping[str, Sources]],
        port_of: Callable[[Table], PortName | None],
    ) -> None:
        self.protection, self.port_of = protections.of, port_of
        self.copies = dict[Table, list[tuple[str, PortName, str]]]()
        for port in product.ports:
            for column in port.contract.columns:
                sources = columns[port.name].get(column.name.lower()) or Sources()
                if len(sources.kept) == 1 and not sources.used:
                    (only,) = sources.kept
                    copy = (only.name, port.name, column.name)
                    self.copies.setdefault(only.table, []).append(copy)

    def worst(self, port: Port, column: Promised, sources: Sources) -> LessProtected | None:
        """Return a source of a column that is protected better; first one that is copied."""
        own = self.protection(port.name, column.name)
        excused = declassified(column) is not None
        for copied, parts in ((True, sources.kept), (False, sources.used - sources.kept)):
            if not copied and excused:
                continue
            for source in sorted(parts):
                asked = self._asked(source, port)
                if not own.covers(asked):
                    return LessProtected(
                        port.name, column.name, own, source, asked, copied, column.place
                    )
        return None

    def _asked(self, source: Column, port: Port) -> Protection:
        """Return what is promised of a column.

        From outside the mesh, by other ports that copy it.
        """
        provider = self.port_of(source.table)
        if provider is not None:
            return self.protection(provider, source.name)
        return joined(
            self.protection(name, column + source.name[len(copied) :])
            for copied, name, column in self.copies.get(source.table, ())
            if name.path != port.name.path and related(copied, source.name)
        )


def _said(target: Target) -> Protection:
    column = target.column
    word = (column.classification or "").strip().lower()
    personal = custom(column.custom, PERSONAL) is not None
    return Protection(frozenset((word,)) if word else frozenset(), personal)


def _way(target: Target) -> str:
    return ".".join(str(step) for step in target.steps if not isinstance(step, Each)).casefold()
