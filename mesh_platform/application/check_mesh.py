"""Checks contracts, descriptors, names, generated files and policies, without reading data.

`mesh check` and the job `check_mesh` in Dagster both call it: their verdicts are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mesh_platform.governance.findings import Counts
from mesh_platform.meanwhile import Meanwhile
from mesh_platform.model.findings import Finding, outcome_of
from mesh_platform.model.generated import drift
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.selection import Selection
from mesh_platform.planning.agreed import expired_words
from mesh_platform.release.keepable import findings_on_promises
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.policies.governance import READS_DECLARED, Governance
from mesh_platform.release.policies.maturity import model_findings
from mesh_platform.release.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CheckedMesh:
    """What was found, in how many products and domains, by how many policies."""

    findings: tuple[Finding, ...]
    products: int
    domains: int
    policies: int
    counts: Counts

    @property
    def outcome(self) -> str:
        """The worst of all findings."""
        return outcome_of(self.findings)


def check_mesh(workspace: Workspace, expressions: Sequence[str] = ()) -> CheckedMesh:
    """Check the whole mesh, or what expressions select.

    A finding that names another product, or lies in its folder, is left out; one of a domain as a
    whole concerns each of its products.

    Raises:
        MeshError: an expression names nothing.
    """
    mesh, today = workspace.mesh, datetime.now(UTC).date()
    chosen = chosen_domains(mesh, expressions)
    concerns = _concerns(mesh, expressions)
    products = [p for domain in chosen for p in domain.products if concerns(str(p.name))]
    files = Meanwhile(lambda: _of_files(mesh, chosen))
    reads = reads_of(MeshSql(workspace), [product.name for product in products])
    findings = [*files.result(), *(f for f in expired_words(mesh, today) if f.product)]
    governance = Governance.of(mesh, today, reads)
    findings += reads.told_once(judged=governance.judges(READS_DECLARED))
    names = {domain.name for domain in chosen} if expressions else None
    objections, counts = governance.check(names)
    findings += [*model_findings(mesh, governance.rules), *objections]
    return CheckedMesh(
        findings=tuple(f for f in findings if concerns(_owner(mesh, f))),
        products=len(products),
        domains=len(chosen),
        policies=sum(rule.measured for rule in governance.rules),
        counts=counts,
    )


def chosen_domains(mesh: Mesh, expressions: Sequence[str]) -> tuple[Domain, ...]:
    """Domains that expressions reach, also by products that cannot be read.

    Raises:
        MeshError: an expression names nothing.
    """
    selection = Selection.of(mesh, expressions)
    selection.check(mesh.unread)
    return tuple(domain for domain in mesh.domains if selection.reaches(domain.name))


def _concerns(mesh: Mesh, expressions: Sequence[str]) -> Callable[[str | None], bool]:
    """Whether what belongs to a product, by name, is asked for; None is of no single product."""
    selection = Selection.of(mesh, expressions)
    names = {str(name) for name in selection.known} | selection.words

    def concerned(owner: str | None) -> bool:
        whole = selection.everything or owner is None
        return whole or owner in names or str(owner).split("/")[0] in names

    return concerned


def _owner(mesh: Mesh, finding: Finding) -> str | None:
    """The product that a finding names, or in whose folder it lies."""
    if finding.product:
        return finding.product
    match (mesh.root / finding.place.file).parts[len(mesh.folder.parts) :]:
        case (domain, "products", product, _, *_):
            return f"{domain}/{product}"
    return None


def _of_files(mesh: Mesh, domains: Sequence[Domain]) -> list[Finding]:
    """What is wrong in the files of some domains, each held against the rest of the mesh."""
    found = [f for domain in domains for f in (*domain.findings, *drift(mesh, domain))]
    return [*found, *findings_on_promises(mesh, domains)]
