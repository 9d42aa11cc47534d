"""What a commit of git says of products: by the rules of now, and nothing overlooked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.naming import ProductName
from mesh_platform.model.selection import Selection
from mesh_platform.release.plans.baseline import Baseline, committed
from tests.majors import add_second_major
from tests.planned import CONTRACT, DESCRIPTOR, REVENUE_CONTRACT, commit, git
from tests.small_mesh import ORDERS, PAIR, SmallMesh

NAME = ProductName.parse("shop/orders")
SUITE = '{"name": "s", "expectations": [{"type": "expect_table_row_count_to_equal"}]}'
ELSEWHERE = "what it holds is not in this repository's history"


def _baseline(mesh: SmallMesh, *expressions: str, ref: str = "main") -> Baseline:
    known = Workspace.open(mesh.root).mesh
    return committed(known, ref, Selection.of(known, expressions))


def _names(baseline: Baseline) -> set[str]:
    return set(map(str, baseline.products))


def test_only_products_whose_files_differ_are_read(mesh: SmallMesh) -> None:
    commit(mesh.root)
    assert _names(_baseline(mesh)) == set()
    then = mesh.read(CONTRACT)
    mesh.edit(CONTRACT, "Every order", "All orders")
    baseline = _baseline(mesh)
    assert (baseline.known_as, baseline.touched) == ("main", {NAME})
    before = baseline.products[NAME]
    assert (before.version, before.known_as, before.descriptor) == (
        "1.0.0",
        "main",
        mesh.read(DESCRIPTOR),
    )
    (port,) = before.ports
    assert (str(port.name), port.version, port.file, port.text, port.suite) == (
        "shop/orders",
        "1.0.0",
        CONTRACT,
        then,
        None,
    )


def test_majors_are_found_with_their_own_contracts(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    commit(mesh.root)
    mesh.edit(CONTRACT, "Every order", "All orders")
    ports = _baseline(mesh).products[NAME].ports
    assert {(str(p.name), p.version, p.file) for p in ports} == {
        ("shop/orders", "1.0.0", CONTRACT),
        ("shop/orders@2", "2.0.0", f"{ORDERS}/orders_v2.odcs.yaml"),
    }


def test_a_suite_belongs_to_the_port_that_had_it(mesh: SmallMesh, twins: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations.json", SUITE)
    twins.write(f"{PAIR}/expectations_right.json", SUITE)
    twins.edit(f"{PAIR}/left.odcs.yaml", "kind: DataContract\n", "kind: DataContract\nname: L\n")
    commit(mesh.root)
    mesh.edit(CONTRACT, "Every order", "All orders")
    twins.edit(f"{PAIR}/left.odcs.yaml", "name: L\n", "name: Left\n")
    products = _baseline(mesh).products
    found = {str(port.name): port.suite for p in products.values() for port in p.ports}
    assert found == {"shop/orders": SUITE, "twins/pair/left": None, "twins/pair/right": SUITE}


def test_a_contract_in_another_folder_is_none_of_the_products(mesh: SmallMesh) -> None:
    old = mesh.read(CONTRACT).replace("Every order", "No order")
    mesh.write(f"{ORDERS}/archive/orders.odcs.yaml", old)
    commit(mesh.root)
    mesh.edit(CONTRACT, "Every order", "All orders")
    assert _baseline(mesh).products[NAME].ports[0].file == CONTRACT


def test_a_variable_that_is_not_set_any_more_does_not_matter(mesh: SmallMesh) -> None:
    plain = mesh.read(CONTRACT)
    server = "servers:\n  - {server: s, type: local, path: '${GONE_LONG_AGO}', format: csv}\n"
    mesh.write(CONTRACT, plain + server)
    commit(mesh.root)
    mesh.write(CONTRACT, plain)
    assert "GONE_LONG_AGO" in _baseline(mesh).products[NAME].ports[0].text


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (DESCRIPTOR, "outputPorts:", "outputPorts: x\nnone:", "`outputPorts`: `x` is not a list"),
        (DESCRIPTOR, "id: shop/orders", "[", "not valid YAML: "),
        (CONTRACT, "properties:", "propertes:", "`propertes` is not a key of the contract"),
        (CONTRACT, "  - name: orders\n", "  - name: a\n  - name: orders\n", "a port's contract"),
        (CONTRACT, "version: 1.0.0", "version: 3.0.0", "the port `shop/orders` of main has no"),
    ],
)
def test_files_of_then_that_cannot_be_read_are_told(
    mesh: SmallMesh, file: str, old: str, new: str, message: str
) -> None:
    good = mesh.read(file)
    mesh.edit(file, old, new)
    commit(mesh.root)
    mesh.write(file, good)
    baseline = _baseline(mesh)
    error = baseline.unreadable[NAME]
    assert error.message.startswith(message)
    assert error.fix == "compare with a commit in which `mesh check` finds nothing"
    assert error.place is None or error.place.file == f"main:{file}"
    assert (baseline.products, baseline.looked_at(NAME)) == ({}, False)
    assert _baseline(mesh, "report").unreadable == {}


def test_a_product_that_went_or_moved_was_there(mesh: SmallMesh) -> None:
    commit(mesh.root)
    git(mesh.root, "mv", ORDERS, "domains/report/products/orders")
    baseline = _baseline(mesh)
    assert _names(baseline) == {"shop/orders"}
    assert baseline.looked_at(ProductName.parse("report/orders"))
    assert _names(_baseline(mesh, "shop")) == {"shop/orders"}
    shutil.rmtree(mesh.path("domains/report"))
    assert _names(_baseline(mesh)) == {"shop/orders", "report/revenue"}


def test_a_mesh_in_a_folder_of_the_repository(mesh: SmallMesh) -> None:
    commit(mesh.root.parent)
    mesh.edit(CONTRACT, "Every order", "All orders")
    assert _names(_baseline(mesh)) == {"shop/orders"}


def test_the_folder_of_the_domains_may_be_called_otherwise(mesh: SmallMesh) -> None:
    mesh.edit("mesh.yaml", "name: small\n", "name: small\ndomains: .\n")
    for domain in ("shop", "report"):
        shutil.move(mesh.path(f"domains/{domain}"), mesh.path(domain))
    commit(mesh.root)
    mesh.edit("shop/products/orders/orders.odcs.yaml", "Every order", "All orders")
    assert _names(_baseline(mesh)) == {"shop/orders"}


def test_domains_that_lay_in_another_folder_do_not_pass_for_new(mesh: SmallMesh) -> None:
    commit(mesh.root)
    shutil.move(mesh.path("domains"), mesh.path("teams"))
    mesh.edit("mesh.yaml", "name: small\n", "name: small\ndomains: teams\n")
    with pytest.raises(MeshError) as refused:
        _baseline(mesh)
    assert str(refused.value) == (
        "in main the domains lay in `domains`: what was promised there cannot be compared\n"
        "  at: mesh.yaml\n"
        "  try: leave `--against` out to compare with the last release"
    )


def test_a_mesh_that_lay_elsewhere_in_the_repository_does_not_pass_for_new(
    mesh: SmallMesh,
) -> None:
    commit(mesh.root.parent)
    moved = SmallMesh(mesh.root.parent / "deep" / "mesh")
    shutil.move(mesh.root, moved.root)
    with pytest.raises(MeshError, match=r"^in main the mesh lay at `mesh/mesh\.yaml`: what"):
        _baseline(moved)


def test_a_mesh_beside_another_one_is_new(mesh: SmallMesh) -> None:
    commit(mesh.root.parent)
    other = SmallMesh(mesh.root.parent / "other")
    shutil.copytree(mesh.root, other.root)
    assert _names(_baseline(other)) == set()


def test_a_domain_in_a_repository_of_its_own_is_refused(mesh: SmallMesh, tmp_path: Path) -> None:
    shutil.move(mesh.path("domains/shop"), tmp_path / "shop")
    commit(tmp_path / "shop")
    commit(mesh.root)
    git(mesh.root, "submodule", "add", str(tmp_path / "shop"), "domains/shop")
    git(mesh.root, "commit", "--message=with shop")
    words = f"domains/shop is a git repository of its own: {ELSEWHERE}"
    with pytest.raises(MeshError, match=words):
        _baseline(mesh)
    with pytest.raises(MeshError, match=words):
        _baseline(mesh, "shop/orders", ref="HEAD~1")
    shutil.rmtree(mesh.path("domains/shop"))
    with pytest.raises(MeshError, match=words) as told:
        _baseline(mesh, ref="HEAD")
    assert told.value.fix == "leave `--against` out to compare with the last release"
    mesh.edit(REVENUE_CONTRACT, "Revenue by", "Money by")
    assert _names(_baseline(mesh, "report")) == {"report/revenue"}


def test_a_new_product_in_a_repository_of_its_own_is_refused(mesh: SmallMesh) -> None:
    commit(mesh.root)
    shutil.copytree(mesh.path(ORDERS), mesh.path("domains/shop/products/more"))
    commit(mesh.path("domains/shop/products/more"))
    with pytest.raises(MeshError, match="domains/shop/products/more is a git repository"):
        _baseline(mesh)


@pytest.mark.parametrize("link", ["domains", "domains/shop", "domains/shop/products", ORDERS])
def test_a_folder_behind_a_link_is_refused(mesh: SmallMesh, link: str) -> None:
    shutil.move(mesh.path(link), mesh.path("real"))
    mesh.path(link).symlink_to(mesh.path("real"))
    commit(mesh.root)
    with pytest.raises(MeshError, match=f"{link} is a symbolic link: {ELSEWHERE}"):
        _baseline(mesh)


def test_a_promise_behind_a_link_is_refused_then_and_now(mesh: SmallMesh) -> None:
    shutil.move(mesh.path(CONTRACT), mesh.path("promise.yaml"))
    mesh.path(CONTRACT).symlink_to(mesh.path("promise.yaml"))
    commit(mesh.root)
    with pytest.raises(MeshError, match=f"{CONTRACT} is a symbolic link"):
        _baseline(mesh)
    os.unlink(mesh.path(CONTRACT))
    shutil.move(mesh.path("promise.yaml"), mesh.path(CONTRACT))
    with pytest.raises(MeshError, match=f"{CONTRACT} is a symbolic link"):
        _baseline(mesh)
    commit(mesh.root)
    assert _names(_baseline(mesh)) == set()


def test_links_that_promise_nothing_are_let_be(mesh: SmallMesh) -> None:
    mesh.delete(f"{ORDERS}/README.md")
    mesh.path(f"{ORDERS}/README.md").symlink_to(mesh.path("mesh.yaml"))
    mesh.path("domains/shop/README.md").symlink_to(mesh.path("mesh.yaml"))
    mesh.path("domains/CODEOWNERS.md").symlink_to(mesh.path("mesh.yaml"))
    commit(mesh.root)
    assert _names(_baseline(mesh)) == set()
