"""What a build keeps of a source is its own: damage there is no fault of the source."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.inputs import landing_cache, refuse_unreadable, resolve, source_views
from tests.small_mesh import ORDERS, SmallMesh


def test_damage_in_what_was_kept_of_a_source_is_told_as_such_and_mended_by_a_build(
    mesh: SmallMesh,
) -> None:
    mesh.land_orders("".join(f"{row},ann{row},{row}.5,paid\n" for row in range(9000)))
    workspace = Workspace.open(mesh.root)
    product = workspace.mesh.product("shop/orders")
    inputs, cache = resolve(product, {}), landing_cache(workspace, product)
    source_views(workspace, product, inputs)
    [kept] = cache.glob("*.parquet")
    content = bytearray(kept.read_bytes())
    content[500:20_000] = bytes(byte ^ 0x5A for byte in content[500:20_000])
    kept.write_bytes(content)
    with pytest.raises(MeshError) as told:
        refuse_unreadable(inputs, source_views(workspace, product, inputs), cache, whole=True)
    line = mesh.line(f"{ORDERS}/product.odps.yaml", "- name: orders_file")
    assert str(told.value) == (
        "input port `orders_file`: what a build has kept of `orders.csv` is damaged, now removed\n"
        f"  at: {ORDERS}/product.odps.yaml:{line}:5\n"
        "  try: build again: the source is read anew"
    )
    refuse_unreadable(inputs, source_views(workspace, product, inputs), cache, whole=True)
