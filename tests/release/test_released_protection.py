"""What a release protects stays protected while its files cannot be read, or say less."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.release.build import _Build, release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from tests.lineage.test_mesh_lineage import MODEL
from tests.small_mesh import ORDERS, REVENUE, SmallMesh, write_mesh

pytestmark = pytest.mark.slow
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


RULE_QUERY = (
    "query: select (select sum(orders) from ${object}) - (select count(*) from shop.orders)\n"
)
CHANGES = [_tab, _deleted, _lowered, _copied]


def _build(mesh: SmallMesh) -> ProductOutcome:
    return _release(Workspace.open(mesh.root), "report/revenue")


def _release(workspace: Workspace, name: str) -> ProductOutcome:
    return release_product(workspace, workspace.mesh.product(name))


def _change_registry(mesh: SmallMesh, statement: str) -> None:
    with closing(sqlite3.connect(Workspace.open(mesh.root).registry_file)) as database:
        database.execute(statement)
        database.commit()


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


def test_without_a_registry_nothing_is_known_and_nothing_breaks(tmp_path: Path) -> None:
    mesh = write_mesh(tmp_path / "mesh")
    _tab(mesh)
    workspace = Workspace.open(mesh.root)
    assert not workspace.mesh.released
    assert not workspace.home.exists()


@pytest.mark.parametrize("change", CHANGES)
def test_a_rule_that_fails_shows_no_value(
    built: SmallMesh, change: Callable[[SmallMesh], None]
) -> None:
    change(built)
    rule = "select count(*) from shop.orders where cast(customer as integer) > 0"
    built.edit(f"{REVENUE}/revenue.odcs.yaml", RULE_QUERY, f"query: {rule}\n")
    reason = _build(built).reason or ""
    assert "Conversion Error (nothing else is shown of it" in reason


def test_what_counts_is_the_release_that_is_read(built: SmallMesh) -> None:
    """The provider raises its classification while the consumer waits for its turn."""
    _lowered(built)
    workspace = Workspace.open(built.root)
    assert _release(workspace, "shop/orders").verdict is Verdict.RELEASED
    built.write(MODEL, COPY)
    workspace = Workspace.open(built.root)
    waiting = _Build(workspace, workspace.mesh.product("report/revenue"), lambda *_: None)
    built.edit(PROMISE, "classification: public", "classification: restricted")
    assert _release(Workspace.open(built.root), "shop/orders").verdict is Verdict.RELEASED
    with pytest.raises(PromiseBrokenError, match="which is `restricted`"):
        waiting.run(full=False)


def test_data_of_which_nobody_can_tell_how_it_is_protected_is_not_read(built: SmallMesh) -> None:
    _change_registry(built, "delete from contract")
    _tab(built)
    built.write(MODEL, COPY)
    assert (_build(built).reason or "").startswith(
        "report/revenue: `shop/orders` is not read: its contract cannot be read, and the registry"
        " does not hold what release 1 promised"
    )


def test_a_kept_promise_that_cannot_be_read_stops_no_command(built: SmallMesh) -> None:
    _change_registry(built, "update contract set text = 'no: [contract'")
    _tab(built)
    assert Workspace.open(built.root).mesh.released == {}


def test_what_dbt_keeps_for_itself_is_for_its_owner_alone(built: SmallMesh) -> None:
    kept = built.path(".mesh/dev/domains/shop/dbt")
    assert kept.stat().st_mode & 0o777 == 0o700
    assert (kept / "target" / "partial_parse.msgpack").exists()
