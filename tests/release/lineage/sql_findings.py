"""A small model and what `mesh check` says of its SQL."""

from __future__ import annotations

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.findings import Finding
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

MODEL = f"{REVENUE}/revenue.sql"
ORDERS_MODEL = f"{ORDERS}/orders.sql"
STAGING = f"{ORDERS}/stg_orders.sql"
SOURCE = "{{ source('shop', 'orders') }}"
GOOD = f"select status, count(*) as orders, sum(amount) as amount\nfrom {SOURCE}\ngroup by status\n"


def found(mesh: SmallMesh, *codes: str) -> list[Finding]:
    """The findings of `mesh check` with these codes; without any, those of this page."""
    wanted = codes or ("model.sql", "model.type")
    checked = check_mesh(Workspace.open(mesh.root))
    return [finding for finding in checked.findings if finding.code in wanted]


def read_parquet(mesh: SmallMesh) -> None:
    """Have the first product read a file with types of its own."""
    mesh.edit(f"{ORDERS}/product.odps.yaml", "value: csv", "value: parquet")
