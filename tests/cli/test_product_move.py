"""`mesh product move`: a consumer reads another major, in all its files at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.scaffold import move
from tests.cli.conftest import Run
from tests.majors import BUYERS, add_consumer, add_second_major
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    REVENUE_CONTRACT,
    REVENUE_DESCRIPTOR,
    codes,
    commit,
    planned,
    release_all,
    rename_amount,
)
from tests.small_mesh import REVENUE, SmallMesh

MODEL, TESTS = f"{REVENUE}/revenue.sql", f"{REVENUE}/unit_tests.yml"
MOVE = ("product", "move", "report/revenue", "shop/orders@2")
UNIT_TEST = """\
unit_tests:
  - name: counts
    model: revenue
    given:
      - input: source("shop", "orders")
        rows: [{order_id: 1, status: paid}]
    expect: {rows: [{status: paid, orders: 1}]}
"""


def test_all_files_of_a_consumer_move_at_once(look: Run, shop: SmallMesh) -> None:
    add_second_major(shop)
    shop.write(TESTS, UNIT_TEST)
    shop.write(f"{REVENUE}/note.sql", "select 1 from {{ source('shop', 'orders_old') }}\n")
    shop.edit(REVENUE_CONTRACT, "description: Revenue by status.", "description: Of shop.orders.")
    said = look(*MOVE, "--output", "json")
    assert (said.code, said.json) == (
        0,
        {
            "product": "report/revenue",
            "reads": "shop/orders@2",
            "written": [
                REVENUE_DESCRIPTOR,
                REVENUE_CONTRACT,
                MODEL,
                TESTS,
                "domains/report/products/sources.yml",
                f"{REVENUE}/ports.yml",
            ],
        },
    )
    assert "  - name: orders\n    version: 2.0.0\n    contractId: shop/orders\n" in (
        shop.read(REVENUE_DESCRIPTOR)
    )
    assert "select count(*) from shop.orders_v2)" in shop.read(REVENUE_CONTRACT).replace("(s", "s")
    assert "description: Of shop.orders.\n" in shop.read(REVENUE_CONTRACT)
    assert "{{ source('shop', 'orders_v2') }}" in shop.read(MODEL)
    assert 'source("shop", "orders_v2")' in shop.read(TESTS)
    assert "source('shop', 'orders_old')" in shop.read(f"{REVENUE}/note.sql")
    again = look(*MOVE)
    assert (again.code, again.out) == (0, "report/revenue reads shop/orders@2 already\n")


def test_a_plan_is_settled_by_bump_and_move(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "- name: customer\n", "- name: buyer\n")
    shop.edit(CONTRACT, "distinct customer", "distinct buyer")
    shop.edit("domains/shop/products/orders/stg_orders.sql", "customer", "customer as buyer")
    assert look("product", "bump", "shop/orders").code == 0
    assert look("plan").code == 1
    moved = look("product", "move", "report/revenue", "shop/orders")
    assert moved.out.startswith("report/revenue reads shop/orders@2 now\n")
    told = look("plan").out
    assert "minor input port `orders` is read in version 2.0.0, not 1.0.0" in told
    assert look("product", "bump", "report/revenue").out.startswith("product report/revenue: 1.1.0")
    assert look("plan").code == 0, look("plan").out


def test_columns_that_are_gone_are_named_after_the_move(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    assert look("product", "bump", "shop/orders").code == 0
    assert look(*MOVE).code == 0
    told = look("plan", "--output", "json").json["findings"]
    assert [f["message"] for f in told if f["code"] == "lineage.no-column"] == [
        "model `revenue` cannot be built: `amount` is not a known column of shop.orders_v2"
    ]


def test_what_is_not_read_cannot_move(look: Run, shop: SmallMesh) -> None:
    before = shop.read(DESCRIPTOR)
    said = look("product", "move", "shop/orders", "report/revenue")
    assert (said.code, said.err) == (
        2,
        "shop/orders does not read `report/revenue`\n"
        f"  at: {DESCRIPTOR}:1:1\n"
        "  try: it reads no port; a new input is an entry of `inputPorts`\n",
    )
    assert shop.read(DESCRIPTOR) == before
    said = look("product", "move", "report/revenue", "shop/orders@3")
    assert (said.code, "shop/orders" in said.err) == (2, True)


def test_what_means_something_else_after_the_move_is_told(look: Run, shop: SmallMesh) -> None:
    euros = "        logicalType: number\n        customProperties:\n"
    euros += "          - {property: unit, value: EUR}\n"
    shop.edit(CONTRACT, "        logicalType: number\n", euros)
    release_all(shop)
    commit(shop.root)
    shop.edit(CONTRACT, "value: EUR}", "value: USD}")
    assert look("product", "bump", "shop/orders", "--keep").code == 0
    assert "`shop/orders@2` is new; against the major before it: unit of `amount` changes" in (
        look("plan").out
    )
    release_all(shop)
    assert look(*MOVE).code == 0
    (told,) = [
        f["message"]
        for f in look("plan", "--output", "json").json["findings"]
        if f["code"] == "change.moved-onto"
    ]
    assert told == (
        "of `shop/orders@2`, which it reads now, unit of `amount` changes from EUR to USD;"
        " it makes `amount` of it"
    )


@pytest.mark.parametrize(
    ("said", "moved"),
    [
        ('"shop"."orders"', '"shop"."orders_v2"'),
        ("SHOP.ORDERS as o", "SHOP.ORDERS_v2 as o"),
        ("shop . orders", "shop . orders_v2"),
        ("shop.orders where shop.orders.amount", "shop.orders_v2 where shop.orders_v2.amount"),
    ],
)
def test_a_rule_may_write_the_port_in_other_ways(
    look: Run, mesh: SmallMesh, said: str, moved: str
) -> None:
    add_second_major(mesh)
    asked = "- (select count(*) from shop.orders)"
    mesh.edit(REVENUE_CONTRACT, asked, f"- (select count(*) from {said})")
    release_all(mesh)
    assert look(*MOVE).code == 0
    assert f"- (select count(*) from {moved})" in mesh.read(REVENUE_CONTRACT)
    assert codes(planned(mesh, "report")) == [
        "report/revenue input.moved",
        "report/revenue rule.input-moved",
    ]


def test_a_descriptor_may_speak_of_the_source(look: Run, mesh: SmallMesh) -> None:
    add_second_major(mesh)
    mesh.edit(REVENUE_DESCRIPTOR, "What the shop earns.", "Made of source('shop', 'orders').")
    assert look(*MOVE).code == 0
    assert "  - name: orders\n    version: 2.0.0\n" in mesh.read(REVENUE_DESCRIPTOR)


@pytest.mark.parametrize("read_by_others", [False, True])
def test_tests_of_the_domain_move_where_nobody_else_reads_the_old_major(
    look: Run, mesh: SmallMesh, read_by_others: bool
) -> None:
    add_second_major(mesh)
    test = "domains/report/tests/priced.sql"
    mesh.write(test, "select * from {{ source('shop', 'orders',) }} where amount is null\n")
    if read_by_others:
        add_consumer(mesh)
        mesh.edit(f"{BUYERS}/product.odps.yaml", "version: 2.0.0", "version: 1.0.0")
    assert look(*MOVE).code == 0
    assert ("orders_v2" in mesh.read(test)) is not read_by_others


def test_a_move_that_was_stopped_goes_on(
    look: Run, mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(path: Path, content: bytes) -> None:
        if path == mesh.path(REVENUE_CONTRACT):
            raise KeyboardInterrupt
        write(path, content)

    add_second_major(mesh)
    write = move.replace_file
    with monkeypatch.context() as stopping:
        stopping.setattr(move, "replace_file", stopped)
        assert look(*MOVE).code == 130
    assert look(*MOVE).out.startswith("report/revenue reads shop/orders@2 now\n")
    assert "from shop.orders_v2)" in mesh.read(REVENUE_CONTRACT)


def test_an_agreement_in_the_wrong_place_is_told(look: Run, mesh: SmallMesh) -> None:
    mesh.write("domains/report/acknowledgements.yaml", "acknowledgements: []\n")
    (found,) = [
        f
        for f in look("check", "report", "--output", "json").json["findings"]
        if f["code"] == "ack.misplaced"
    ]
    assert (found["blocking"], found["file"]) == (False, "domains/report/acknowledgements.yaml")
