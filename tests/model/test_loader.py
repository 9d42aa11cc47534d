from __future__ import annotations

import os
import shutil
import threading
from datetime import date
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.landing import Landing
from mesh_platform.model.loader import find_root, load_mesh
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PortName, ProductName
from tests.small_mesh import ORDERS, PAIR, REVENUE, SmallMesh, write_mesh

PRODUCT = f"{ORDERS}/product.odps.yaml"
CONTRACT = f"{ORDERS}/orders.odcs.yaml"
READS = f"{REVENUE}/product.odps.yaml"


def _said(mesh: SmallMesh) -> list[str]:
    return [str(finding) for finding in load_mesh(mesh.root).findings]


def _names(mesh: Mesh) -> list[str]:
    return [str(name) for name in mesh.products]


def test_a_mesh_is_read_whole(mesh: SmallMesh) -> None:
    read = load_mesh(mesh.root)
    assert read.findings == ()
    assert (read.name, read.description) == ("small", "A mesh for tests.")
    assert _names(read) == ["report/revenue", "shop/orders"]
    shop = read.domain("shop")
    assert (shop.team, shop.email, shop.broken) == ("shop-team", "shop@example.com", False)
    orders = read.product("shop/orders")
    assert orders.landings == (
        Landing(
            name="orders_file",
            location="orders.csv",
            format="csv",
            place=orders.landings[0].place,
            written="orders.csv",
        ),
    )
    assert orders.inputs == ()
    assert orders.schedule == "0 5 * * *"
    revenue = read.product("report/revenue")
    assert [item.port for item in revenue.inputs] == [
        PortName(ProductName("shop", "orders"), "orders")
    ]
    assert str(revenue.inputs[0].place) == f"{READS}:{mesh.line(READS, '- name: orders')}:5"


def test_the_root_is_found_from_inside(mesh: SmallMesh) -> None:
    assert find_root(mesh.path(ORDERS)) == mesh.root


def test_no_mesh_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        find_root(tmp_path)
    assert str(caught.value) == (
        f"no mesh.yaml in {tmp_path} or any folder above it\n"
        "  try: run the command inside a mesh, or name one with `-C DIR`"
    )


def test_a_wrong_key_in_the_dictionary_is_suggested_from_its_own_keys(mesh: SmallMesh) -> None:
    mesh.write("mesh.yaml", "name: small\ndictionary:\n  carrier: {typ: string, meaning: x}\n")
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root)
    assert str(caught.value).startswith("`dictionary.carrier.type` is missing\n  at: mesh.yaml:3:3")
    mesh.write(
        "mesh.yaml", "name: small\ndictionary:\n  a: {type: string, meaning: x, units: mi}\n"
    )
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root)
    assert str(caught.value) == (
        "`units` is not a key of a mesh file here\n  at: mesh.yaml:3:33\n"
        "  try: did you mean `unit`?"
    )


def test_policies_are_read_with_their_places(mesh: SmallMesh) -> None:
    mesh.write(
        "mesh.yaml",
        "name: small\npolicies:\n  a.b:\n  c.d:\n    state: grace\n    until: 2027-01-31\n"
        "    share: 0.5\n",
    )
    named, graced = load_mesh(mesh.root).policies
    assert (named.code, named.state, named.parameters) == ("a.b", "enabled", ())
    assert (graced.state, graced.until) == ("grace", date(2027, 1, 31))
    assert [(p.name, p.value, str(p.place)) for p in graced.parameters] == [
        ("share", 0.5, "mesh.yaml:7:5")
    ]


def test_guarded_environments_are_named_in_a_list(mesh: SmallMesh) -> None:
    assert load_mesh(mesh.root).guarded == ()
    mesh.write("mesh.yaml", "name: small\nguarded: [prod, stage]\n")
    assert load_mesh(mesh.root).guarded == ("prod", "stage")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "prod",
            "`guarded`: `prod` is not a list\n  at: mesh.yaml:2:1\n  try: write a list: `[prod]`",
        ),
        (
            "[prod, Live!]",
            "`guarded.1`: `Live!` cannot name an environment\n  at: mesh.yaml:2:17\n"
            "  try: use lower-case letters, digits and `_`",
        ),
        (
            "[1]",
            "`guarded.0`: `1` is not text\n  at: mesh.yaml:2:11\n  try: write it in quotes: `'1'`",
        ),
        ("", "`guarded`: `null` is not a list\n  at: mesh.yaml:2:1"),
    ],
)
def test_what_names_no_environment_to_guard_is_refused(
    mesh: SmallMesh, setting: str, said: str
) -> None:
    mesh.write("mesh.yaml", f"name: small\nguarded: {setting}\n")
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root)
    assert str(caught.value) == said


def test_a_wrong_key_in_mesh_yaml_stops_everything(mesh: SmallMesh) -> None:
    mesh.write("mesh.yaml", "name: small\ndomain: here\n")
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root)
    assert str(caught.value) == (
        "`domain` is not a key of a mesh file here\n  at: mesh.yaml:2:1\n"
        "  try: did you mean `domains`?"
    )


def test_a_missing_domains_folder_is_named(mesh: SmallMesh) -> None:
    mesh.write("mesh.yaml", "name: small\ndomains: elsewhere\n")
    with pytest.raises(
        MeshError, match=r"the folder `elsewhere` does not exist\n  at: mesh\.yaml:2"
    ):
        load_mesh(mesh.root)


@pytest.mark.parametrize("setting", ["domains: ../other", "policy_folder: /etc"])
def test_a_folder_outside_the_mesh_is_refused(mesh: SmallMesh, setting: str) -> None:
    mesh.write("mesh.yaml", f"name: small\n{setting}\n")
    with pytest.raises(MeshError, match=r"is no folder inside the mesh\n  at: mesh\.yaml:2"):
        load_mesh(mesh.root)


def test_a_domain_that_lost_its_file_is_not_gone(mesh: SmallMesh) -> None:
    mesh.delete("domains/report/domain.yaml")
    read = load_mesh(mesh.root)
    assert [str(finding) for finding in read.findings] == [
        "the domain `report`: the file does not exist\n"
        "  at: domains/report/domain.yaml  [domain.invalid]\n"
        "  try: restore it with `name`, `purpose` and `owner`, or remove the domain's folder"
    ]
    assert [(domain.name, domain.broken) for domain in read.domains] == [
        ("report", True),
        ("shop", False),
    ]


def test_a_domain_without_an_owner_is_named_and_shown_how_to_say_it(mesh: SmallMesh) -> None:
    mesh.edit(
        "domains/shop/domain.yaml", "owner:\n  team: shop-team\n  email: shop@example.com\n", ""
    )
    assert _said(mesh) == [
        "the domain `shop`: `owner` is missing; nobody answers for its products\n"
        "  at: domains/shop/domain.yaml:1:1  [domain.invalid]\n"
        "  try: write `owner: {team: NAME, email: ADDRESS}`"
    ]


def test_a_domain_name_with_a_slash_is_refused(mesh: SmallMesh) -> None:
    mesh.edit("domains/shop/domain.yaml", "name: shop", "name: shop/eu")
    assert _said(mesh)[0] == (
        "`shop/eu` cannot name a domain: start with a lower-case letter, then letters, digits "
        "and `_`, at most 63\n  at: domains/shop/domain.yaml:1  [domain.name]\n"
        "  try: choose another name, for the folder and in the files"
    )


@pytest.mark.parametrize("name", ["product.odps.yml", "Product.odps.yaml", "product.odps.json"])
def test_a_descriptor_that_nobody_reads_is_told(mesh: SmallMesh, name: str) -> None:
    mesh.write(f"domains/shop/products/returns/{name}", mesh.read(f"{ORDERS}/product.odps.yaml"))
    assert _said(mesh)[0] == (
        f"`{name}` is not read, so there is no product `returns`\n"
        f"  at: domains/shop/products/returns/{name}:1  [product.invalid]\n"
        "  try: rename it to product.odps.yaml"
    )


def test_a_descriptor_beside_the_real_one_is_a_file_like_any(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/product.odps.yml", "draft: true\n")
    assert _said(mesh) == []


def test_a_domain_in_another_folder_is_refused(mesh: SmallMesh) -> None:
    mesh.edit("domains/shop/domain.yaml", "name: shop", "name: store")
    assert _said(mesh)[0] == (
        "domain `store` lives in the folder `shop`\n"
        "  at: domains/shop/domain.yaml:1  [domain.name]\n"
        "  try: give the folder and `name:` the same name"
    )


def test_an_unknown_input_port_is_named_with_the_right_one(mesh: SmallMesh) -> None:
    mesh.edit(READS, "contractId: shop/orders", "contractId: shop/order")
    assert _said(mesh) == [
        "report/revenue: no product offers the port `shop/order`\n"
        f"  at: {READS}:{mesh.line(READS, '- name: orders')}:5  [input.unknown-port]\n"
        "  try: did you mean `shop/orders`?"
    ]


def _read_version(mesh: SmallMesh, version: str) -> str:
    mesh.edit(
        READS,
        "    version: 1.0.0\n    contractId: shop",
        f"    version: {version}\n    contractId: shop",
    )
    return f"  at: {READS}:{mesh.line(READS, '- name: orders')}:5"


def test_an_input_of_another_major_is_refused(mesh: SmallMesh) -> None:
    at = _read_version(mesh, "2.0.0")
    assert _said(mesh) == [
        f"report/revenue: `shop/orders` is not offered in version 2.0.0\n{at}"
        "  [input.unknown-port]\n"
        "  try: mesh product move report/revenue shop/orders@1"
    ]


def test_an_input_of_a_later_minor_is_refused(mesh: SmallMesh) -> None:
    at = _read_version(mesh, "1.1.0")
    assert _said(mesh) == [
        f"report/revenue: `shop/orders` is offered in version 1.0.0, not 1.1.0\n{at}"
        "  [input.version]\n  try: write `version: 1.0.0`"
    ]


def test_a_provider_may_be_newer_within_the_major(mesh: SmallMesh) -> None:
    for file, old in ((PRODUCT, "version: 1.0.0\n    contractId"), (CONTRACT, "version: 1.0.0")):
        mesh.edit(file, old, old.replace("1.0.0", "1.2.0"))
    assert _said(mesh) == []


def test_each_product_of_a_circle_is_told_its_way_around(mesh: SmallMesh) -> None:
    mesh.edit(
        PRODUCT, "inputPorts:\n", "inputPorts:\n  - {name: back, contractId: report/revenue}\n"
    )
    assert _said(mesh) == [
        "report/revenue: products read each other in a circle: "
        "report/revenue → shop/orders → report/revenue\n"
        f"  at: {READS}:{mesh.line(READS, '- name: orders')}:5  [product.cycle]\n"
        "  try: remove one of these input ports",
        "shop/orders: products read each other in a circle: "
        "shop/orders → report/revenue → shop/orders\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '- {name: back')}:5  [product.cycle]\n"
        "  try: remove one of these input ports",
    ]


def test_a_product_that_reads_itself_is_a_circle(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "inputPorts:\n", "inputPorts:\n  - {name: me, contractId: shop/orders}\n")
    assert "in a circle: shop/orders → shop/orders" in _said(mesh)[0]


def test_every_product_of_a_circle_is_refused_a_build(mesh: SmallMesh) -> None:
    mesh.edit(
        PRODUCT, "inputPorts:\n", "inputPorts:\n  - {name: back, contractId: report/revenue}\n"
    )
    read = load_mesh(mesh.root)
    assert [domain.name for domain in read.domains if domain.broken] == ["report", "shop"]


def test_two_products_of_a_domain_cannot_offer_one_port_name(tmp_path: Path) -> None:
    mesh = write_mesh(tmp_path, "twins")
    for file in ("product.odps.yaml", "left.odcs.yaml", "right.odcs.yaml"):
        text = mesh.read(f"{PAIR}/{file}").replace("twins/pair", "twins/second")
        mesh.write(f"domains/twins/products/second/{file}", text)
    said = _said(mesh)
    assert len(said) == 4
    assert said[0].startswith("twins/pair: two products of `twins` offer a port `left`\n")


def test_a_broken_domain_leaves_the_others_read(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/domain.yaml", "name: [shop\n")
    read = load_mesh(mesh.root)
    assert [(domain.name, domain.broken) for domain in read.domains] == [
        ("report", False),
        ("shop", True),
    ]
    assert [finding.code for finding in read.findings] == ["domain.invalid"]
    assert str(read.findings[0].place).startswith("domains/shop/domain.yaml:")
    assert _names(read) == ["report/revenue", "shop/orders"]


def test_consumers_of_a_broken_product_are_not_blamed(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/orders.odcs.yaml", "kind: [\n")
    read = load_mesh(mesh.root)
    assert [(domain.name, domain.broken) for domain in read.domains] == [
        ("report", False),
        ("shop", True),
    ]
    assert _names(read) == ["report/revenue"]


def test_a_mesh_without_domains_is_an_empty_mesh(tmp_path: Path) -> None:
    (tmp_path / "mesh.yaml").write_text("name: empty\n")
    (tmp_path / "domains").mkdir()
    read = load_mesh(tmp_path)
    assert (read.products, read.findings) == ({}, ())


def test_the_small_mesh_for_tests_is_sound(twins: SmallMesh) -> None:
    assert _said(twins) == []


def test_several_processes_read_what_one_reads(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    for number in range(30):
        shutil.copytree(mesh.path("domains/shop"), mesh.path(f"domains/shop_{number:02}"))
    mesh.path("domains/shop_07/domain.yaml").write_text("name: [")
    one, three = load_mesh(mesh.root), load_mesh(mesh.root, processes=3)
    assert [domain.name for domain in three.domains] == sorted(d.name for d in three.domains)
    assert len(three.findings) > 60
    assert three == one


def test_a_pipe_among_the_shared_macros_is_told_and_nobody_waits(mesh: SmallMesh) -> None:
    os.mkfifo(mesh.path("dbt_project/macros/z.sql"))
    told = [f for f in load_mesh(mesh.root).findings if f.code == "file.kind"]
    assert {finding.place.file for finding in told} == {"dbt_project/macros/z.sql"}


@pytest.mark.parametrize("kind", ["link", "pipe"])
@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("domains/shop/products/orders/latest.csv", False),
        ("domains/shop/products/orders/latest.json", False),
        ("domains/shop/seeds/names.csv", True),
        ("domains/shop/products/orders/more.sql", True),
    ],
)
def test_a_data_file_that_is_no_seed_does_not_stop_its_domain(
    mesh: SmallMesh, file: str, kind: str, *, told: bool
) -> None:
    path = mesh.path(file)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("/nowhere/latest.csv")
    found = [f.place.file for f in load_mesh(mesh.root).findings if f.code == "file.kind"]
    assert found == [file] * told


def test_a_copy_that_keeps_the_id_of_a_contract_is_told_and_not_its_original(
    mesh: SmallMesh,
) -> None:
    """The domain of the copy comes first in the alphabet."""
    copy = "domains/report/products/orders"
    for name in ("product.odps.yaml", "orders.odcs.yaml", "orders.sql", "orders.csv"):
        mesh.write(f"{copy}/{name}", mesh.read(f"{ORDERS}/{name}"))
    mesh.edit(f"{copy}/product.odps.yaml", "id: shop/orders", "id: report/orders")
    found = [f for f in load_mesh(mesh.root).findings if f.code == "contract.duplicate-id"]
    assert [(f.product, f.place.file) for f in found] == [
        ("report/orders", f"{copy}/orders.odcs.yaml")
    ]
    assert load_mesh(mesh.root).domain("shop").findings == ()
