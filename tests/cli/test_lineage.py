"""`mesh lineage`: the words people see, and what programs read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mesh_platform.cli.lineage_text import _USES
from tests.cli.conftest import Run
from tests.planned import release_all
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


@pytest.mark.parametrize("file", ["revenue.odcs.yaml", "product.odps.yaml"])
def test_a_consumer_with_errors_in_its_files_is_no_nobody(
    look: Run, shop: SmallMesh, file: str
) -> None:
    shop.write(f"{REVENUE}/{file}", "version 1.0.0\n")
    said = look("lineage", "shop/orders", "--down")
    assert "nobody" not in said.out
    assert "report/revenue (report-team)" in said.out
    assert "may depend on it" in said.out
    assert re.search("^read by +report/revenue *$", look("show", "shop/orders").out, re.MULTILINE)


def test_a_product_is_shown_with_what_it_is_made_of_and_who_uses_it(look: Run) -> None:
    said = look("lineage", "shop/orders")
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == """\
shop/orders
├── orders comes from
│   ├── order_id ← landing.orders_file: order_id
│   ├── customer ← landing.orders_file: customer
│   ├── amount ← landing.orders_file: amount
│   └── status ← landing.orders_file: status
├── reads in all
│   └── landing.orders_file: amount, customer, order_id, status
└── orders is used by
    └── report/revenue (report-team)
        ├── made of it: revenue.amount, revenue.status
        └── rows depend on it: revenue.orders
"""
    )


def test_the_words_of_the_tree_are_explained(look: Run) -> None:
    said = " ".join(look("lineage", "--help").out.split())
    assert "PRODUCT is `domain/product`." in said
    assert "docs/reference/lineage.md has each word" in said
    page = (Path(__file__).parents[2] / "docs/reference/lineage.md").read_text(encoding="utf-8")
    for words in (*_USES.values(), "rows decided by", "reads in all"):
        assert f"“{words}”" in page


def test_a_column_is_followed_up_through_all_products(look: Run) -> None:
    assert (
        look("lineage", "report/revenue", "--column", "revenue.amount", "--up").out
        == """\
report/revenue
└── revenue comes from
    ├── amount
    │   └── shop/orders: amount
    │       └── landing.orders_file: amount
    └── rows decided by
        └── shop/orders: status
"""
    )


def test_a_column_is_followed_down(look: Run) -> None:
    assert (
        look("lineage", "shop/orders", "--column", "orders.amount", "--down").out
        == """\
shop/orders
└── orders.amount is used by
    └── report/revenue (report-team)
        └── made of it: revenue.amount
"""
    )


def test_a_column_that_nobody_uses_says_so(look: Run) -> None:
    assert (
        look("lineage", "shop/orders", "--column", "orders.customer", "--down").out
        == """\
shop/orders
└── orders.customer is used by
    └── nobody
"""
    )


def test_a_count_of_rows_comes_from_no_column(look: Run) -> None:
    said = look("lineage", "report/revenue", "--column", "revenue.orders", "--up")
    assert (
        "orders ← no column of an input: a constant, a value of a seed, or a count of rows\n"
        in said.out
    )


def test_programs_read_the_same(look: Run) -> None:
    said = look("lineage", "shop/orders", "--column", "orders.status", "--output", "json")
    assert said.json == {
        "product": "shop/orders",
        "column": "orders.status",
        "reads": [],
        "up": [
            {
                "port": "orders",
                "column": "status",
                "values": [{"input": "landing.orders_file", "column": "status"}],
                "rows": [],
                "unvouched": [],
            }
        ],
        "down": [
            {
                "port": "orders",
                "column": "status",
                "consumers": [
                    {
                        "product": "report/revenue",
                        "owner": "report-team",
                        "port": "revenue",
                        "column": column,
                        "use": "values" if column == "status" else "rows",
                        "through": "shop/orders",
                        "direct": True,
                    }
                    for column in ("*", "amount", "orders", "status")
                ],
            }
        ],
        "findings": [],
    }


def test_what_cannot_be_vouched_for_is_shown(mesh: SmallMesh, look: Run) -> None:
    mesh.write(
        f"{REVENUE}/revenue.sql", "select {{ var('x') }} from {{ source('shop', 'orders') }}"
    )
    said = look("lineage", "report/revenue", "--up")
    reason = "it asks for the variable `x`, which only dbt knows"
    assert f"status ← perhaps more: model `revenue`: {reason}\n" in said.out
    assert "[lineage.unvouched]" in said.out
    below = look("lineage", "shop/orders", "--column", "orders.customer", "--down")
    assert "may depend on it: revenue.amount, revenue.orders, revenue.status\n" in below.out


def test_products_that_read_each_other_are_shown_once(mesh: SmallMesh, look: Run) -> None:
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "inputPorts:",
        "inputPorts:\n  - {name: revenue, version: 1.0.0, contractId: report/revenue}",
    )
    mesh.write(
        f"{ORDERS}/orders.sql",
        "select order_id, customer, r.amount, o.status from {{ ref('stg_orders') }} o "
        "join {{ source('report', 'revenue') }} r on r.status = o.status\n",
    )
    said = look("lineage", "shop/orders", "--column", "orders.amount", "--up")
    assert said.code == 0
    assert "report/revenue: amount" in said.out
    assert look("lineage", "shop/orders", "--column", "orders.amount", "--down").code == 0


def test_a_column_that_is_not_promised_is_refused(look: Run) -> None:
    said = look("lineage", "shop/orders", "--column", "orders.amonut")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "no column is called `orders.amonut`\n"
        "  try: did you mean `orders.amount` or `orders.customer` or `orders.status`?\n"
    )


def test_a_model_that_is_no_text_is_in_doubt_and_stops_nothing_else(
    mesh: SmallMesh, look: Run
) -> None:
    mesh.path(f"{ORDERS}/orders.sql").write_bytes(b"select \xff")
    said = look("lineage", "shop/orders")
    assert (said.code, said.err) == (0, "")
    assert "model `orders`: it cannot be read as UTF-8 text" in " ".join(said.out.split())
    assert "is not UTF-8" not in look("lineage", "report/revenue").out
    for command in ("plan", "check"):
        said = look(command, "shop")
        assert said.code == 1
        assert "model `orders` cannot be read as UTF-8 text" in said.out
    for command in ("plan", "check"):
        assert "UTF-8" not in look(command, "report").out


def test_lineage_ends_at_a_product_whose_files_have_errors(mesh: SmallMesh, look: Run) -> None:
    release_all(mesh)
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "schema:", "\tschema:")
    said = look("lineage", "report/revenue", "--column", "revenue.amount")
    assert (said.code, "amount" in said.out) == (0, True), said.err
