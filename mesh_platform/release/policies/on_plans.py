"""What policies say of a plan: of its changes, and of the products that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mesh_platform.governance.findings import policy_findings
from mesh_platform.governance.subjects import ChangeSubject, MeshSubject, ProductSubject
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.impact import Stand
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep
from mesh_platform.release.lineage.reads import Reads
from mesh_platform.release.policies.governance import READS_DECLARED, Governance


def policies_on(
    mesh: Mesh, made: Plan, today: date, reads: Reads, domains: frozenset[str]
) -> tuple[list[Finding], int]:
    """What all policies find in what a plan changes; of the rest of some domains, what blocks.

    Args:
        mesh: the mesh as the files say it.
        made: the plan.
        today: the day on which policies and waivers are judged.
        reads: what the SQL of the products that change reads.
        domains: those whose own files have changed.

    Returns:
        The findings, and how many more block in what the plan leaves alone.
    """
    planned = {product.name: product for product in made.products}
    governance = Governance.of(mesh, today, reads)
    judged = governance.measure({"change": [*_changes(governance.subject(), planned)]})
    names = {None, *map(str, planned)}
    inside = {name.domain for name in planned}
    files, elsewhere = list[Finding](), 0
    whole = {domain.name for domain in mesh.domains} - set(made.broken)
    for finding in governance.check()[0]:
        if (finding.product in names and governance.concerns(finding, inside)) or (
            finding.blocking and governance.concerns(finding, domains)
        ):
            files.append(finding)
        else:
            elsewhere += finding.blocking and governance.concerns(finding, whole)
    found = [
        *policy_findings(mesh, judged, today),
        *files,
        *reads.told_once(judged=governance.judges(READS_DECLARED)),
    ]
    return found, elsewhere


def _changes(mesh: MeshSubject, planned: dict[ProductName, ProductPlan]) -> Iterator[ChangeSubject]:
    for domain in mesh.domains:
        for product in domain.products:
            if (known := planned.get(product.product.name)) is not None:
                yield from _of_product(product, known)


def _of_product(product: ProductSubject, known: ProductPlan) -> Iterator[ChangeSubject]:
    """Changes that ask for a version; what was never released may change freely."""
    steps = {str(step.port or product.name): step for step in known.versions}
    for change in known.changes:
        step = steps.get(change.port or product.name) or steps.get(product.name)
        if step is not None:
            yield _subject(product, change, step)


def _subject(product: ProductSubject, planned: PlannedChange, step: VersionStep) -> ChangeSubject:
    """The change as policies see it."""
    return ChangeSubject(
        planned.change,
        product,
        before=step.before,
        after=step.now,
        port=next((port for port in product.ports if port.name == planned.port), None),
        consumers=tuple(str(reached.product) for reached in planned.consumers),
        acknowledged=tuple(str(r.product) for r in planned.consumers if r.stand is not Stand.READS),
        at=planned.place,
    )
