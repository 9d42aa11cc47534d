"""From promised columns to input ports and back, over the files of a small mesh."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.findings import lineage_findings
from mesh_platform.lineage.mesh_lineage import MeshLineage
from mesh_platform.lineage.sql.sources import Sources
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.files import MeshSql
from tests.small_mesh import ORDERS, REVENUE, RULE, SmallMesh, write_mesh

MODEL = f"{REVENUE}/revenue.sql"
STAGED = """\
select status, n as orders, total as amount
from {{ ref('int_revenue') }}
"""
INTERMEDIATE = """\
select status, count(*) as n, sum(amount) as total, max(order_id) as last_order
from {{ source('shop', 'orders') }}
where customer is not null
group by status
"""


def opened(mesh: SmallMesh) -> MeshLineage:
    workspace = Workspace.open(mesh.root)
    assert [str(finding) for finding in workspace.mesh.findings if finding.blocking] == []
    return MeshSql(workspace).lineage()


def revenue(mesh: SmallMesh) -> dict[str, tuple[str, str]]:
    """The columns of `report/revenue`: what each is made of, and what decides its rows."""
    lineage = opened(mesh)
    product = lineage.mesh.product("report/revenue")
    (port,) = lineage.product(product.name).ports.values()
    return {name: said(sources) for name, sources in port.columns.items()}


def said(sources: Sources) -> tuple[str, str]:
    return " ".join(sorted(map(str, sources.values))), " ".join(sorted(map(str, sources.rows)))


def findings(mesh: SmallMesh, product: str = "report/revenue") -> list[Finding]:
    lineage = opened(mesh)
    name = lineage.mesh.product(product).name
    return list(lineage_findings(lineage.product(name)))


def downstream(mesh: SmallMesh, column: str | None) -> list[tuple[str, str, str]]:
    lineage = opened(mesh)
    port = lineage.mesh.port("shop/orders").name
    found = lineage.downstream(port, column)
    return [(str(item.product), item.column or "-", item.use.value) for item in found]


def test_columns_are_followed_through_private_models_to_the_input_port(mesh: SmallMesh) -> None:
    mesh.write(MODEL, STAGED)
    mesh.write(f"{REVENUE}/int_revenue.sql", INTERMEDIATE)
    rows = "shop.orders.* shop.orders.customer shop.orders.status"
    assert revenue(mesh) == {
        "status": ("shop.orders.status", rows),
        "orders": ("", rows),
        "amount": ("shop.orders.amount", rows),
    }
    assert findings(mesh) == []


def test_columns_of_a_file_from_outside_are_found_by_their_names(mesh: SmallMesh) -> None:
    lineage = opened(mesh)
    product = lineage.product(lineage.mesh.product("shop/orders").name)
    (port,) = product.ports.values()
    values = {name: said(sources)[0] for name, sources in port.columns.items()}
    assert values == {
        name: f"landing.orders_file.{name}" for name in ("order_id", "customer", "amount", "status")
    }
    assert findings(mesh, "shop/orders") == []


def test_every_column_that_the_sql_names_is_read_though_no_port_shows_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, STAGED)
    mesh.write(f"{REVENUE}/int_revenue.sql", INTERMEDIATE)
    lineage = opened(mesh)
    read = lineage.product(lineage.mesh.product("report/revenue").name).read
    assert {str(table): sorted(columns) for table, columns in read.items()} == {
        "shop.orders": ["amount", "customer", "order_id", "status"]
    }


def test_a_consumer_of_a_column_is_named_with_how_it_uses_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, STAGED)
    mesh.write(f"{REVENUE}/int_revenue.sql", INTERMEDIATE)
    everything = ["*", "amount", "orders", "status"]
    assert downstream(mesh, "amount") == [("report/revenue", "amount", "values")]
    assert downstream(mesh, "customer") == [
        ("report/revenue", column, "rows") for column in everything
    ]
    assert downstream(mesh, "order_id") == [("report/revenue", "-", "named")]
    assert downstream(mesh, "status") == [
        ("report/revenue", column, "values" if column == "status" else "rows")
        for column in everything
    ]


def test_a_column_that_nobody_reads_affects_nobody(mesh: SmallMesh) -> None:
    assert downstream(mesh, "customer") == []


def test_consumers_of_consumers_are_affected_too(tmp_path: Path) -> None:
    mesh = chained(tmp_path)
    assert downstream(mesh, "amount") == [
        ("report/peak", "highest", "values"),
        ("report/revenue", "amount", "values"),
    ]
    assert ("report/peak", "highest", "rows") in downstream(mesh, "status")
    lineage = opened(mesh)
    found = lineage.downstream(lineage.mesh.port("shop/orders").name, "amount")
    assert [(str(item.product), str(item.reads), item.direct) for item in found] == [
        ("report/peak", "report/revenue", False),
        ("report/revenue", "shop/orders", True),
    ]


def test_a_rule_of_the_contract_reads_its_inputs_too(mesh: SmallMesh) -> None:
    contract = f"{REVENUE}/revenue.odcs.yaml"
    query = "select (select sum(orders) from ${object}) - (select count(*) from shop.orders)"
    mesh.edit(contract, query, "select count(*) from shop.orders where customer is null")
    assert downstream(mesh, "customer") == [("report/revenue", "-", "named")]


def test_a_port_that_is_read_without_an_input_port_is_found(mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/product.odps.yaml", INPUT, "")
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", RULE, "")
    (finding,) = findings(mesh)
    assert str(finding) == (
        "report/revenue: model `revenue` reads the port `shop/orders`, which is no input port of "
        "the product\n"
        f"  at: {MODEL}:2  [lineage.undeclared-read]\n"
        "  try: add an input port with `contractId: shop/orders` and `version: 1.0.0`"
    )
    assert finding.blocking
    assert downstream(mesh, "amount") == [("report/revenue", "amount", "values")]


def test_an_input_port_that_nothing_reads_is_found(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select 'a' as status, 1 as orders, 1.0 as amount from {{ ref('other') }}\n")
    mesh.write(f"{REVENUE}/other.sql", "select 1 as one\n")
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", RULE, "")
    (finding,) = findings(mesh)
    line = mesh.line(f"{REVENUE}/product.odps.yaml", "- name: orders")
    assert str(finding) == (
        "report/revenue: the input port `shop/orders` is declared, but no model and no rule reads "
        "it\n"
        f"  at: {REVENUE}/product.odps.yaml:{line}:5  [lineage.unused-input]\n"
        "  try: remove it from `inputPorts`, or read it"
    )
    assert not finding.blocking


def test_an_input_that_only_a_rule_reads_is_used(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select 'a' as status, 1 as orders, 1.0 as amount from {{ ref('other') }}\n")
    mesh.write(f"{REVENUE}/other.sql", "select 1 as one\n")
    assert findings(mesh) == []


def test_a_private_model_of_another_product_is_no_input(tmp_path: Path) -> None:
    mesh = chained(tmp_path)
    mesh.write(PEAK_MODEL, "select max(total) as highest from {{ ref('int_revenue') }}\n")
    mesh.write(MODEL, STAGED)
    mesh.write(f"{REVENUE}/int_revenue.sql", INTERMEDIATE)
    messages = [finding.message for finding in findings(mesh, "report/peak")]
    assert messages == [
        "model `peak` reads `int_revenue`, a private model of report/revenue, which is no input "
        "port of the product",
        "the input port `report/revenue` is declared, but no model and no rule reads it",
    ]
    assert ("report/peak", "highest", "values") in downstream(mesh, "amount")


@pytest.mark.parametrize(
    ("sql", "said", "columns"),
    [
        (
            "select status, n from {{ var('x') }}",
            "it asks for the variable `x`, which only dbt knows",
            "`revenue",
        ),
        (
            "select nope as status, 1 as orders, amount, unnest(['nope']) as nope"
            " from {{ source('shop', 'orders') }}",
            "`nope` is not a known column of shop.orders",
            "what `revenue.status`",
        ),
        (
            "select status, count(*) from {{ source('shop', 'orders') }} group by all",
            "the model does not return a column `amount`",
            "what `revenue.amount` comes from",
        ),
        ("select status from (", "its SQL cannot be read: ", "`revenue.amount`"),
    ],
)
def test_what_cannot_be_vouched_for_is_a_finding(
    mesh: SmallMesh, sql: str, said: str, columns: str
) -> None:
    mesh.write(MODEL, sql)
    found = [item for item in findings(mesh) if item.code == "lineage.unvouched"]
    assert any(said in item.message and columns in item.message for item in found), found
    assert {item.severity for item in found} == {"warning"}
    assert {item.place.file for item in found} == {MODEL}
    assert {use for _, _, use in downstream(mesh, "customer")} == {"unknown"}


def test_a_model_in_python_cannot_be_vouched_for(mesh: SmallMesh) -> None:
    mesh.delete(MODEL)
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", RULE, "")
    mesh.write(MODEL.replace(".sql", ".py"), "def model(dbt, session): ...\n")
    (finding,) = findings(mesh)
    assert finding.message == (
        "model `revenue`: it is written in Python; what `revenue.status`, `revenue.orders`, "
        "`revenue.amount` come from cannot be vouched for"
    )
    assert {use for _, _, use in downstream(mesh, "customer")} == {"unknown"}


def test_a_private_model_in_python_may_read_any_column_of_the_inputs(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/program.py", "def model(dbt, session): ...\n")
    assert downstream(mesh, "customer") == [("report/revenue", "-", "unknown")]
    assert downstream(mesh, "amount") == [("report/revenue", "amount", "values")]


def test_a_port_without_a_model_cannot_be_vouched_for(mesh: SmallMesh) -> None:
    mesh.delete(MODEL)
    assert "model `revenue`: there is no such model" in findings(mesh)[0].message


def test_a_column_that_was_taken_away_still_names_who_reads_it(mesh: SmallMesh) -> None:
    start = mesh.read(f"{ORDERS}/orders.odcs.yaml")
    at = start.index("      - name: amount")
    mesh.write(
        f"{ORDERS}/orders.odcs.yaml", start[:at] + start[start.index("      - name: status") :]
    )
    assert ("report/revenue", "amount", "values") in downstream(mesh, "amount")
    (finding,) = findings(mesh)
    assert finding.message == (
        "model `revenue` cannot be built: `amount` is not a known column of shop.orders"
    )
    assert str(finding.place) == f"{MODEL}:1"


def test_a_model_that_reads_what_it_made_before_depends_on_the_same(mesh: SmallMesh) -> None:
    mesh.write(
        MODEL,
        "select status, count(*) as orders, sum(amount) as amount\n"
        "from {{ source('shop', 'orders') }}\n"
        "{% if is_incremental() %}\n"
        "where order_id > (select max(old.amount) from {{ this }} old)\n"
        "{% endif %}\n"
        "group by status\n",
    )
    rows = "shop.orders.* shop.orders.amount shop.orders.order_id shop.orders.status"
    assert revenue(mesh)["orders"] == ("", rows)
    assert findings(mesh) == []


def test_models_that_read_each_other_cannot_be_vouched_for(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select * from {{ ref('int_revenue') }}")
    mesh.write(f"{REVENUE}/int_revenue.sql", "select * from {{ ref('revenue') }}")
    assert any("models read each other" in item.message for item in findings(mesh))


def test_sql_that_the_project_runs_beside_its_models_is_not_followed(mesh: SmallMesh) -> None:
    mesh.edit(
        "domains/report/dbt_project.yml", "+materialized", "+post-hook: 'drop x'\n  +materialized"
    )
    assert "`post-hook` in dbt_project.yml runs SQL beside the models" in findings(mesh)[0].message


def test_a_file_that_is_read_by_a_function_is_no_input(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select status, 1 as orders, 2 as amount\nfrom read_csv('x.csv')\n")
    finding = findings(mesh)[0]
    assert (finding.code, str(finding.place)) == ("lineage.undeclared-read", f"{MODEL}:2")
    assert finding.message.startswith("model `revenue` reads the function `read_csv`")


def chained(root: Path) -> SmallMesh:
    """The small mesh with a third product, `report/peak`, which reads `report/revenue`."""
    mesh = write_mesh(root / "mesh")
    for name in ("product.odps.yaml", "revenue.odcs.yaml"):
        text = mesh.read(f"{REVENUE}/{name}").replace(RULE, "").replace("shop/orders", "INPUT")
        text = text.replace("report/revenue", "report/peak").replace("revenue", "peak")
        text = text.replace("INPUT", "report/revenue")
        mesh.write(f"domains/report/products/peak/{name.replace('revenue', 'peak')}", text)
    contract = "domains/report/products/peak/peak.odcs.yaml"
    text = mesh.read(contract)
    column = "      - {name: highest, logicalType: number}\n"
    mesh.write(contract, text[: text.index("      - name: status")] + column)
    mesh.write(PEAK_MODEL, "select max(amount) as highest from {{ source('report', 'revenue') }}\n")
    return mesh


PEAK_MODEL = "domains/report/products/peak/peak.sql"
INPUT = """\
inputPorts:
  - name: orders
    version: 1.0.0
    contractId: shop/orders
"""
