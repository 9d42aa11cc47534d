"""SQL rules of contracts are given to DuckDB before there is data."""

from __future__ import annotations

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.checks.lint import CANNOT_RUN
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.findings import Finding
from tests.small_mesh import REVENUE, RULE, SmallMesh

CONTRACT = f"{REVENUE}/revenue.odcs.yaml"
QUERY = "select (select sum(orders) from ${object}) - (select count(*) from shop.orders)"


def found(mesh: SmallMesh, query: str) -> list[Finding]:
    assert QUERY in RULE
    mesh.edit(CONTRACT, f"query: {QUERY}", f"query: >-\n          {query}")
    findings = check_mesh(Workspace.open(mesh.root)).findings
    return [finding for finding in findings if finding.code == CANNOT_RUN]


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from revenue where orders < 0",
        "select count(*) from port p join shop.orders o on o.status = p.status",
        "select count(*) from shop.ORDERS where Amount < 0",
        "select max(orders) from previous where orders > 1",
        "select count(*) from ${object} limit 1 + 1",
        "select bool_and(orders > 0) from ${object}",
        "select sum(amount)::decimal(10, 2) from ${object}",
        "select null from ${object}",
        "with t as (select status, count(*) n from port group by all) select max(n) from t",
    ],
)
def test_nothing_is_said_of_a_rule_that_runs(mesh: SmallMesh, query: str) -> None:
    assert found(mesh, query) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "select count(*) from port where sum(orders) > 1",
            "WHERE clause cannot contain aggregates",
        ),
        (
            "select sum(strptime(amount, '%Y')) from shop.orders",
            "No function matches the given name and argument types 'strptime(DOUBLE, ",
        ),
        ("select max(status) from ${object}", "it returns VARCHAR, which is no number"),
        ("select current_date", "it returns DATE, which is no number"),
        ("select list(orders) from ${object}", "it returns BIGINT[], which is no number"),
        ("select totl(orders) from ${object}", "Scalar Function with name totl does not exist"),
        ("select min(orders), max(orders) from port", "it returns 2 columns"),
        ("select totl(orders) from previous", "Scalar Function with name totl does not exist"),
    ],
)
def test_a_rule_that_could_never_run_is_told(mesh: SmallMesh, query: str, said: str) -> None:
    (finding,) = found(mesh, query)
    assert finding.message.startswith(f"check `no_order_lost` cannot run: {said}")
    assert (finding.severity, finding.product) == ("error", "report/revenue")
    assert (finding.place.file, finding.place.line) == (
        CONTRACT,
        mesh.line(CONTRACT, "- name: no_order_lost"),
    )


def test_a_name_without_a_column_is_told_once(mesh: SmallMesh) -> None:
    (finding,) = found(mesh, "select sum(ordrs) from port")
    assert "it reads `ordrs`" in finding.message
