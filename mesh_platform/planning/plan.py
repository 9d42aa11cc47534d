"""The plan: what a change of the files would do, as one value that commands show.

Everything is worked out here from values; nothing is read, run or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from mesh_platform.contract_diff.values import Change, Kind, Level, in_words
from mesh_platform.errors import Place
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.planning.agreed import breaking, stand, unagreed
from mesh_platform.planning.cost import BuildStep, Cost, total
from mesh_platform.planning.impact import Affected, Readers, Stand, affected, consumers
from mesh_platform.planning.met import met
from mesh_platform.planning.promises import PortChanges, ProductChanges
from mesh_platform.planning.versions import VersionStep, too_small, version_steps, went_back

NOT_COMPARED = "plan.not-compared"


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
    """Hold what happens to one product; one that is `gone` has no files any more."""

    name: ProductName
    known_as: str | None
    level: Level | None
    changes: tuple[PlannedChange, ...]
    versions: tuple[VersionStep, ...]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what a change would do to promises, consumers and data, and what stands against it.

    Of the products in `unread`, whose files have errors, nothing is known; of those in
    `undescribed`, whose releases kept not all they promised, not everything. Nothing is built of
    the domains in `broken`, whose files have errors.
    """

    against: str
    products: tuple[ProductPlan, ...]
    builds: tuple[BuildStep, ...]
    findings: tuple[Finding, ...]
    unread: tuple[ProductName, ...] = ()
    undescribed: tuple[ProductName, ...] = ()
    broken: tuple[str, ...] = ()
    option: str = ""
    """Names the environment on the command line, for what the plan advises."""

    @property
    def cost(self) -> Cost | None:
        """Return what all builds together would write and take.

        None where nothing is known of it.
        """
        return total(self.builds)

    @property
    def reached(self) -> frozenset[ProductName]:
        """Products that read themselves what breaks."""
        return frozenset(
            consumer.product
            for product in self.products
            for planned in product.changes
            if planned.change.level is Level.MAJOR
            for consumer in planned.consumers
            if consumer.direct
        )

    def joined_by(self, findings: Iterable[Finding]) -> Plan:
        """The same plan with more findings, each once, those that block first."""
        known = dict.fromkeys((*self.findings, *findings))
        found = sorted(known, key=lambda finding: not finding.blocking)
        return replace(self, findings=tuple(found))

    @property
    def uncompared(self) -> tuple[Finding, ...]:
        """Return what says that a product could not be compared with what it promised before."""
        return tuple(finding for finding in self.findings if finding.code == NOT_COMPARED)


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
    changed = tuple(changed)
    before = {p.before.name: p.before.text for c in changed for p in c.ports if p.before}
    planned = [(changes, _product(changes, mesh, readers, today)) for changes in changed]
    found = [
        finding
        for changes, product in planned
        for finding in (
            *_findings(changes, product, mesh, today),
            *met(changes, before, mesh, readers),
        )
    ]
    products = tuple(product for _, product in planned if _says_something(product))
    return Plan(against, products, tuple(builds), tuple(found))


def _says_something(product: ProductPlan) -> bool:
    return bool(product.changes) or product.level is not None or product.known_as is None


def _product(changes: ProductChanges, mesh: Mesh, readers: Readers, today: date) -> ProductPlan:
    reach = _Reach(changes, mesh, readers, today)
    planned = [*reach.around(), *(item for port in changes.ports for item in reach.of(port))]
    planned.sort(key=lambda item: -item.change.level)
    return ProductPlan(
        changes.name,
        changes.before.known_as if changes.before else None,
        changes.level,
        tuple(planned),
        tuple(version_steps(changes)),
        changes.now is None,
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whom the changes of one product reach."""

    changes: ProductChanges
    mesh: Mesh
    readers: Readers
    today: date

    def around(self) -> Iterator[PlannedChange]:
        """Changes of the descriptor; what breaks reaches all readers of its ports, or of one."""
        envelope = self.changes.envelope
        for change, place in zip(envelope, self.changes.places(), strict=True):
            reached = {
                consumer.product: consumer
                for port in self.changes.ports
                if port.before is not None and port.concerned_by(change)
                for consumer in self._affected(change, port)
            }
            told = self._with_owner(change)
            yield PlannedChange(self.changes.name, None, told, tuple(reached.values()), place)

    def of(self, port: PortChanges) -> Iterator[PlannedChange]:
        """Changes of one port, and that it comes or goes."""
        found = (*([port.own] if port.own else []), *port.changes)
        for change, place in zip(found, port.places(found), strict=True) if found else ():
            reached = tuple(self._affected(change, port))
            yield PlannedChange(self.changes.name, str(port.name), change, reached, place)

    def _with_owner(self, change: Change) -> Change:
        """Whoever drops a product's team is told who answers for it then."""
        now = self.changes.now
        if now is None or now.team is not None or change.kind is not Kind.REMOVE:
            return change
        if change.path not in ("/team", "/team/name"):
            return change
        team = self.mesh.domain(now.name.domain).team
        said = f"{in_words(change)}; the owner of the domain, {team}, answers for it"
        return replace(change, message=said)

    def _affected(self, change: Change, port: PortChanges) -> list[Affected]:
        def stand_of(consumer: Product, item: PortInput) -> Stand:
            return stand(self.changes, port, consumer, item, self.today)

        return affected(change, port, self.mesh, self.readers, stand_of)


def _findings(
    changes: ProductChanges, product: ProductPlan, mesh: Mesh, today: date
) -> Iterator[Finding]:
    if any(not step.enough for step in product.versions):
        yield too_small(changes, product.versions, _readers(changes, mesh))
    else:
        yield from went_back(changes)
    for port in changes.ports:
        if not port.kept or breaking(changes, port):
            reached = [
                (item.change, affected)
                for item in product.changes
                if item.change.level is Level.MAJOR and _is_about(item, port)
                for affected in item.consumers
                if affected.direct
            ]
            yield from unagreed(changes, port, reached, consumers(port, mesh), today)


def _readers(changes: ProductChanges, mesh: Mesh) -> dict[PortName, list[str]]:
    """Products that read each port, whatever they use of it."""
    return {
        port.now.name: [str(consumer.name) for consumer, _ in consumers(port, mesh)]
        for port in changes.ports
        if port.now is not None
    }


def _is_about(item: PlannedChange, port: PortChanges) -> bool:
    return item.port == str(port.name) if item.port else port.concerned_by(item.change)
