"""What models read, held against what their products declare: by the lineage of their SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mesh_platform.governance.subjects import Read
from mesh_platform.model.findings import Finding
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.lineage.findings import UNDECLARED, lineage_findings
from mesh_platform.release.lineage.files import MeshSql


@dataclass(frozen=True, slots=True)
class Reads:
    """What lineage finds of some products; `around` is what they read without an input port."""

    findings: tuple[Finding, ...]
    around: Mapping[ProductName, tuple[Read, ...]]

    def told_once(self, *, judged: bool) -> tuple[Finding, ...]:
        """The findings; without undeclared reads where a policy judges them, and can be waived."""
        return tuple(f for f in self.findings if not (judged and f.code == UNDECLARED))


def reads_of(sql: MeshSql, names: Collection[ProductName]) -> Reads:
    """Follow the SQL of some products; of those in a domain with errors nothing is said.

    Raises:
        MeshError: a model cannot be read.
    """
    if not names:
        return Reads((), {})
    lineage, broken = sql.lineage(), {d.name for d in sql.workspace.mesh.domains if d.broken}
    found = [lineage.product(name) for name in sorted(names) if name.domain not in broken]
    around = {
        known.product: tuple(Read(read.what, read.place) for read in known.undeclared)
        for known in found
        if known.undeclared
    }
    return Reads(tuple(item for known in found for item in lineage_findings(known)), around)
