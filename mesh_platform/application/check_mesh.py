"""Checks contracts, descriptors, names, generated files and policies, without reading data.

`mesh check` and the Dagster job `check_mesh` both call it, so that their verdicts agree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mesh_platform.environments.workspace import Workspace
from mesh_platform.governance.findings import Counts
from mesh_platform.meanwhile import A_HANDFUL, Meanwhile
from mesh_platform.model.findings import Finding, outcome_of
from mesh_platform.model.generated import drift
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.naming import ProductName
from mesh_platform.model.selection import Selection
from mesh_platform.model.workspace_file import lost_locations
from mesh_platform.planning.agreed import expired_words
from mesh_platform.release.keepable import findings_on_promises
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.policies.governance import READS_DECLARED, Governance
from mesh_platform.release.policies.maturity import model_findings

_FEW, _APART = 10, 70
"""Up to so many domains, one process binds all SQL; of more, so many percent."""


@dataclass(frozen=True, slots=True)
class CheckedMesh:
    """Hold the findings of a check, and how many products, domains and policies it covered."""

    findings: tuple[Finding, ...]
    products: int
    domains: int
    policies: int
    counts: Counts

    @property
    def outcome(self) -> str:
        """Return the worst outcome of all findings."""
        return outcome_of(self.findings)


def check_mesh(workspace: Workspace, expressions: Sequence[str] = ()) -> CheckedMesh:
    """Check the whole mesh, or the part that selection expressions name.

    Leave out a finding that names a product outside the selection, or lies in its folder. Keep a
    finding on a domain as a whole, and one with which nothing of the domain is built, whichever of
    its products is selected.

    Raises:
        MeshError: an expression names nothing.
    """
    mesh, today = workspace.mesh, datetime.now(UTC).date()
    chosen = chosen_domains(mesh, expressions)
    concerns = _concerns(mesh, expressions)
    products = [p for domain in chosen for p in domain.products if concerns(str(p.name))]
    pays = len(products) > A_HANDFUL
    files = Meanwhile(lambda: _of_files(mesh, chosen), pays=pays)
    sql, asked = MeshSql(workspace), [p.name for domain in chosen for p in domain.products]
    sql.lineage()  # both processes go on from the models as they are read once
    apart, here = _shared_out(chosen, [product.name for product in products])
    of_engine = Meanwhile(lambda: sql.sql_findings(apart), pays=pays)
    reads = reads_of(sql, asked)
    findings = [*files.result(), *lost_locations(mesh.root)]
    findings += [f for f in expired_words(mesh, today) if f.product]
    governance = Governance.of(mesh, today, reads)
    names = {domain.name for domain in chosen} if expressions else None
    objections, counts = governance.check(names)
    bound = sql.sql_findings(here)
    joined = reads.joined_by((*of_engine.result(), *bound))
    findings += joined.told_once(judged=governance.judges(READS_DECLARED))
    findings += [*model_findings(mesh, governance.rules), *objections]
    return CheckedMesh(
        findings=tuple(f for f in findings if f.stops_domain or concerns(_owner(mesh, f))),
        products=len(products),
        domains=len(chosen),
        policies=sum(rule.measured for rule in governance.rules),
        counts=counts,
    )


def _shared_out(
    domains: Sequence[Domain], asked: Collection[ProductName]
) -> tuple[list[ProductName], list[ProductName]]:
    """Split products into those whose SQL another process binds, and those of this process.

    Binding starts there while lineage is read here, and takes about twice the time of what is done
    here besides: this process takes a part of a large mesh.
    """
    cut = -(-len(domains) * _APART // 100) if len(domains) > _FEW else len(domains)
    names = [
        [p.name for domain in part for p in domain.products if p.name in asked]
        for part in (domains[:cut], domains[cut:])
    ]
    return names[0], names[1]


def chosen_domains(mesh: Mesh, expressions: Sequence[str]) -> tuple[Domain, ...]:
    """Return the domains that expressions reach, also through products that cannot be read.

    Raises:
        MeshError: an expression names nothing.
    """
    selection = Selection.of(mesh, expressions)
    selection.check(mesh.unread)
    return tuple(domain for domain in mesh.domains if selection.reaches(domain.name))


def _concerns(mesh: Mesh, expressions: Sequence[str]) -> Callable[[str | None], bool]:
    """Return a function that tells whether a finding's owner is selected; None always is."""
    selection = Selection.of(mesh, expressions)
    names = {str(name) for name in selection.known} | selection.words
    domains = {name.split("/")[0] for name in names}

    def concerned(owner: str | None) -> bool:
        whole = selection.everything or owner is None or owner in domains
        return whole or owner in names or str(owner).split("/")[0] in names

    return concerned


def _owner(mesh: Mesh, finding: Finding) -> str | None:
    """Return the product of a finding: the one that it names, else that of its file."""
    if finding.product:
        return finding.product
    match (mesh.root / finding.place.file).parts[len(mesh.folder.parts) :]:
        case (domain, "products", product, _, *_):
            return f"{domain}/{product}"
    return None


def _of_files(mesh: Mesh, domains: Sequence[Domain]) -> list[Finding]:
    """Return the findings in the files of some domains, checked against the rest of the mesh."""
    found = [f for domain in domains for f in (*_of_domain(domain), *drift(mesh, domain))]
    return [*found, *findings_on_promises(mesh, domains)]


def _of_domain(domain: Domain) -> Iterator[Finding]:
    """Yield what was found when the domain was read; an error there stops all of it."""
    for finding in domain.findings:
        yield replace(finding, stops=finding.blocking)
