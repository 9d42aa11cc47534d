"""Which versions a plan asks for, also where ports come, go or get another major."""

from __future__ import annotations

import pytest

from mesh_platform.contract_diff.values import Level
from mesh_platform.planning.impact import Stand
from mesh_platform.planning.plan import Plan
from tests.majors import add_consumer, add_second_major
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    RENAMED,
    acknowledge,
    changes,
    codes,
    findings,
    in_step,
    planned,
    reached,
    release_all,
    rename_amount,
    told,
)
from tests.small_mesh import ORDERS, SmallMesh


def _versions(plan: Plan) -> list[tuple[str, str, str, bool]]:
    return [
        (str(step.port or product.name), step.now, step.required, step.enough)
        for product in plan.products
        for step in product.versions
    ]


@pytest.mark.parametrize(
    ("new", "enough", "required"),
    [("1.0.0", False, "2.0.0"), ("1.9.9", False, "2.0.0"), ("2.0.0", True, "2.0.0")],
)
def test_a_break_needs_the_next_major(
    shop: SmallMesh, new: str, enough: bool, required: str
) -> None:
    shop.edit(CONTRACT, *RENAMED)
    in_step(shop, new)
    port = "shop/orders@2" if enough else "shop/orders"
    assert _versions(planned(shop)) == [
        (port, new, required, enough),
        ("shop/orders", new, required, enough),
    ]


def test_words_only_need_a_patch_and_say_so_at_the_version(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    (finding,) = told(planned(shop))
    assert (finding.code, finding.message, finding.fix) == (
        "version.too-small",
        "a patch change since release 1 needs other versions:"
        " port `shop/orders` 1.0.1 (is 1.0.0), product 1.0.1 (is 1.0.0)",
        "mesh product bump shop/orders",
    )
    assert finding.place.file == CONTRACT
    assert finding.place.line == shop.line(CONTRACT, "version: 1.0.0")
    in_step(shop, "1.0.1")
    assert findings(planned(shop)) == []


def test_a_change_around_the_ports_asks_only_for_the_product(shop: SmallMesh) -> None:
    shop.edit(DESCRIPTOR, "purpose: Every order of the shop.", "purpose: All orders.")
    plan = planned(shop)
    assert _versions(plan) == [("shop/orders", "1.0.0", "1.0.1", False)]
    (finding,) = told(plan)
    assert (finding.place.file, finding.place.line) == (
        DESCRIPTOR,
        shop.line(DESCRIPTOR, "version: 1.0.0"),
    )


def test_a_higher_version_without_a_change_is_enough(shop: SmallMesh) -> None:
    in_step(shop, "1.4.0")
    plan = planned(shop)
    assert (codes(plan), _versions(plan), findings(plan)) == ([], [], [])


# ports


def test_a_new_port_is_minor(shop: SmallMesh) -> None:
    text = shop.read(CONTRACT).replace("shop/orders\nname", "shop/orders/more\nname")
    text = text.replace("  - name: orders\n", "  - name: more\n")
    shop.write(f"{ORDERS}/more.odcs.yaml", text)
    shop.write(f"{ORDERS}/more.sql", "select * from {{ ref('stg_orders') }}\n")
    shop.edit(
        DESCRIPTOR,
        "outputPorts:\n",
        "outputPorts:\n  - {name: more, version: 1.0.0, contractId: shop/orders/more}\n",
    )
    plan = planned(shop)
    assert codes(plan) == ["shop/orders port.added"]
    assert _versions(plan) == [("shop/orders", "1.0.0", "1.1.0", False)]
    assert findings(plan) == ["version.too-small"]


def test_a_major_beside_the_old_one_breaks_nobody(shop: SmallMesh) -> None:
    add_second_major(shop)
    plan = planned(shop)
    assert "shop/orders port.added" in codes(plan)
    assert all(item.change.level < Level.MAJOR for item in changes(plan))
    assert reached(plan)["port.added"] == []
    assert findings(plan) == ["version.too-small"]
    assert _versions(plan) == [
        ("shop/orders", "1.0.0", "1.1.0", False),
        ("shop/orders", "1.0.0", "1.1.0", False),
    ]


def test_a_major_in_place_takes_the_old_one_from_its_readers(shop: SmallMesh) -> None:
    rename_amount(shop)
    in_step(shop, "2.0.0")
    plan = planned(shop)
    assert codes(plan)[:2] == ["shop/orders port.removed", "shop/orders column.removed"]
    assert changes(plan)[0].change.message == (
        "the port `shop/orders` is gone; `shop/orders@2` takes its place"
    )
    (finding,) = [f for f in plan.findings if f.blocking]
    assert finding.message == (
        "`shop/orders` goes away for report/revenue, and nobody there has agreed"
    )
    assert finding.fix is not None
    assert "version: 2.0.0" in finding.fix


def test_the_end_of_an_old_major_reaches_who_still_reads_it(shop: SmallMesh) -> None:
    add_second_major(shop)
    add_consumer(shop)
    release_all(shop)
    first = "  - name: orders\n    description: One row per order.\n    type: table\n"
    first += "    version: 1.0.0\n    contractId: shop/orders\n"
    shop.edit(DESCRIPTOR, first, "")
    shop.delete(CONTRACT)
    shop.delete(f"{ORDERS}/orders.sql")
    plan = planned(shop, "shop")
    removed = [item for item in changes(plan) if item.change.code == "port.removed"]
    assert [(item.port, str(c.product), c.stand) for item in removed for c in item.consumers] == [
        ("shop/orders", "report/buyers", Stand.MOVED),
        ("shop/orders", "report/revenue", "reads"),
    ]
    not_agreed = [f for f in plan.findings if f.code == "change.not-agreed"]
    assert [f.message for f in not_agreed] == [
        "`shop/orders` goes away for report/revenue, and nobody there has agreed"
    ]


def test_changes_of_two_majors_are_told_apart(shop: SmallMesh) -> None:
    add_second_major(shop)
    add_consumer(shop)
    release_all(shop)
    shop.edit(f"{ORDERS}/orders_v2.odcs.yaml", "- name: buyer\n", "- name: purchaser\n")
    plan = planned(shop)
    removed = next(item for item in changes(plan) if item.change.code == "column.removed")
    assert (removed.port, reached(plan)["column.removed"]) == ("shop/orders@2", ["report/buyers"])
    not_agreed = [f.message for f in plan.findings if f.code == "change.not-agreed"]
    assert not_agreed == ["`shop/orders@2` breaks for report/buyers, and nobody there has agreed"]


def test_a_port_that_is_renamed_is_gone_and_new(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "id: shop/orders", "id: shop/orders/sales")
    shop.edit(DESCRIPTOR, "contractId: shop/orders", "contractId: shop/orders/sales")
    shop.edit(DESCRIPTOR, "  - name: orders\n    desc", "  - name: sales\n    desc")
    plan = planned(shop)
    assert codes(plan) == ["shop/orders port.removed", "shop/orders port.added"]
    assert findings(plan) == ["version.too-small", "change.not-agreed"]


def test_a_product_that_retires_needs_the_word_of_its_consumers(shop: SmallMesh) -> None:
    shop.edit(DESCRIPTOR, "status: active", "status: retired")
    plan = planned(shop)
    assert reached(plan) == {"product.retired": ["report/revenue"]}
    (finding,) = [f for f in plan.findings if f.code == "change.not-agreed"]
    assert str(finding.place).startswith(f"{DESCRIPTOR}:6")
    acknowledge(shop)
    shop.edit(DESCRIPTOR, "version: 1.0.0", "version: 2.0.0")
    assert findings(planned(shop)) == []


def test_a_version_that_goes_back_is_refused_without_any_change(shop: SmallMesh) -> None:
    in_step(shop, "0.9.0")
    found = [item for item in planned(shop).findings if item.code == "version.backwards"]
    said = "is version 0.9.0, and was 1.0.0 in release 1"
    assert [(item.message, item.blocking, item.place.file) for item in found] == [
        (f"the product {said}", True, DESCRIPTOR),
        (f"port `shop/orders` {said}", True, CONTRACT),
    ]
    assert found[0].fix == "write 1.0.0, or the next version that `mesh plan` asks for"


def test_a_version_that_goes_back_and_is_too_small_is_told_once(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    in_step(shop, "0.9.0")
    told = [item.code for item in planned(shop).findings if item.code.startswith("version.")]
    assert told == ["version.too-small"]


def test_the_table_of_a_new_major_is_called_as_its_port_and_that_is_no_change(
    shop: SmallMesh,
) -> None:
    shop.edit(CONTRACT, *RENAMED)
    in_step(shop, "2.0.0")
    before = codes(planned(shop))
    shop.edit(CONTRACT, "  - name: orders\n", "  - name: orders\n    physicalName: orders_v2\n")
    shop.write(f"{ORDERS}/orders_v2.sql", shop.read(f"{ORDERS}/orders.sql"))
    shop.delete(f"{ORDERS}/orders.sql")
    assert codes(planned(shop)) == before
    shop.edit(CONTRACT, "physicalName: orders_v2", "physicalName: something")
    assert "shop/orders table.renamed" in codes(planned(shop))
