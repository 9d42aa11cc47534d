"""Whom a plan finds that a change reaches, and how: nobody is silently unaffected."""

from __future__ import annotations

import pytest

from mesh_platform.lineage.usage import Use
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.impact import Affected
from mesh_platform.planning.plan import Plan
from tests.majors import BUYERS, add_consumer
from tests.planned import (
    CONTRACT,
    RENAMED,
    REVENUE_CONTRACT,
    REVENUE_DESCRIPTOR,
    changes,
    findings,
    in_step,
    planned,
    reached,
    rename_amount,
)
from tests.small_mesh import REVENUE, RULE, SmallMesh


def _affected(plan: Plan, code: str) -> list[Affected]:
    return [c for item in changes(plan) if item.change.code == code for c in item.consumers]


def _uses(plan: Plan) -> list[tuple[str, set[Use], tuple[str, ...], str | None]]:
    return [
        (str(c.product), set(c.uses), c.columns, str(c.through) if c.through else None)
        for c in _affected(plan, "column.removed")
    ]


REVENUE_AMOUNT = ("report/revenue", {Use.VALUES}, ("report/revenue.amount",), None)


@pytest.mark.parametrize(
    ("column", "sql", "uses", "columns"),
    [
        ("amount", None, {Use.VALUES}, ("report/revenue.amount",)),
        ("customer", None, None, ()),
        ("status", None, {Use.VALUES, Use.ROWS}, ("report/revenue.status",)),
        ("amount", "select status, count(*) as orders, 1.0 as amount from SOURCE"
         " where amount > 0 group by 1", {Use.ROWS}, ()),
        ("amount", "with o as (select * from SOURCE) select o.status, count(*) as orders,"
         " sum(o.amount) as amount from o group by 1", {Use.VALUES}, ("report/revenue.amount",)),
        ("customer", "with o as (select customer, status from SOURCE) select status,"
         " count(*) as orders, 1.0 as amount from o group by 1", {Use.NAMED}, ()),
        ("customer", "selekt from from SOURCE ((", {Use.UNKNOWN}, ()),
        ("customer", "{{ fill_in(SOURCE) }} from SOURCE", {Use.UNKNOWN}, ()),
        ("customer", "select {{ run_query('select 1') }} from {{ source(var('x'), 'orders') }}",
         {Use.UNKNOWN}, ()),
        ("CUSTOMER", "select Customer as status, 1 as orders, 1.0 as amount from SOURCE",
         {Use.VALUES}, ("report/revenue.status",)),
    ],
)  # fmt: skip
def test_a_consumer_is_reached_by_what_its_sql_does(
    shop: SmallMesh, column: str, sql: str | None, uses: set[Use] | None, columns: tuple[str, ...]
) -> None:
    if sql:
        source = "{{ source('shop', 'orders') }}"
        text = sql if "{{ fill" not in sql else sql.replace("fill_in(SOURCE)", "fill_in('x')")
        shop.write(f"{REVENUE}/revenue.sql", text.replace("SOURCE", source) + "\n")
    name = column.lower()
    shop.edit(CONTRACT, f"- name: {name}\n", f"- name: other_{name}\n")
    expected = [("report/revenue", uses, columns, None)] if uses else []
    assert _uses(planned(shop)) == expected


def test_a_python_model_may_read_everything(shop: SmallMesh) -> None:
    shop.delete(f"{REVENUE}/revenue.sql")
    shop.write(
        f"{REVENUE}/revenue.py",
        "def model(dbt, session):\n    return dbt.source('shop', 'orders')\n",
    )
    shop.edit(CONTRACT, "- name: customer\n", "- name: buyer\n")
    assert _uses(planned(shop)) == [("report/revenue", {Use.UNKNOWN}, (), None)]
    assert "change.not-agreed" in findings(planned(shop))


COMMON = "select status, amount from {{ source('shop', 'orders') }}\n"
OF_COMMON = "select status, 1 as orders, 1.0 as amount from {{ ref('common') }}\n"


@pytest.mark.parametrize(
    ("file", "sql"),
    [
        ("domains/report/products/common.sql", OF_COMMON),
        ("domains/report/models/common.sql", OF_COMMON),
        ("domains/report/snapshots/common.sql", OF_COMMON),
        (f"{REVENUE}/common.sql", "select * from {{ ref('common') }},"
         " (summarize {{ source('shop', 'orders') }})\n"),
        (f"{REVENUE}/common.sql", "select * from {{ ref('common') }} where exists"
         " (from (describe {{ source('shop', 'orders') }}))\n"),
    ],
)  # fmt: skip
def test_what_is_read_where_lineage_does_not_look_may_be_all(
    shop: SmallMesh, file: str, sql: str
) -> None:
    shop.edit(REVENUE_CONTRACT, RULE, "")
    unseen = file.startswith(REVENUE)
    shop.write(file, "select 'x' as status, 1 as orders, 1.0 as amount\n" if unseen else COMMON)
    shop.write(f"{REVENUE}/revenue.sql", sql)
    shop.edit(CONTRACT, *RENAMED)
    plan = planned(shop, "shop")
    assert _uses(plan) == [("report/revenue", {Use.UNKNOWN}, (), None)]
    assert "change.not-agreed" in findings(plan)


def _behind_a_star(shop: SmallMesh) -> None:
    """The consumer takes all columns, and makes nothing of the amount."""
    shop.edit(REVENUE_CONTRACT, RULE, "")
    shop.write(f"{REVENUE}/stg_all.sql", "select * from {{ source('shop', 'orders') }}\n")
    shop.write(
        f"{REVENUE}/revenue.sql",
        "select status, count(*) as orders, 1.0 as amount from {{ ref('stg_all') }} group by 1\n",
    )


@pytest.mark.parametrize(
    ("test", "uses"),
    [
        ("select * from {{ source('shop', 'orders') }} where amount < 0", {Use.NAMED}),
        ("select * from {{ ref('stg_all') }} where amount < 0", {Use.NAMED}),
        ("select * from {{ ref('stg_all') }} where orders < 0", None),
        ("select {{ var('x') }} from {{ ref('revenue') }}", {Use.UNKNOWN}),
        ("select * from {{ ref('elsewhere') }} where amount < 0", None),
    ],
)
def test_a_test_of_the_consumer_that_names_the_column_fails_without_it(
    shop: SmallMesh, test: str, uses: set[Use] | None
) -> None:
    _behind_a_star(shop)
    shop.write("domains/report/tests/positive.sql", test + "\n")
    shop.write("domains/report/tests/generic/own.sql", "{% test own(model) %}{% endtest %}\n")
    shop.edit(CONTRACT, *RENAMED)
    expected = [("report/revenue", uses, (), None)] if uses else []
    assert _uses(planned(shop, "shop")) == expected


@pytest.mark.parametrize(
    ("described", "uses"),
    [
        ("columns: [{name: amount, data_tests: [not_null]}]", {Use.NAMED}),
        ("columns: [{name: AMOUNT, tests: [unique]}]", {Use.NAMED}),
        ("data_tests: [{own: {expression: amount > 0}}]", {Use.NAMED}),
        ("columns: [{name: status, data_tests: [not_null]}]", None),
        ("columns: [{name: amount, description: 'has no tests:'}]", None),
        ("columns: 7\n    data_tests: []", None),
        ("columns: [", None),
    ],
)
def test_a_generic_test_of_a_private_model_fails_without_its_column(
    shop: SmallMesh, described: str, uses: set[Use] | None
) -> None:
    _behind_a_star(shop)
    shop.write(f"{REVENUE}/stg.yml", f"models:\n  - name: stg_all\n    {described}\n")
    shop.edit(CONTRACT, *RENAMED)
    expected = [("report/revenue", uses, (), None)] if uses else []
    assert _uses(planned(shop, "shop")) == expected


def test_a_rule_reads_a_port_in_whatever_case(shop: SmallMesh) -> None:
    query = "SELECT COUNT(*) FROM SHOP.ORDERS WHERE CUSTOMER IS NULL"
    shop.edit(REVENUE_CONTRACT, RULE.splitlines()[5].strip(), f"query: {query}")
    shop.write(
        f"{REVENUE}/revenue.sql",
        "select 'x' as status, 1 as orders, 1.0 as amount from (select 1)\n",
    )
    shop.edit(CONTRACT, "- name: customer\n", "- name: buyer\n")
    assert _uses(planned(shop)) == [("report/revenue", {Use.NAMED}, (), None)]


@pytest.mark.parametrize(
    "config",
    [
        "config:\n      post_hook: insert into x select amount from y\n",
        "config: {materialized: table, pre-hook: select 1}\n",
        "config:\n      'sql_header': select 1\n",
    ],
)
def test_sql_that_a_setting_runs_beside_the_model_may_read_everything(
    shop: SmallMesh, config: str
) -> None:
    shop.write(f"{REVENUE}/revenue.yml", f"version: 2\nmodels:\n  - name: revenue\n    {config}")
    shop.edit(CONTRACT, "- name: customer\n", "- name: buyer\n")
    assert _uses(planned(shop)) == [("report/revenue", {Use.UNKNOWN}, (), None)]


def test_a_macro_and_staging_models_are_followed(shop: SmallMesh) -> None:
    shop.write(
        "domains/report/macros/orders.sql",
        "{% macro orders() %}{{ source('shop', 'orders') }}{% endmacro %}\n",
    )
    shop.write(f"{REVENUE}/stg_all.sql", "select * from {{ orders() }}\n")
    shop.write(f"{REVENUE}/stg_paid.sql", "select * from {{ ref('stg_all') }} where amount > 0\n")
    shop.write(
        f"{REVENUE}/revenue.sql",
        "select status, count(*) as orders, sum(amount) as amount"
        " from {{ ref('stg_paid') }} group by 1\n",
    )
    shop.edit(CONTRACT, *RENAMED)
    assert _uses(planned(shop)) == [
        ("report/revenue", {Use.VALUES, Use.ROWS}, ("report/revenue.amount",), None)
    ]


def test_who_reads_through_another_product_is_told_by_which_port(shop: SmallMesh) -> None:
    folder = "domains/report/products/summary"
    for file in ("product.odps.yaml", "revenue.odcs.yaml"):
        text = shop.read(f"{REVENUE}/{file}").replace("revenue", "summary")
        text = text.replace("  - name: orders\n    version", "  - name: revenue\n    version")
        text = text.replace("contractId: shop/orders", "contractId: report/revenue")
        text = text.replace("from shop.orders", "from report.revenue")
        shop.write(f"{folder}/{file.replace('revenue', 'summary')}", text)
    shop.write(f"{folder}/summary.sql", "select * from {{ source('report', 'revenue') }}\n")
    shop.edit(CONTRACT, *RENAMED)
    plan = planned(shop, "shop")
    assert _uses(plan) == [
        REVENUE_AMOUNT,
        ("report/summary", {Use.VALUES}, ("report/summary.amount",), "report/revenue"),
    ]
    (finding,) = [f for f in plan.findings if f.code == "change.not-agreed"]
    assert finding.message == "`shop/orders` breaks for report/revenue, and nobody there has agreed"


def test_who_reads_without_an_input_port_is_reached_too(shop: SmallMesh) -> None:
    declared = "inputPorts:\n  - name: orders\n    version: 1.0.0\n    contractId: shop/orders\n"
    shop.edit(REVENUE_DESCRIPTOR, declared, "")
    shop.edit(CONTRACT, *RENAMED)
    assert _uses(planned(shop, "shop")) == [REVENUE_AMOUNT]


def test_a_consumer_whose_files_have_errors_is_never_unaffected(shop: SmallMesh) -> None:
    rename_amount(shop)
    in_step(shop, "2.0.0")
    shop.edit(REVENUE_CONTRACT, "properties:", "propertes:")
    for plan in (planned(shop), planned(shop, "shop"), planned(shop, "shop/orders")):
        assert plan.unread == (ProductName.parse("report/revenue"),)
        assert findings(plan) == ["contract.unknown-key"]
    shop.edit(CONTRACT, "- name: total", "- name: amount")
    assert "contract.unknown-key" in findings(planned(shop, "shop"))


def test_broken_files_elsewhere_do_not_matter_to_what_breaks_nothing(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    in_step(shop, "1.0.1")
    shop.edit(REVENUE_CONTRACT, "properties:", "propertes:")
    plan = planned(shop, "shop")
    assert (plan.unread, findings(plan)) == ((), [])
    assert findings(planned(shop)) == ["contract.unknown-key"]
    (unread,) = planned(shop, "report/revenue").unread
    assert str(unread) == "report/revenue"


def test_a_wrong_input_of_another_product_is_still_told(shop: SmallMesh) -> None:
    rename_amount(shop)
    in_step(shop, "2.0.0")
    add_consumer(shop)
    shop.edit(f"{BUYERS}/product.odps.yaml", "contractId: shop/orders", "contractId: shop/ordrs")
    plan = planned(shop)
    assert findings(plan) == ["change.not-agreed", "input.unknown-port"]


def test_three_hundred_consumers_are_all_named(shop: SmallMesh) -> None:
    text = {f: shop.read(f"{REVENUE}/{f}") for f in ("product.odps.yaml", "revenue.odcs.yaml")}
    for number in range(300):
        folder, name = f"domains/report/products/r{number}", f"r{number}"
        for file, said in text.items():
            mine = said.replace("report/revenue", f"report/{name}")
            mine = mine.replace("- name: revenue", f"- name: {name}")
            shop.write(f"{folder}/{file.replace('revenue', name)}", mine)
        sql = shop.read(f"{REVENUE}/revenue.sql")
        shop.write(f"{folder}/{name}.sql", sql)
    shop.edit(CONTRACT, *RENAMED)
    plan = planned(shop, "shop")
    assert len(reached(plan)["column.removed"]) == 301
    (finding,) = [f for f in plan.findings if f.code == "change.not-agreed"]
    assert finding.message == (
        "`shop/orders` breaks for report/r0, report/r1, report/r10, report/r100, report/r101"
        " and 296 more, and nobody there has agreed"
    )
    assert finding.fix is not None
    assert finding.fix.startswith(
        "one of these, for each of them; ask report-team <report@example.com>\n"
    )
