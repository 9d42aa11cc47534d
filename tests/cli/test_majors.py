"""Two majors of a port side by side, as owner and consumers meet them."""

from __future__ import annotations

import csv

import pytest

from tests.cli.conftest import Run
from tests.majors import add_consumer, add_second_major
from tests.planned import CONTRACT, acknowledge
from tests.small_mesh import ORDERS, SmallMesh

pytestmark = pytest.mark.slow
NOTICE = (
    "report/revenue reads `shop/orders`, which is deprecated, support ends on 2027-01-31; "
    "read `shop/orders@2` (version 2.0.0) as source('shop', 'orders_v2')"
)


def test_two_majors_have_their_own_contract_table_and_consumers(
    mesh_command: Run, mesh: SmallMesh
) -> None:
    assert mesh_command("build").code == 0
    add_second_major(mesh)
    add_consumer(mesh)
    assert mesh_command("sync").code == 0
    assert mesh_command("check").code == 0, mesh_command("check").out
    assert _header(mesh_command, "") == ["order_id", "customer", "amount", "status"]
    early = mesh_command("verify", "shop/orders@2", "--draft")
    assert (early.code, early.err.splitlines()[0]) == (
        2, "release 1 of shop/orders has no port `orders_v2`",
    )  # fmt: skip
    built = mesh_command("build", "--output", "json")
    assert built.code == 0, built.out
    told = {product["product"]: product["notices"] for product in built.json["products"]}
    assert told == {"shop/orders": [], "report/revenue": [NOTICE], "report/buyers": []}

    header = {port: _header(mesh_command, port) for port in ("@1", "@2", "")}
    assert header["@1"] == ["order_id", "customer", "amount", "status"]
    assert header["@2"] == header[""] == ["order_id", "buyer", "amount", "status"]
    unnamed = mesh_command("read", "shop/orders", "--limit", "1").err
    assert "this is version 2.0.0; shop/orders@1 is 1.0.0\n" in unnamed
    assert "this is version" not in mesh_command("read", "shop/orders@1", "--limit", "1").err
    lake = mesh.path(".mesh/dev/lake/shop/orders")
    assert sorted(path.name for path in lake.iterdir()) == ["orders_v1", "orders_v2"]

    (orders,) = mesh_command("list", "shop", "--output", "json").json
    assert [(p["name"], p["version"], p["asset_key"], p["deprecated"], p["end_of_support"])
            for p in orders["ports"]] == [
        ("orders", "2.0.0", "shop/orders/orders_v2", False, None),
        ("orders", "1.0.0", "shop/orders", True, "2027-01-31"),
    ]  # fmt: skip
    listed = mesh_command("list", "shop").out
    assert "orders@1.0.0 (deprecated) (support until 2027-01-31)" in " ".join(listed.split())
    assert mesh_command("verify", "shop/orders@2").code == 0
    again = mesh_command("build")
    assert NOTICE in " ".join(again.err.split())


def _header(run: Run, port: str) -> list[str]:
    said = run("read", f"shop/orders{port}", "--format", "csv")
    assert said.code == 0, said.err
    return next(csv.reader(said.out.splitlines()))


def test_a_major_that_ended_leaves_the_last_release_to_who_agreed(
    mesh_command: Run, mesh: SmallMesh
) -> None:
    assert mesh_command("build").code == 0
    mesh.edit(CONTRACT, "- name: customer\n", "- name: buyer\n")
    mesh.edit(CONTRACT, "distinct customer", "distinct buyer")
    mesh.edit(f"{ORDERS}/stg_orders.sql", "    customer,\n", "    customer as buyer,\n")
    assert mesh_command("product", "bump", "shop/orders").code == 0
    assert mesh_command("plan").code == 1
    acknowledge(mesh, until="2999-12-31")
    add_consumer(mesh)
    assert mesh_command("sync").code == 0
    planned = mesh_command("plan")
    assert planned.code == 0, planned.out
    before = mesh_command("read", "report/revenue", "--format", "csv").out

    built = mesh_command("build", "--output", "json")
    assert built.code == 0, built.out
    waits = "waits: reads `shop/orders`, which is no longer offered"
    assert {p["product"]: (p["outcome"], p["release"]) for p in built.json["products"]} == {
        "shop/orders": ("released", 2),
        "report/revenue": ("waits", 1),
        "report/buyers": ("released", 1),
    }
    assert [p["reason"] for p in built.json["products"] if p["product"] == "report/revenue"] == [
        waits
    ]
    assert mesh_command("read", "report/revenue", "--format", "csv").out == before
    again = mesh_command("build")
    assert (again.code, again.err) == (0, f"report/revenue: {waits}\n")
    assert mesh_command("check").code == 0
