"""What people write reaches Dagster as text, and takes no domain down."""

from __future__ import annotations

import json

from mesh_platform.model.loader import load_mesh
from mesh_platform.orchestration.assets import check_specs, landing_specs, owners, port_specs
from mesh_platform.visible import visible
from tests.small_mesh import ORDERS, SmallMesh

SLY = "a [x](javascript:1) <img src=x> # {0} \x1b[2J\u202e"


def test_a_sly_text_is_words_in_dagster(mesh: SmallMesh) -> None:
    contract, descriptor = f"{ORDERS}/orders.odcs.yaml", f"{ORDERS}/product.odps.yaml"
    said = json.dumps(SLY)
    mesh.edit("domains/shop/domain.yaml", "team: shop-team", f"team: {said}")
    mesh.edit("domains/shop/domain.yaml", "email: shop@example.com", "email: nobody")
    mesh.edit(contract, "One row per order.", said)
    mesh.edit(contract, "There is at least one order.", said)
    mesh.edit(descriptor, "description: One row per order.", f"description: {said}")
    mesh.edit(descriptor, "type: sourceAligned", "type: any type")
    domain = load_mesh(mesh.root).domain("shop")
    [product] = domain.products
    [port] = port_specs(domain, product)
    texts = [port.description, *(spec.description for spec in check_specs(product))]
    texts += [spec.description for spec in landing_specs(domain)]
    for text in filter(None, texts):
        assert not [part for part in (" [x", "<img", "\x1b", "\u202e") if part in text]
    assert len([text for text in texts if text and "\\[x\\](" in text]) == 2
    assert port.tags["mesh/type"] == "any_type"
    assert owners(domain) == [visible(f"team:{SLY}")], (
        "an address that is none is no owner in Dagster"
    )
