"""What plain dbt in a domain has mounted."""

from __future__ import annotations

import os

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.dbt_command import _mounted, dbt_in_domain
from tests.small_mesh import ORDERS, SmallMesh

OTHER = "domains/shop/products/others"


def _told(mesh: SmallMesh) -> tuple[list[str], list[str]]:
    told = list[str]()
    workspace = Workspace.open(mesh.root)
    views = _mounted(workspace, workspace.mesh.domain("shop"), told.append)
    return [f"{view.schema}.{view.name}" for view in views], told


def test_a_file_that_two_products_call_alike_is_not_mounted_and_told(mesh: SmallMesh) -> None:
    for name in ("product.odps.yaml", "orders.odcs.yaml", "orders.csv"):
        text = mesh.read(f"{ORDERS}/{name}").replace("shop/orders", "shop/others")
        mesh.write(f"{OTHER}/{name.replace('orders.odcs', 'others.odcs')}", text)
    assert _told(mesh) == (
        [],
        ["not mounted: `landing.orders_file` is another file in one product than in another"],
    )


def test_a_file_that_one_product_has_is_mounted(mesh: SmallMesh) -> None:
    assert _told(mesh) == (["landing.orders_file"], [])


@pytest.mark.parametrize("name", ["tests/wait.sql", "products/orders/more.yml", "macros/m.sql"])
def test_a_pipe_for_which_dbt_would_wait_is_refused(mesh: SmallMesh, name: str) -> None:
    path = mesh.path(f"domains/shop/{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    workspace = Workspace.open(mesh.root)
    with pytest.raises(MeshError) as caught:
        dbt_in_domain(workspace, workspace.mesh.domain("shop"), ["ls"], print)
    assert str(caught.value) == (
        f"`{path.name}` is a named pipe, not a file: dbt may wait for it for ever\n"
        f"  at: domains/shop/{name}\n"
        "  try: remove it, or put a plain file in its place"
    )
