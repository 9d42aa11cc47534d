"""Apply policies to a plan: to its changes, and to the products that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from mesh_platform.governance.findings import policy_findings
from mesh_platform.governance.subjects import (
    ChangeSubject,
    MeshSubject,
    PortSubject,
    ProductSubject,
)
from mesh_platform.lineage.findings import SURELY_FAILS
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.impact import Stand
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep
from mesh_platform.release.lineage.reads import Reads
from mesh_platform.release.policies.governance import READS_DECLARED, Governance


@dataclass(frozen=True, slots=True)
class Scope:
    """Hold what policies ask of a plan.

    `products` have another promise, other code or other files than before. Files of `domains`,
    outside their products, have changed; of those in `unknown` nobody can tell.
    """

    products: frozenset[ProductName]
    domains: frozenset[str]
    unknown: frozenset[str] = frozenset()

    @property
    def near(self) -> frozenset[str]:
        """Return the domains in which something changes."""
        return self.domains | {name.domain for name in self.products}


def policies_on(mesh: Mesh, made: Plan, today: date, reads: Reads, scope: Scope) -> list[Finding]:
    """Return what policies find in what a plan changes: all in other promises, else what blocks.

    Domains in which nothing changes are not judged, but for what is said of a domain itself where
    nobody can tell whether it changed.

    Args:
        mesh: the mesh as the files say it.
        made: the plan.
        today: the day on which policies and waivers are judged.
        reads: what the SQL of the products reads that change, or that read what breaks.
        scope: what the change is about.
    """
    planned = {product.name: product for product in made.products}
    governance = Governance.of(mesh, today, reads)
    whole = governance.subject()
    judged = governance.measure({"change": [*_changes(whole, planned)]})
    unknown = scope.unknown - scope.near
    others = [d for d in whole.domains if d.name in unknown and not d.unreadable]
    near, _ = governance.check(scope.near, {"mesh": [whole], "domain": others})
    return [
        *policy_findings(mesh, judged, today),
        *(found for found in near if _is_told(found, governance, scope, planned)),
        *_read(reads, governance, scope),
    ]


def _read(reads: Reads, governance: Governance, scope: Scope) -> Iterator[Finding]:
    """Yield what lineage finds of what changes; of who only reads it, what surely fails.

    What stops a whole domain concerns each of its products.
    """
    names = set(map(str, scope.products))
    for finding in reads.told_once(judged=governance.judges(READS_DECLARED)):
        stopped = finding.stops_domain and finding.domain in {None, *scope.near}
        if finding.product in names or finding.code in SURELY_FAILS or stopped:
            yield finding


def _is_told(
    finding: Finding, governance: Governance, scope: Scope, planned: Collection[ProductName]
) -> bool:
    """Tell whether it is about what changes; what only warns, about another promise."""
    if finding.product is None or finding.product in map(str, planned):
        return finding.blocking or governance.concerns(finding, {name.domain for name in planned})
    touched = finding.product in map(str, scope.products)
    return finding.blocking and (touched or governance.concerns(finding, scope.domains))


def _changes(mesh: MeshSubject, planned: dict[ProductName, ProductPlan]) -> Iterator[ChangeSubject]:
    for domain in mesh.domains:
        for product in domain.products:
            if (known := planned.get(product.product.name)) is not None:
                yield from _of_product(product, known)


def _of_product(product: ProductSubject, known: ProductPlan) -> Iterator[ChangeSubject]:
    """Yield the changes that ask for a version; what was never released may change freely."""
    steps = {str(step.port or product.name): step for step in known.versions}
    for change in known.changes:
        step = steps.get(change.port or product.name) or steps.get(product.name)
        if step is not None:
            yield _subject(product, change, step)


def _subject(product: ProductSubject, planned: PlannedChange, step: VersionStep) -> ChangeSubject:
    """Return a change as policies see it."""
    port = next((port for port in product.ports if port.name == planned.port), None)
    agreed = {str(r.product) for r in planned.consumers if r.stand is not Stand.READS}
    agreed |= set(_agreed(port, planned, step)) if port else set()
    return ChangeSubject(
        planned.change,
        product,
        before=step.before,
        after=step.now,
        port=port,
        consumers=tuple(str(reached.product) for reached in planned.consumers),
        acknowledged=tuple(sorted(agreed)),
        at=planned.place,
    )


def _agreed(port: PortSubject, planned: PlannedChange, step: VersionStep) -> Iterator[str]:
    """Yield the readers of a port whose agreement covers a change, also one that harms none."""
    mesh, coming = port.mesh, step.now if step.enough else step.required
    for reader in mesh.mesh.products.values():
        word = reader.acknowledgement(port.port.name)
        if word is not None and word.holds(coming, planned.change.path, mesh.today):
            yield str(reader.name)
