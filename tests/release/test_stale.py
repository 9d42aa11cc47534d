from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.release import retire, stale
from mesh_platform.release.build import release_product
from mesh_platform.release.inputs import Inputs
from mesh_platform.release.outcome import Verdict
from mesh_platform.release.publish import roll_back
from mesh_platform.release.stale import needs
from mesh_platform.state.records import Attempt, State
from tests.planned import CONTRACT, RENAMED, acknowledge, in_step
from tests.release.staging import begin, release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


def _needs(mesh: SmallMesh, *, full: bool = False) -> list[tuple[str, bool, str]]:
    workspace = Workspace.open(mesh.root)
    products = workspace.mesh.in_order(workspace.mesh.products)
    found = needs(workspace, products, full=full)
    return [(str(need.product.name), need.stale, need.reason) for need in found]


def _both_released(mesh: SmallMesh) -> Workspace:
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    release(workspace, "report/revenue")
    return workspace


def test_a_new_mesh_needs_everything(mesh: SmallMesh) -> None:
    assert _needs(mesh) == [
        ("shop/orders", True, "never released"),
        ("report/revenue", True, "shop/orders will have a new release"),
    ]


def test_nothing_is_needed_after_a_build(mesh: SmallMesh) -> None:
    _both_released(mesh)
    assert _needs(mesh) == [
        ("shop/orders", False, "up to date with release 1"),
        ("report/revenue", False, "up to date with release 1"),
    ]


def test_full_asks_for_everything(mesh: SmallMesh) -> None:
    _both_released(mesh)
    assert [need[1:] for need in _needs(mesh, full=True)] == [(True, "asked for with --full")] * 2


def test_a_change_reaches_the_consumers(mesh: SmallMesh) -> None:
    _both_released(mesh)
    mesh.land_orders("9,ann,1,paid\n")
    assert _needs(mesh) == [
        ("shop/orders", True, "code, contract or inputs have changed"),
        ("report/revenue", True, "shop/orders will have a new release"),
    ]


def test_a_change_of_the_consumer_leaves_its_provider(mesh: SmallMesh) -> None:
    _both_released(mesh)
    mesh.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")
    assert [need[1] for need in _needs(mesh)] == [False, True]


def test_a_source_file_that_vanished_is_the_reason(mesh: SmallMesh) -> None:
    _both_released(mesh)
    mesh.delete(f"{ORDERS}/orders.csv")
    assert _needs(mesh)[0] == (
        "shop/orders",
        True,
        "input port `orders_file`: the file `orders.csv` does not exist",
    )


def test_a_failed_attempt_leaves_the_product_stale(mesh: SmallMesh) -> None:
    workspace = _both_released(mesh)
    mesh.land_orders("9,ann,1,paid\n")
    attempt = begin(workspace, "shop/orders")
    workspace.registry.record(attempt.id, State.FAILED, (), (), reason="x")
    assert _needs(mesh)[0][1]


def test_a_rollback_holds_until_something_changes(mesh: SmallMesh) -> None:
    workspace = _both_released(mesh)
    mesh.land_orders("9,ann,1,paid\n")
    release(workspace, "shop/orders")
    roll_back(workspace, workspace.mesh.product("shop/orders"), 1)
    assert _needs(mesh) == [
        ("shop/orders", False, "up to date; held at release 1 by a rollback"),
        ("report/revenue", False, "up to date with release 1"),
    ]
    mesh.land_orders("10,ann,1,paid\n")
    assert _needs(mesh)[0] == ("shop/orders", True, "code, contract or inputs have changed")


def test_a_rolled_back_provider_makes_its_consumer_stale(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    release(workspace, "shop/orders")
    release(workspace, "report/revenue")
    roll_back(workspace, workspace.mesh.product("shop/orders"), 1)
    assert [need[1] for need in _needs(mesh)] == [False, True]


def test_products_that_read_each_other_do_not_stop_the_question(mesh: SmallMesh) -> None:
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "inputPorts:\n",
        "inputPorts:\n  - {name: back, contractId: report/revenue}\n",
    )
    assert sorted(_needs(mesh)) == [
        ("report/revenue", True, "shop/orders will have a new release"),
        ("shop/orders", True, "never released"),
    ]


def _ended(mesh: SmallMesh) -> None:
    """`shop/orders` offers version 2 only, and the report's team knows."""
    mesh.edit(CONTRACT, *RENAMED)
    in_step(mesh, "2.0.0")
    acknowledge(mesh)


def test_a_consumer_that_agreed_waits_with_its_last_release(mesh: SmallMesh) -> None:
    _both_released(mesh)
    _ended(mesh)
    waits = ("report/revenue", False, "waits: reads `shop/orders`, which is no longer offered")
    changed = ("shop/orders", True, "code, contract or inputs have changed")
    assert _needs(mesh) == [changed, waits]
    assert _needs(mesh, full=True)[1] == waits
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    assert _needs(mesh) == [("shop/orders", False, "up to date with release 2"), waits]
    outcome = release_product(workspace, workspace.mesh.product("report/revenue"), full=True)
    assert outcome.release is not None
    assert (outcome.verdict, outcome.reason, outcome.release.number) == (
        Verdict.WAITS,
        waits[2],
        1,
    )
    assert len(workspace.registry.releases("report/revenue")) == 1


def test_a_consumer_without_a_release_has_nothing_to_wait_with(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    _ended(mesh)
    assert _needs(mesh)[1] == ("report/revenue", True, "shop/orders will have a new release")


def test_what_fails_for_one_product_is_its_reason_and_the_others_are_judged(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    _both_released(mesh)
    resolve = stale.resolve

    def fails(product: Product, released: dict[str, Attempt], mesh: Mesh, option: str) -> Inputs:
        if product.name.domain == "report":
            raise LookupError("a secret")
        return resolve(product, released, mesh, option)

    monkeypatch.setattr(stale, "resolve", fails)
    assert _needs(mesh) == [
        ("shop/orders", False, "up to date with release 1"),
        ("report/revenue", True, "its files cannot be compared: `LookupError`"),
    ]


def test_a_consumer_that_agreed_does_not_wait_for_a_provider_that_cannot_be_read(
    mesh: SmallMesh,
) -> None:
    _both_released(mesh)
    agreed = "{port: shop/orders, version: 2.0.0, by: Rita, until: 2027-01-31}"
    mesh.write(f"{REVENUE}/acknowledgements.yaml", f"acknowledgements:\n  - {agreed}\n")
    mesh.write(f"{ORDERS}/product.odps.yaml", "id: [\n")
    assert _needs(mesh) == [("report/revenue", False, "up to date with release 1")]
    assert retire.gone(Workspace.open(mesh.root)) == []
