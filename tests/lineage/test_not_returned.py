"""A promised column that the model lacks blocks where that is certain, and else is in doubt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mesh_platform.model.findings import Finding
from tests.lineage.test_mesh_lineage import MODEL, RULE, downstream, findings
from tests.planned import acknowledge
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

CONTRACT = f"{REVENUE}/revenue.odcs.yaml"
PROJECT = "domains/report/dbt_project.yml"
LACKING = """\
select status, count(*) as orders
from {{ source('shop', 'orders') }}
group by status
"""


def lacks(mesh: SmallMesh, product: str = "report/revenue") -> list[Finding]:
    return [f for f in findings(mesh, product) if f.code == "lineage.not-returned"]


def doubts(mesh: SmallMesh, product: str = "report/revenue") -> list[Finding]:
    return [f for f in findings(mesh, product) if f.code == "lineage.unvouched"]


def test_a_column_that_the_model_does_not_return_blocks(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING)
    (finding,) = findings(mesh)
    line = mesh.line(CONTRACT, "- name: amount")
    assert str(finding) == (
        "report/revenue: column `amount` is promised, but the model `revenue` does not return it\n"
        f"  at: {CONTRACT}:{line}:9  [lineage.not-returned]\n"
        "  try: add it to revenue.sql, or take it out of the contract,"
        " a major change if it was ever released"
    )
    assert finding.blocking


def test_who_reads_the_column_may_depend_on_anything(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING)
    assert ("report/revenue", "amount", "unknown") in downstream(mesh, "customer")


def test_every_column_is_told_at_its_own_line(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select status from {{ source('shop', 'orders') }}\n")
    found = [(item.message.split("`")[1], item.place.line) for item in lacks(mesh)]
    lines = [mesh.line(CONTRACT, f"- name: {name}") for name in ("orders", "amount")]
    assert found == list(zip(("orders", "amount"), lines, strict=True))
    assert doubts(mesh) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select * exclude (amount) from ({}) as x",
        "with x as ({}) select status, orders from x",
        "select status, orders from ({}) as x union all select status, orders from ({}) as y",
        "{{% if is_incremental() %}} select status, orders from ({}) as x"
        " {{% else %}} select * exclude (amount) from ({}) as x {{% endif %}}",
        "{{{{ config(materialized='view') }}}} select status, orders from ({}) as x",
    ],
)
def test_whole_tables_ctes_and_unions_tell_their_columns(mesh: SmallMesh, sql: str) -> None:
    model = mesh.read(MODEL)
    mesh.write(MODEL, sql.format(*[model] * sql.count("({})")))
    assert len(lacks(mesh)) == 1


def test_a_column_that_a_model_further_in_lacks_is_lacking(mesh: SmallMesh) -> None:
    mesh.edit(f"{ORDERS}/stg_orders.sql", "as amount", "as total")
    (finding,) = lacks(mesh, "shop/orders")
    assert finding.message == (
        "column `amount` is promised, but the model `orders` does not return it"
    )


def test_a_column_counts_by_the_name_that_it_is_stored_under(mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "- name: amount", "- name: turnover\n        physicalName: AMOUNT")
    assert lacks(mesh) == []
    mesh.edit(CONTRACT, "physicalName: AMOUNT", "physicalName: total")
    assert ["`total`" in item.message for item in lacks(mesh)] == [True]


def test_the_model_is_the_one_that_the_contract_names(mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "- name: revenue", "- name: revenue\n    physicalName: by_status")
    mesh.write(f"{REVENUE}/by_status.sql", LACKING)
    (finding,) = lacks(mesh)
    assert finding.message.endswith("the model `by_status` does not return it")
    assert str(finding.fix).startswith("add it to by_status.sql, ")


def test_fields_inside_a_column_are_not_its_matter(mesh: SmallMesh) -> None:
    mesh.edit(
        CONTRACT,
        "      - name: amount\n        logicalType: number\n        physicalType: DOUBLE\n",
        "      - name: amount\n        logicalType: object\n        properties:\n"
        "          - {name: net, logicalType: number}\n",
    )
    assert findings(mesh) == []


def unnamed(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING.replace("count(*) as orders", "count(*) as orders, sum(amount)"))


def star_of_a_file(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/stg_orders.sql", "select * from {{ source('landing', 'orders_file') }}")


def renamed_star_of_a_file(mesh: SmallMesh) -> None:
    sql = "select * from (select status, * from {{ source('landing', 'orders_file') }}) as t(a)"
    mesh.write(f"{ORDERS}/stg_orders.sql", sql)


def python(mesh: SmallMesh) -> None:
    mesh.delete(MODEL)
    mesh.write(MODEL.replace(".sql", ".py"), "def model(dbt, session): ...\n")


def variable(mesh: SmallMesh) -> None:
    mesh.write(
        MODEL, "select status, 1 as orders, {{ var('x') }} from {{ source('shop', 'orders') }}"
    )


def struct(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select s.* from (select struct_insert({'amount': 1}, b := 2) as s) as t")


def table_of_a_seed(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select * from {{ ref('a_seed') }}")


def pivot(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "pivot {{ source('shop', 'orders') }} on status using sum(amount)")


def function(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select status, orders from unnest([1]) as t(status), range(3) as r(orders)")


def two_tables_of_one_name(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select * from {{ source('shop', 'orders') }}, {{ source('old', 'orders') }}")


def incremental(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "{{ config(materialized='incremental') }}\n" + LACKING)


def incremental_by_settings(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING)
    mesh.edit(PROJECT, "+materialized: table", "+materialized: incremental")


def incremental_by_a_file_beside_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING)
    text = "models:\n  - name: revenue\n    config: {materialized: incremental}\n"
    mesh.write(f"{REVENUE}/models.yml", text)


def star_of_an_incremental_model(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select * from {{ ref('int_revenue') }}\n")
    mesh.write(f"{REVENUE}/int_revenue.sql", "{{ config(materialized='incremental') }}\n" + LACKING)


def own_way_to_build(mesh: SmallMesh) -> None:
    mesh.write(MODEL, LACKING)
    text = "{% macro duckdb__create_table_as(temporary, relation, sql) %}{% endmacro %}\n"
    mesh.write("domains/report/macros/own.sql", text)


@pytest.mark.parametrize(
    ("change", "product"),
    [
        (unnamed, "report/revenue"),
        (star_of_a_file, "shop/orders"),
        (renamed_star_of_a_file, "shop/orders"),
        (python, "report/revenue"),
        (variable, "report/revenue"),
        (struct, "report/revenue"),
        (table_of_a_seed, "report/revenue"),
        (pivot, "report/revenue"),
        (function, "report/revenue"),
        (two_tables_of_one_name, "report/revenue"),
        (incremental, "report/revenue"),
        (incremental_by_settings, "report/revenue"),
        (incremental_by_a_file_beside_it, "report/revenue"),
        (star_of_an_incremental_model, "report/revenue"),
        (own_way_to_build, "report/revenue"),
    ],
)
def test_what_is_not_certain_does_not_block(
    mesh: SmallMesh, change: Callable[[SmallMesh], None], product: str
) -> None:
    mesh.edit(CONTRACT, RULE, "")
    change(mesh)
    assert lacks(mesh, product) == []


@pytest.mark.parametrize("change", [unnamed, incremental, incremental_by_settings])
def test_what_is_not_certain_stays_a_doubt(
    mesh: SmallMesh, change: Callable[[SmallMesh], None]
) -> None:
    change(mesh)
    (finding,) = doubts(mesh)
    assert finding.message == (
        "model `revenue`: the model does not return a column `amount`; "
        "what `revenue.amount` comes from cannot be vouched for"
    )


def test_a_consumer_that_agreed_to_a_break_is_not_blocked_by_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select *, 1 as orders from {{ source('shop', 'orders') }}\n")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "- name: amount", "- name: total")
    assert len(lacks(mesh)) == 1
    acknowledge(mesh)
    assert (lacks(mesh), len(doubts(mesh))) == ([], 1)
