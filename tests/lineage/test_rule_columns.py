"""An SQL rule that reads what nobody promises could never run; whatever may run is left alone."""

from __future__ import annotations

import pytest

from mesh_platform.model.findings import Finding
from tests.lineage.test_mesh_lineage import findings
from tests.planned import acknowledge
from tests.small_mesh import REVENUE, SmallMesh

CONTRACT = f"{REVENUE}/revenue.odcs.yaml"
QUERY = "select (select sum(orders) from ${object}) - (select count(*) from shop.orders)"


def unrunnable(mesh: SmallMesh, query: str) -> list[Finding]:
    """What is found of the rule `no_order_lost`, which reads this."""
    mesh.edit(CONTRACT, f"query: {QUERY}", f"query: >-\n          {query}")
    return [f for f in findings(mesh) if f.code == "contract.cannot-run"]


def test_a_rule_that_reads_a_column_of_another_name_blocks(mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "- name: orders", "- name: order_count")
    found = [item for item in findings(mesh) if item.code != "lineage.not-returned"]
    line = mesh.line(CONTRACT, "- name: no_order_lost")
    assert [str(item) for item in found] == [
        "report/revenue: check `no_order_lost` cannot run: it reads `orders`, which is no column"
        " of the port\n"
        f"  at: {CONTRACT}:{line}:9  [contract.cannot-run]\n"
        "  try: correct the rule, or promise the column; did you mean `order_count`?"
    ]
    assert found[0].blocking


def test_a_rule_that_only_warns_does_not_block(mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "severity: error", "severity: warning")
    (finding,) = unrunnable(mesh, "select count(*) from ${object} where total > 1")
    assert not finding.blocking


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select sum(total) from ${object}", "`total`, which is no column of the port"),
        ("select sum(port.total) from ${object}", "`port.total`, which is no column of the port"),
        ("select sum(r.total) from port r", "`r.total`, which is no column of the port"),
        (
            "select max(TOTAL) from report.revenue",
            "`total`, which is no column of `report.revenue`",
        ),
        (
            "select count(*) from shop.orders where price > 1",
            "`price`, which is no column of `shop.orders`",
        ),
        (
            "select count(*) from port join shop.orders o using (status) where total > 1",
            "`total`, which is no column of the port or `shop.orders`",
        ),
        (
            "select count(*) from port p where exists"
            " (select 1 from shop.orders o where o.status = p.state)",
            "`p.state`, which is no column of the port",
        ),
        (
            "with kept as (select * from port) select sum(total) from kept",
            "`total`, which is no column of the port",
        ),
        (
            "with kept as (select status from port) select sum(amount) from kept",
            "`amount`, which is no column of what it reads from",
        ),
        (
            "select count(*) from (select status from port group by status"
            " having count(distinct total) > 1) as x",
            "`total`, which is no column of the port",
        ),
    ],
)
def test_a_column_that_nothing_in_reach_has_is_named(
    mesh: SmallMesh, query: str, said: str
) -> None:
    (finding,) = unrunnable(mesh, query)
    assert finding.message == f"check `no_order_lost` cannot run: it reads {said}"


@pytest.mark.parametrize(
    "query",
    [
        'select count(*) from ${object} where Amount < 0 or "STATUS" is null',
        "select count(*) from ${object} where port.amount < 0",
        "select count(*) from report.revenue as r where r.amount < 0",
        "select count(*) from shop.orders where shop.orders.amount < 0",
        "select sum(amount) as total from port having total > 1",
        "select n from (select count(*) as n from port) as counted",
        "with n(total) as (select sum(amount) from port) select total from n",
        "select count(*) from port p anti join shop.orders o using (status)",
        "select count(*) from port where status not in (select status from shop.orders)",
        "select count(*) from port p where not exists"
        " (select 1 from shop.orders where shop.orders.status = p.status and orders > 1)",
        "select max(x) from (select unnest([amount]) as x from port)",
        "select count(*) from port, unnest([amount]) as u(v) where v > 1",
        "select len(list_filter([amount], x -> x > 1)) from port",
        "select len([x for x in [amount] if x > 1]) from port",
        "select s.total from (select {'total': amount} as s from port)",
        "select count(*) from port where status = current_user or status = user",
        "select count(*) from port where current_date > date '2020-01-01' - interval 3 days",
        "select sum(struct_pack(total := amount).total) from port",
        "select count(*) from (values (1)) v(total) where total > 1",
        "select count(*) from range(3) where range > 1",
        "select max(columns(*)) from port",
        "select amount from port union select amount as z from port order by z",
        "select count(*) from port a, lateral (select a.amount + 1 as total) b where total > 1",
        "select row_number() over w from port window w as (order by amount)",
    ],
)
def test_what_may_run_is_no_finding(mesh: SmallMesh, query: str) -> None:
    assert unrunnable(mesh, query) == []


def test_a_rule_of_a_column_reads_the_column(mesh: SmallMesh) -> None:
    rule = (
        "physicalType: DOUBLE\n        quality:\n          - {name: whole, type: sql, mustBe: 0,"
        " severity: error, query: 'select count(*) from {table} where {column} % 1 > WHAT'}"
    )
    mesh.edit(CONTRACT, "physicalType: DOUBLE", rule.replace("{", "${").replace("${name", "{name"))
    mesh.edit(CONTRACT, "WHAT", "${property}")
    assert findings(mesh) == []
    mesh.edit(CONTRACT, "% 1 > ${property}", "% 1 > total")
    assert [item.code for item in findings(mesh)] == ["contract.cannot-run"]


def test_a_consumer_that_agreed_to_a_break_is_not_blocked_by_it(mesh: SmallMesh) -> None:
    query = "select count(*) from shop.orders where price > 1"
    acknowledge(mesh)
    assert unrunnable(mesh, query) == []


def test_what_is_said_of_a_rule_already_is_not_said_again(mesh: SmallMesh) -> None:
    assert unrunnable(mesh, "select sum(total) from port, shop.customers") == []
