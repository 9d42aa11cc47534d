"""Withholds what reads around its input ports, by the same findings as `mesh check`."""

from __future__ import annotations

from datetime import date

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.lineage.findings import UNDECLARED
from mesh_platform.model.mesh import Product
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.policies.governance import READS_DECLARED, Governance


def refuse_undeclared_reads(workspace: Workspace, product: Product, today: date) -> None:
    """Refuse a product whose models read what is no input port of it.

    Where a policy judges that, `mesh check` and a waiver decide, and the release goes on.

    Raises:
        PromiseBrokenError: a model reads such a thing.
    """
    reads = reads_of(MeshSql(workspace), [product.name])
    found = [f for f in reads.findings if f.code == UNDECLARED and f.blocking]
    if found and not Governance.of(workspace.mesh, today).judges(READS_DECLARED):
        first = found[0]
        raise PromiseBrokenError(
            f"{product.name}: {first.message}", place=first.place, fix=first.fix
        )
