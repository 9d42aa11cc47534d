"""Holds what a product promises now against what it promised before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mesh_platform.contract_diff.compare import contract_text_changes
from mesh_platform.contract_diff.compare import product_text_changes as descriptor_changes
from mesh_platform.contract_diff.values import Change, Kind, Level, highest, in_words
from mesh_platform.errors import MeshError, Place, listed
from mesh_platform.model.documents import parse_document
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.naming import PortName, ProductName, is_version, major
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.planning.moved_inputs import with_moved_inputs, with_moves
from mesh_platform.planning.suites import FROM_SUITE, suite_changes

_COMES = "More is offered; the producer must deliver it."
_GOES = "Who reads the port finds nothing there."
_TOLD_BY_PORTS = frozenset({"port.added", "port.removed", "port.version"})
"""What pairing the ports, with their majors, tells better."""
_TOLD_BY_NAME = frozenset({"table.renamed", "table.name-said"})
"""The table of a new major is called as the port is: that the port is another one says it."""
_PORT = re.compile(r"/outputPorts\[name=([^,\]]+)(?:,version=([^\]]+))?\]")


@dataclass(frozen=True, slots=True)
class PortChanges:
    """One port before and now; None where it did not, or does not, exist.

    Where a major went and a later one took its place, both are compared, and `kept` is False. Of a
    new major, `differs` says what of the one before it breaks.
    """

    before: PortBefore | None
    now: Port | None
    changes: tuple[Change, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def name(self) -> PortName:
        """The port that consumers read: as it was, or the new one."""
        either = self.before or self.now
        if either is None:
            raise ValueError("a port that neither was nor is")
        return either.name

    @property
    def kept(self) -> bool:
        """Tell whether who read it before still finds it in the same major."""
        return self.before is None or (self.now is not None and self.now.name == self.before.name)

    @property
    def own(self) -> Change | None:
        """The change that the port itself comes, or goes."""
        if self.kept and self.before is not None:
            return None
        new, name = self.before is None, self.name
        successor = f"; `{self.now.name}` takes its place" if self.now and not new else ""
        return Change(
            code="port.added" if new else "port.removed",
            kind=Kind.ADD if new else Kind.REMOVE,
            path=f"/outputPorts[name={name.base}]",
            level=Level.MINOR if new else Level.MAJOR,
            producer=Level.MAJOR if new else Level.PATCH,
            before=None if new else str(name),
            after=str(name) if new else None,
            why=_COMES if new else _GOES,
            message=f"the port `{name}` is {'new' if new else 'gone'}{successor}{self._otherwise}",
        )

    @property
    def _otherwise(self) -> str:
        return f"; against the major before it: {listed(self.differs)}" if self.differs else ""

    def concerned_by(self, change: Change) -> bool:
        """Tell whether a change of the descriptor is about this port, or the whole product."""
        found = _PORT.match(change.path)
        if found is None:
            return True
        base, version = found.groups()
        ours = [each.version for each in (self.before, self.now) if each is not None]
        return base == self.name.base and major(version or "1") in map(major, ours)

    def places(self, changes: Iterable[Change]) -> list[Place | None]:
        """Return where each change stands in the files as they are now.

        None where the port is gone.
        """
        if self.now is None:
            return [None for _ in changes]
        contract = self.now.contract
        document, suite = parse_document(contract.text, contract.place.file), contract.suite
        return [
            Place(suite.file, 1)
            if suite and change.code in FROM_SUITE
            else document.place(change.spot)
            for change in changes
        ]

    @property
    def level(self) -> Level | None:
        """Return what it asks of the version of the product."""
        if self.before is None:
            return Level.MINOR
        if not self.kept:
            return Level.MAJOR
        return highest(tuple(change.level for change in self.changes))


@dataclass(frozen=True, slots=True)
class ProductChanges:
    """One product before and now, with what changes of its ports and around them."""

    name: ProductName
    before: ProductBefore | None
    now: Product | None
    envelope: tuple[Change, ...]
    ports: tuple[PortChanges, ...]

    def places(self) -> list[Place | None]:
        """Return where each change around the ports stands in the descriptor as it is now."""
        if self.now is None:
            return [None for _ in self.envelope]
        document = parse_document(self.now.text, self.now.place.file)
        return [document.place(change.spot) for change in self.envelope]

    @property
    def level(self) -> Level | None:
        """The highest level of all changes; None where nothing changed."""
        if self.before is None:
            return None
        if self.now is None:
            return Level.MAJOR
        levels = [port.level for port in self.ports]
        levels += [change.level for change in self.envelope]
        return highest(tuple(level for level in levels if level is not None))


def product_changes(
    name: ProductName, before: ProductBefore | None, now: Product | None
) -> ProductChanges:
    """Compare one product.

    Args:
        name: of the product.
        before: what it promised; None where it is new.
        now: what its files say; None where it is gone.

    Raises:
        MeshError: a text cannot be read, or a version is none.
    """
    if before is not None and now is not None:
        _check_versions(before, now)
    envelope: tuple[Change, ...] = ()
    if now is not None and before is not None and before.descriptor is not None:
        shown = f"{before.known_as}: the descriptor"
        found = descriptor_changes(before.descriptor, now.text, shown, now.place.file)
        envelope = tuple(c for c in with_moves(found) if c.code not in _TOLD_BY_PORTS)
    return ProductChanges(name, before, now, envelope, tuple(_ports(before, now)))


def _check_versions(before: ProductBefore, now: Product) -> None:
    versions = [now.version, *(port.version for port in now.ports)]
    versions += [before.version, *(port.version for port in before.ports)]
    for version in versions:
        if not is_version(version):
            raise MeshError(
                f"`{version}` is no version",
                place=parse_document(now.text, now.place.file).place(("version",)),
                fix="write one with numbers, for instance `1.4.2`",
            )


def _ports(before: ProductBefore | None, now: Product | None) -> Iterator[PortChanges]:
    offered = {port.name: port for port in now.ports} if now else {}
    inputs = [item.port for item in now.inputs] if now else []
    taken: set[PortName] = set()
    for old in before.ports if before else ():
        port = offered.get(old.name) or _successor(old, offered)
        if port is not None:
            taken.add(port.name)
        compared = _compared(old, port, before.known_as if before else "")
        moved = tuple(with_moved_inputs(compared.changes, inputs))
        yield replace(compared, changes=moved)
    for name, port in offered.items():
        if name not in taken:
            yield PortChanges(None, port, differs=tuple(_breaks(port, offered)))


def _breaks(port: Port, offered: Mapping[PortName, Port]) -> Iterator[str]:
    """Yield what a major breaks of the one before it, which is offered beside it."""
    older = [each for each in offered.values() if each.name.path == port.name.path]
    older = [each for each in older if major(each.version) < major(port.version)]
    if older:
        before = max(older, key=lambda each: major(each.version)).contract.text
        for change in contract_text_changes(before, port.contract.text):
            if change.level is Level.MAJOR and change.code not in _TOLD_BY_NAME:
                yield in_words(change)


def _successor(old: PortBefore, offered: Mapping[PortName, Port]) -> Port | None:
    """The next major of a port whose own major is not offered any more."""
    later = [port for port in offered.values() if port.name.path == old.name.path]
    later = [port for port in later if major(port.version) > major(old.version)]
    return min(later, key=lambda port: major(port.version), default=None)


def _compared(old: PortBefore, port: Port | None, known_as: str) -> PortChanges:
    if port is None:
        return PortChanges(old, None)
    contract = port.contract
    shown = f"{known_as}: {old.file}"
    found = contract_text_changes(old.text, contract.text, shown, contract.place.file)
    if port.name != old.name and contract.table == port.name.name:
        found = tuple(change for change in found if change.code not in _TOLD_BY_NAME)
    return PortChanges(old, port, (*found, *suite_changes(old.suite, contract.suite, shown)))
