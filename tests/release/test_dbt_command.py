"""What plain dbt in a domain has mounted."""

from __future__ import annotations

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.dbt_command import _mounted
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
