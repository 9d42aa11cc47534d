"""What people write reaches Dagster as text, and takes no domain down."""

from __future__ import annotations

import json

import dagster as dg

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import Model
from mesh_platform.errors import MeshError
from mesh_platform.model.loader import load_mesh
from mesh_platform.orchestration.assets import (
    check_specs,
    landing_specs,
    model_specs,
    owners,
    port_specs,
)
from mesh_platform.orchestration.events import check_metadata
from mesh_platform.orchestration.failing import in_words
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
    described = Model("orders", "orders", SLY, "orders.sql", "table", (), ())
    [model] = model_specs(domain, product, (described,))
    texts = [
        port.description,
        model.description,
        *(spec.description for spec in check_specs(product)),
    ]
    texts += [spec.description for spec in landing_specs(domain)]
    for text in filter(None, texts):
        assert not [part for part in (" [x", "<img", "\x1b", "\u202e") if part in text]
    assert len([text for text in texts if text and "\\[x\\](" in text]) == 3
    assert port.tags["mesh/type"] == "any_type"
    assert owners(domain) == [visible(f"team:{SLY}")], (
        "an address that is none is no owner in Dagster"
    )


def test_a_failure_and_a_broken_row_are_words_in_dagster() -> None:
    @dg.op
    def fails() -> None:
        with in_words():
            raise MeshError(SLY, fix=SLY)

    @dg.job
    def failing() -> None:
        fails()

    [event] = [
        event
        for event in failing.execute_in_process(raise_on_error=False).all_events
        if event.is_step_failure
    ]
    failure = event.step_failure_data
    shown = visible(f"{SLY}\n  try: {SLY}")
    assert failure.user_failure_data
    assert failure.user_failure_data.description == shown
    assert failure.error
    assert (failure.error.message, failure.error.stack) == (shown, [])
    result = CheckResult(
        "t", "range", Outcome.FAILED, "error", 1.0, SLY, SLY, sample=({SLY: SLY, "n": 1},)
    )
    metadata = check_metadata(result)
    rows = metadata["broken rows"]
    assert isinstance(rows, dg.TableMetadataValue)
    assert rows.records == [dg.TableRecord({visible(SLY): visible(SLY), "n": 1})]
    assert metadata["promised"].value == visible(SLY)
