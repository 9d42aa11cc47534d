"""What SQL reads around input ports is found with its line, and told once."""

from __future__ import annotations

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import Reads, reads_of
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


def _reads(mesh: SmallMesh) -> Reads:
    workspace = Workspace.open(mesh.root)
    return reads_of(MeshSql(workspace), list(workspace.mesh.products))


def _found(mesh: SmallMesh) -> dict[str, list[str]]:
    around = _reads(mesh).around
    return {str(name): [f"{r.what} {r.place}" for r in found] for name, found in around.items()}


def test_what_is_declared_is_not_found(mesh: SmallMesh) -> None:
    assert _found(mesh) == {}
    assert _reads(mesh).findings == ()


MORE_SOURCES = "sources: [{name: shop, tables: [{name: customers}]}]\n"


def test_a_source_that_is_no_input_port_is_found(mesh: SmallMesh) -> None:
    mesh.write("domains/report/products/more.yml", MORE_SOURCES)
    mesh.write(f"{REVENUE}/int_more.sql", "select *\nfrom {{ source('shop', 'customers') }}\n")
    assert _found(mesh) == {"report/revenue": [f"`shop.customers` {REVENUE}/int_more.sql:2"]}


def test_a_file_that_is_read_is_found_and_one_in_a_comment_is_not(mesh: SmallMesh) -> None:
    text = "-- read_csv('x')\n/* source('a', 'b') */\nselect a from read_csv('y')\n"
    mesh.write(f"{ORDERS}/int_file.sql", text)
    assert _found(mesh) == {"shop/orders": [f"the function `read_csv` {ORDERS}/int_file.sql:3"]}


def test_an_undeclared_read_that_a_policy_judges_is_told_by_the_policy_alone(
    mesh: SmallMesh,
) -> None:
    mesh.write("domains/report/products/more.yml", MORE_SOURCES)
    mesh.write(f"{REVENUE}/int_more.sql", "select 1 as n from {{ source('shop', 'customers') }}\n")
    reads = _reads(mesh)
    assert [f.code for f in reads.told_once(judged=False)] == ["lineage.undeclared-read"]
    assert reads.told_once(judged=True) == ()


def test_what_dbt_does_not_find_either_is_told_whatever_a_policy_says(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/int_more.sql", "select 1 as n from {{ source('shop', 'customers') }}\n")
    reads = _reads(mesh)
    (found,) = reads.told_once(judged=True)
    assert (found.code, found.stops_domain) == ("lineage.undeclared-read", True)
    assert reads.around == {}, "a waiver would not help"


def test_a_domain_with_errors_is_not_followed(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/int_more.sql", "select 1 as n from {{ source('shop', 'customers') }}\n")
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", "version: 1.0.0", "version: one")
    assert _reads(mesh) == Reads((), {})


def test_what_surely_fails_is_told_with_what_is_read(mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", "- name: orders", "- name: order_count")
    found = [(item.code, item.blocking) for item in _reads(mesh).findings]
    assert found == [("lineage.not-returned", True), ("contract.cannot-run", True)]


def test_a_snapshot_of_the_domain_is_no_undeclared_read(mesh: SmallMesh) -> None:
    text = "snapshots:\n  - name: Kept\n    relation: ref('stg_orders')\n"
    mesh.write("domains/shop/snapshots/kept.yml", text)
    mesh.write(f"{ORDERS}/orders.sql", "select * from {{ ref('Kept') }}")
    codes = [finding.code for finding in _reads(mesh).findings]
    assert ("model.keeps-rows" in codes, "lineage.undeclared-read" in codes) == (True, False)
