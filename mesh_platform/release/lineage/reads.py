"""Compare what models read, by the lineage of their SQL, with what their products declare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from mesh_platform.errors import listed
from mesh_platform.governance.subjects import Read
from mesh_platform.lineage.findings import UNDECLARED, UNVOUCHED, lineage_findings
from mesh_platform.lineage.foreign_tests import ForeignTest
from mesh_platform.model.findings import Finding, boundary
from mesh_platform.model.naming import ProductName
from mesh_platform.release.lineage.files import MeshSql


@dataclass(frozen=True, slots=True)
class Reads:
    """Hold what lineage shows of some products.

    `around` lists what they read without an input port, but what dbt cannot find. `tests` lists
    dbt tests that block on data of other domains alone.
    """

    findings: tuple[Finding, ...]
    around: Mapping[ProductName, tuple[Read, ...]]
    tests: Mapping[ProductName, tuple[Read, ...]] = field(default_factory=dict)

    def told_once(self, *, judged: bool) -> tuple[Finding, ...]:
        """Return the findings; leave out undeclared reads that a policy judges."""
        return tuple(
            f for f in self.findings if not (judged and f.code == UNDECLARED) or f.stops_domain
        )

    def joined_by(self, of_engine: Collection[Finding]) -> Reads:
        """Add what DuckDB finds in the SQL of the same models, one finding for each fault.

        Leave out what DuckDB says of a model in which a fault was found, and the doubts that follow
        from a fault in a model.
        """
        blocked = {finding.place.file for finding in self.findings if finding.blocking}
        added = [finding for finding in of_engine if finding.place.file not in blocked]
        certain = blocked | {finding.place.file for finding in added}
        kept = (
            finding
            for finding in self.findings
            if not (finding.code == UNVOUCHED and finding.place.file in certain)
        )
        return replace(self, findings=(*kept, *added))


def reads_of(sql: MeshSql, names: Collection[ProductName]) -> Reads:
    """Follow the SQL of some products; leave out those in a domain with errors."""
    if not names:
        return Reads((), {})
    lineage, broken = sql.lineage(), {d.name for d in sql.workspace.mesh.domains if d.broken}
    found = [lineage.product(name) for name in sorted(names) if name.domain not in broken]
    around = {
        known.product: read
        for known in found
        if (read := tuple(Read(r.what, r.place) for r in known.undeclared if not r.nowhere))
    }
    tests = {
        known.product: tuple(map(_read_by, known.foreign_tests))
        for known in found
        if known.foreign_tests
    }
    homes = sql.workspace.mesh.products
    findings = (
        item
        for known in found
        for item in boundary(
            "product.invalid",
            partial(lineage_findings, known),
            homes[known.product].place,
            str(known.product),
        )
    )
    return Reads((*sql.model_findings(names), *findings), around, tests)


def _read_by(test: ForeignTest) -> Read:
    ports = listed([f"`{port}`" for port in test.ports])
    return Read(f"the dbt {test.name} looks at {ports} only", test.place)
