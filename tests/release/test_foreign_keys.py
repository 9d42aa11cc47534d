"""Foreign keys with real dbt: to the provider's pinned release, and to a sibling port."""

from __future__ import annotations

import pytest

from mesh_platform.checks.spec import CheckResult
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from tests.small_mesh import PAIR, REVENUE, SmallMesh, write_mesh

pytestmark = pytest.mark.slow


def _build(mesh: SmallMesh, name: str) -> tuple[Verdict, dict[str, CheckResult]]:
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product(name))
    return outcome.verdict, {f"{c.port}.{c.result.check}": c.result for c in outcome.checks}


def test_a_key_of_another_product_is_held_against_its_pinned_release(mesh: SmallMesh) -> None:
    mesh.edit(
        f"{REVENUE}/revenue.odcs.yaml",
        "        unique: true\n",
        "        unique: true\n        relationships: [{to: shop.orders.status}]\n",
    )
    assert _build(mesh, "shop/orders")[0] is Verdict.RELEASED
    verdict, checks = _build(mesh, "report/revenue")
    assert (verdict, checks["revenue.status_foreign_key"].observed) == (Verdict.RELEASED, 0.0)
    mesh.edit(f"{REVENUE}/revenue.sql", "select status", "select upper(status) as status")
    mesh.edit(f"{REVENUE}/revenue.sql", "group by status", "group by 1")
    verdict, checks = _build(mesh, "report/revenue")
    result = checks["revenue.status_foreign_key"]
    assert (verdict, result.observed, result.blocks) == (Verdict.FAILED, 2.0, True)
    assert sorted(row["status"] for row in result.sample) == ["OPEN", "PAID"]


def test_a_key_of_a_sibling_port_is_held_against_what_was_staged(mesh: SmallMesh) -> None:
    write_mesh(mesh.root, "twins")
    mesh.edit(
        f"{PAIR}/left.odcs.yaml",
        "primaryKey: true}",
        "primaryKey: true, relationships: [{to: right.pair_id}]}",
    )
    verdict, checks = _build(mesh, "twins/pair")
    assert (verdict, checks["left.pair_id_foreign_key"].observed) == (Verdict.RELEASED, 0.0)
    mesh.write(f"{PAIR}/right.sql", mesh.read(f"{PAIR}/right.sql") + "where pair_id <> '1'\n")
    verdict, checks = _build(mesh, "twins/pair")
    result = checks["left.pair_id_foreign_key"]
    assert (verdict, result.sample) == (Verdict.FAILED, ({"pair_id": 1, "rows": 1},))
