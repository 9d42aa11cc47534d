"""A build that fails on classified data repeats no value of it, wherever it writes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.checks.spec import Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.naming import ProductName
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.compiled import CompiledModels
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.outcome import ProductOutcome
from tests.small_mesh import ORDERS, SmallMesh

pytestmark = pytest.mark.slow
SECRET = "zeppelin7"
TESTS = "domains/shop/tests"
SQL_FIXTURE = """\
unit_tests:
  - name: on_real_rows
    model: orders
    given:
      - input: ref('stg_orders')
        format: sql
        rows: select 1 as order_id, customer, 1.0::double as amount, 'x' as status
          from mesh.landing.orders_file
    expect:
      rows:
        - {order_id: 1, customer: nobody}
"""


@pytest.fixture
def secret(mesh: SmallMesh) -> SmallMesh:
    mesh.land_orders(f"1,{SECRET},10.5,paid\n")
    return mesh


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product("shop/orders"))


def _repeating(mesh: SmallMesh) -> list[str]:
    """Files that the platform or dbt wrote about the build, with the secret in them."""
    written = (path for path in (mesh.root / ".mesh").rglob("*") if path.is_file())
    return [
        str(path.relative_to(mesh.root))
        for path in written
        if path.suffix != ".parquet"
        and not path.name.startswith("warehouse.duckdb")
        and SECRET.encode() in path.read_bytes()
    ]


def _registry_is_flushed(root: Path) -> None:
    for database in root.rglob("registry.db"):
        with sqlite3.connect(database) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")


def _nowhere(mesh: SmallMesh, outcome: ProductOutcome) -> bool:
    _registry_is_flushed(mesh.root)
    return _repeating(mesh) == [] and SECRET not in repr(outcome)


def test_a_model_that_fails_on_a_classified_value_repeats_it_nowhere(secret: SmallMesh) -> None:
    model = "select order_id, customer, amount, status from {{ ref('stg_orders') }}"
    secret.write(f"{ORDERS}/orders.sql", model.replace("customer,", "error(customer) as customer,"))
    outcome = _build(secret)
    assert (outcome.reason or "").startswith(
        "shop/orders: model `orders` failed: Invalid Input Error (nothing else is shown of it: "
        "classified columns are in reach"
    )
    assert "try: `mesh dbt shop -- compile` writes the model's SQL" in (outcome.reason or "")
    assert _nowhere(secret, outcome)


def test_a_column_that_a_generic_test_misspells_is_named(secret: SmallMesh) -> None:
    text = "models:\n  - name: stg_orders\n    columns:\n      - name: orderid\n"
    secret.write(f"{ORDERS}/own.yml", f"{text}        data_tests: [not_null]\n")
    said = (_build(secret).reason or "").splitlines()
    test = "not_null_stg_orders_orderid"
    assert said[0].startswith(f"shop/orders: test `{test}` failed: Binder Error at `orderid` (")
    assert said[2] == f"  try: `mesh dbt shop -- test --select {test}` shows all of it"


def test_a_view_that_fails_when_it_is_written_repeats_no_classified_value(
    secret: SmallMesh,
) -> None:
    secret.write(
        f"{ORDERS}/orders.sql",
        "{{ config(materialized='view') }} select order_id, customer, amount, "
        "cast(error(customer) as varchar) as status from {{ ref('stg_orders') }}",
    )
    outcome = _build(secret)
    assert outcome.reason, "it cannot be built"
    assert "Error" in outcome.reason
    assert _nowhere(secret, outcome)


def test_tests_that_fail_on_a_classified_value_repeat_it_nowhere(secret: SmallMesh) -> None:
    warns = "{{ config(severity='warn') }} "
    secret.write(
        f"{TESTS}/raises.sql",
        f"{warns} select 1 from {{{{ ref('orders') }}}} where customer::int > 0",
    )
    secret.write(
        f"{TESTS}/renames.sql",
        f"{warns} select customer as status from {{{{ ref('stg_orders') }}}}",
    )
    outcome = _build(secret)
    found = {record.result.check: record.result for record in outcome.checks}
    assert found["raises"].outcome is Outcome.COULD_NOT_RUN
    assert found["raises"].message.startswith("Conversion Error (")
    assert found["renames"].sample == ({"status": "•••"},)
    assert _nowhere(secret, outcome)


def test_a_unit_test_on_real_rows_repeats_no_classified_value(secret: SmallMesh) -> None:
    secret.write(f"{ORDERS}/properties.yml", SQL_FIXTURE)
    outcome = _build(secret)
    found = {record.result.check: record.result for record in outcome.checks}
    assert found["on_real_rows"].outcome is Outcome.FAILED
    assert found["on_real_rows"].message.startswith("it returns other rows than are expected (")
    assert _nowhere(secret, outcome)


def test_a_misspelt_column_is_named_where_columns_are_classified(secret: SmallMesh) -> None:
    secret.write(f"{ORDERS}/orders.sql", "select costumer from {{ ref('stg_orders') }}")
    assert "failed: Binder Error at `costumer` (" in (_build(secret).reason or "")


def test_values_that_a_query_fills_into_a_test_or_a_model_are_kept_nowhere(
    secret: SmallMesh,
) -> None:
    query = "{% set found = run_query('select max(customer) as m from mesh.landing.orders_file') %}"
    value = "{{ found.columns[0].values()[0] if execute else '' }}"
    says = f"{query}{{{{ log({value.strip('{} ')}, info=True) }}}}"
    secret.write(
        f"{TESTS}/filled.sql",
        f"{{{{ config(severity='warn') }}}}{says}"
        f"select '{value}' as status from {{{{ ref('orders') }}}} where customer = '{value}'",
    )
    model = secret.read(f"{ORDERS}/orders.sql").strip()
    secret.write(f"{ORDERS}/orders.sql", f"{query} -- {value}\n{model} where customer = '{value}'")
    outcome = _build(secret)
    assert outcome.reason is None
    [filled] = [record.result for record in outcome.checks if record.result.check == "filled"]
    assert filled.message == "1 failing row"
    assert filled.sample == ({"status": "•••"},)
    assert filled.sql == secret.read(f"{TESTS}/filled.sql"), "as the team wrote it"
    assert _nowhere(secret, outcome)
    manifest = secret.path(".mesh/dev/domains/shop/dbt/manifest.json")
    compiled = CompiledModels(manifest, secret.path("mesh.yaml"), {})
    assert compiled["orders"].sql.endswith("where customer = '•••'"), "lineage is read from it"


def test_a_first_row_that_is_taken_for_a_header_is_not_told(secret: SmallMesh) -> None:
    secret.write(f"{ORDERS}/orders.csv", f"1,{SECRET},10.5,paid\n2,bob,20,open\n")
    outcome = _build(secret)
    assert "has `•••`, `•••`, `•••`, `•••`" in (outcome.reason or "")
    assert _nowhere(secret, outcome)
    secret.write(f"{ORDERS}/orders.sql", "select * from {{ source('landing', 'orders_file') }}")
    secret.write(f"{ORDERS}/stg_orders.sql", "select 1 as a")
    outcome = _build(secret)
    assert "the model returns column `•••`, which is not promised" in (outcome.reason or "")
    assert _nowhere(secret, outcome)


def test_names_that_a_pivot_makes_of_values_are_not_told(secret: SmallMesh) -> None:
    secret.write(
        f"{ORDERS}/orders.sql",
        "with x as (pivot {{ ref('stg_orders') }} on customer using sum(amount)) select * from x",
    )
    outcome = _build(secret)
    assert "the model returns column `•••`, which is not promised" in (outcome.reason or "")
    assert _nowhere(secret, outcome)


@pytest.mark.parametrize(
    "used",
    [
        "select *, sum(case when customer = {{ found }} then 1 end) over () as n from FILE",
        "select *, 1 as {{ found }} from FILE",
        "with {{ found }} as (select * from FILE) select *, 1 as n from {{ found }}",
        "select *, 1 as n from {{ found }}",
    ],
)
def test_names_that_a_query_fills_in_are_not_told_and_kept_nowhere(
    secret: SmallMesh, used: str
) -> None:
    file = "{{ source('landing', 'orders_file') }}"
    query = (
        "{% set rows = run_query('select customer as c from mesh.landing.orders_file') %}"
        "{% set found = rows.rows[0][0] if execute else 'a' %}"
    )
    secret.write(f"{ORDERS}/stg_orders.sql", query + used.replace("FILE", file))
    kept = "order_id, customer, amount, status"
    secret.write(f"{ORDERS}/orders.sql", f"select {kept} from {{{{ ref('stg_orders') }}}}")
    outcome = _build(secret)
    assert _nowhere(secret, outcome)
    workspace = Workspace.open(secret.root)
    said = "".join(map(str, check_mesh(workspace).findings))
    lineage = MeshSql(workspace).lineage().product(ProductName("shop", "orders"))
    assert SECRET not in f"{said}{lineage}"


def test_a_name_that_the_team_wrote_is_told(secret: SmallMesh) -> None:
    model = "select *, 1 as more from {{ ref('stg_orders') }}"
    secret.write(f"{ORDERS}/orders.sql", model)
    assert "the model returns column `more`, which" in (_build(secret).reason or "")
