"""The plan: what a change of the files would do, as one value that commands show.

Everything is worked out here from values; nothing is read, run or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from mesh_platform.errors import Place
from mesh_platform.model.changes.values import Change, Level
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.agreed import unagreed
from mesh_platform.planning.cost import BuildStep, Cost, total
from mesh_platform.planning.impact import Affected, Readers, affected, consumers
from mesh_platform.planning.promises import PortChanges, ProductChanges
from mesh_platform.planning.versions import VersionStep, too_small, version_steps


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change of a port's promise, or around it, with everyone whom it reaches."""

    product: ProductName
    port: str | None
    change: Change
    consumers: tuple[Affected, ...]
    place: Place | None


@dataclass(frozen=True, slots=True)
class ProductPlan:
    """What happens to one product."""

    name: ProductName
    known_as: str | None
    level: Level | None
    changes: tuple[PlannedChange, ...]
    versions: tuple[VersionStep, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do: to promises, consumers, data; and what stands against it.

    Of the products in `unread`, whose files have errors, nothing is known.
    """

    against: str
    products: tuple[ProductPlan, ...]
    builds: tuple[BuildStep, ...]
    findings: tuple[Finding, ...]
    unread: tuple[ProductName, ...] = ()

    @property
    def cost(self) -> Cost:
        """What all builds together would write and take."""
        return total(self.builds)

    def joined_by(self, findings: Iterable[Finding]) -> Plan:
        """The same plan with more findings, those that block first."""
        found = sorted((*self.findings, *findings), key=lambda finding: not finding.blocking)
        return replace(self, findings=tuple(found))

    @property
    def blocked(self) -> bool:
        """Whether something stands against it."""
        return any(finding.blocking for finding in self.findings)


def plan(
    against: str,
    mesh: Mesh,
    changed: Iterable[ProductChanges],
    readers: Readers,
    builds: Iterable[BuildStep],
    today: date,
) -> Plan:
    """Work out the plan.

    Args:
        against: what the files are compared with, in words.
        mesh: the mesh as the files say it.
        changed: products, each with what it promised before.
        readers: who reads which column.
        builds: what a build would make.
        today: the day on which agreements are judged.
    """
    planned = [(changes, _product(changes, mesh, readers)) for changes in changed]
    found = [
        finding
        for changes, product in planned
        for finding in _findings(changes, product, mesh, today)
    ]
    products = tuple(product for _, product in planned if _says_something(product))
    return Plan(against, products, tuple(builds), tuple(found))


def _says_something(product: ProductPlan) -> bool:
    return bool(product.changes) or product.level is not None or product.known_as is None


def _product(changes: ProductChanges, mesh: Mesh, readers: Readers) -> ProductPlan:
    planned = [
        *(_around(changes, change, mesh, readers) for change in changes.envelope),
        *(item for port in changes.ports for item in _port(changes, port, mesh, readers)),
    ]
    planned.sort(key=lambda item: -item.change.level)
    return ProductPlan(
        changes.name,
        changes.before.known_as if changes.before else None,
        changes.level,
        tuple(planned),
        tuple(version_steps(changes)),
    )


def _around(changes: ProductChanges, change: Change, mesh: Mesh, readers: Readers) -> PlannedChange:
    """A change of the descriptor; what breaks reaches all readers of its ports, or of one."""
    ports = [port for port in changes.ports if port.before is not None]
    named = [port for port in ports if f"name={port.name.base}" in change.path.split("/")[1]]
    reached = {
        consumer.product: consumer
        for port in named or ports
        for consumer in affected(change, port, mesh, readers)
    }
    place = changes.now.place if changes.now else None
    return PlannedChange(changes.name, None, change, tuple(reached.values()), place)


def _port(
    changes: ProductChanges, port: PortChanges, mesh: Mesh, readers: Readers
) -> Iterator[PlannedChange]:
    own = (port.own,) if port.own else ()
    if not own and not port.changes:
        return
    contract = port.now.contract if port.now else None
    document = parse_document(contract.text, contract.place.file) if contract else None
    for change in (*own, *port.changes):
        reached = tuple(affected(change, port, mesh, readers))
        place = document.place(change.spot) if document else None
        yield PlannedChange(changes.name, port.name.path, change, reached, place)


def _findings(
    changes: ProductChanges, product: ProductPlan, mesh: Mesh, today: date
) -> Iterator[Finding]:
    if finding := too_small(changes.name, product.versions):
        yield finding
    for port in changes.ports:
        if port.level is Level.MAJOR:
            reached = {
                affected.product: affected
                for item in product.changes
                if item.port == port.name.path and item.change.level is Level.MAJOR
                for affected in item.consumers
                if affected.direct
            }
            yield from unagreed(changes, port, reached, consumers(port, mesh), today)
