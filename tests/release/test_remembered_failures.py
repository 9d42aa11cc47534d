"""A build that ends before it begins is remembered; a cause that is gone is forgiven."""

from __future__ import annotations

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from mesh_platform.state.records import State
from tests.small_mesh import ORDERS, SmallMesh


def test_a_source_that_vanished_is_remembered_with_product_and_place(mesh: SmallMesh) -> None:
    mesh.delete(f"{ORDERS}/orders.csv")
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    line = mesh.line(f"{ORDERS}/product.odps.yaml", "- name: orders_file")
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason == (
        "shop/orders: input port `orders_file`: the file `orders.csv` does not exist\n"
        f"  at: {ORDERS}/product.odps.yaml:{line}:5\n"
        "  try: put the file back, or correct `location`"
    )
    attempt = workspace.registry.last_attempts()["shop/orders"]
    assert (attempt.state, attempt.reason) == (State.FAILED, outcome.reason)
    assert workspace.registry.unfinished("shop/orders") == []


def test_what_nobody_foresaw_before_the_build_began_is_remembered(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    mesh.write(".mesh/dev/domains/shop", "a file where the domain's folder belongs")
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.verdict is Verdict.FAILED
    assert (outcome.reason or "").startswith("shop/orders: error of the kind FileExistsError ")
    attempt = workspace.registry.last_attempts()["shop/orders"]
    assert (attempt.state, attempt.reason) == (State.FAILED, outcome.reason)
    assert workspace.registry.unfinished("shop/orders") == []


def test_a_failure_whose_cause_is_gone_is_withdrawn(mesh: SmallMesh) -> None:
    mesh.delete(f"{ORDERS}/orders.csv")
    workspace = Workspace.open(mesh.root)
    release_product(workspace, workspace.mesh.product("shop/orders"))
    workspace.registry.withdraw_failures("shop/orders")
    assert workspace.registry.last_attempts()["shop/orders"].state is State.WITHDRAWN
