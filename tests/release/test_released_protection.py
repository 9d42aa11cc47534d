"""What a release protects stays protected while its files cannot be read, or say less."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from tests.lineage.test_mesh_lineage import MODEL
from tests.small_mesh import ORDERS, SmallMesh

PROMISE = f"{ORDERS}/orders.odcs.yaml"
COPY = """\
select customer as status, count(*) as orders, sum(amount) as amount
from {{ source('shop', 'orders') }}
group by all
"""
RAISES = """\
select status, count(*) as orders, sum(amount) as amount
from {{ source('shop', 'orders') }}
where cast(customer as integer) > 0
group by status
"""
SAID = (
    "column `status` of `report/revenue` is not classified and holds values of "
    "`shop.orders.customer`, which is `restricted`"
)


@pytest.fixture
def built(mesh: SmallMesh) -> SmallMesh:
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.verdict is Verdict.RELEASED
    return mesh


def _tab(mesh: SmallMesh) -> None:
    mesh.edit(PROMISE, "schema:", "\tschema:")


def _deleted(mesh: SmallMesh) -> None:
    mesh.path(PROMISE).unlink()


def _lowered(mesh: SmallMesh) -> None:
    mesh.edit(PROMISE, "classification: restricted", "classification: public")


def _copied(mesh: SmallMesh) -> None:
    """Keep an older state of the product, in which nothing was classified, as a second folder."""
    shutil.copytree(mesh.path(ORDERS), mesh.path(f"{ORDERS}_old"))
    mesh.edit(f"{ORDERS}_old/orders.odcs.yaml", "classification: restricted", "tags: []")


CHANGES = [_tab, _deleted, _lowered, _copied]


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product("report/revenue"))


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_is_withheld(built: SmallMesh, change: Callable[[SmallMesh], None]) -> None:
    change(built)
    built.write(MODEL, COPY)
    outcome = _build(built)
    assert outcome.verdict is Verdict.FAILED
    assert (outcome.reason or "").startswith(f"report/revenue: {SAID}")


@pytest.mark.parametrize("change", [_tab, _deleted, _copied])
def test_check_knows_it_too(built: SmallMesh, change: Callable[[SmallMesh], None]) -> None:
    change(built)
    built.write(MODEL, COPY)
    found = check_mesh(Workspace.open(built.root), ["report"]).findings
    assert SAID in [each.message for each in found if each.blocking]


@pytest.mark.parametrize("change", CHANGES)
def test_an_error_of_the_engine_shows_no_value(
    built: SmallMesh, change: Callable[[SmallMesh], None]
) -> None:
    change(built)
    built.write(MODEL, RAISES)
    reason = _build(built).reason or ""
    assert "Conversion Error (nothing else is shown of it" in reason


def test_a_consumer_of_a_product_with_errors_is_built(built: SmallMesh) -> None:
    _tab(built)
    built.write(MODEL, f"{built.read(MODEL)}-- changed\n")
    assert _build(built).verdict is Verdict.RELEASED
    assert Workspace.open(built.root).mesh.readable(
        Workspace.open(built.root).mesh.product("report/revenue")
    ).keys() >= {("shop", "orders")}


def test_without_a_registry_nothing_is_known_and_nothing_breaks(mesh: SmallMesh) -> None:
    _tab(mesh)
    workspace = Workspace.open(mesh.root)
    assert not workspace.mesh.released
    assert not workspace.home.exists()
