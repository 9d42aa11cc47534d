"""What dbt offers works in a domain as its users know it: one domain uses all of it, built once."""

from __future__ import annotations

import warnings

import duckdb
import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.dbt.manifest import Manifest, read_manifest
from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.location import domain_definitions
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.outcome import Listener, ProductOutcome, Verdict
from tests.small_mesh import ORDERS, SmallMesh, write_mesh

pytestmark = pytest.mark.slow

HOME = "domains/shop"
FILES = {
    f"{HOME}/packages.yml": (
        "packages:\n  - local: ../../dbt_project\n  - local: ../../more_macros\n"
    ),
    "more_macros/dbt_project.yml": "name: more_macros\nversion: '1.0.0'\nconfig-version: 2\n",
    "more_macros/macros/shout.sql": "{% macro shout(column) %}upper({{ column }}){% endmacro %}\n",
    f"{HOME}/seeds/names.csv": "customer,full_name\nann,ann lee\nbob,bob ray\neve,eve may\n",
    f"{HOME}/seeds/_seeds.yml": """\
version: 2
seeds:
  - name: names
    config: {column_types: {nobodys: varchar}}
    columns:
      - name: full_name
        data_tests:
          - not_null
          - accepted_values:
              arguments: {values: [ann lee, bob ray]}
              config: {severity: warn}
""",
    f"{HOME}/macros/noted.sql": (
        "{% macro noted(what) %}insert into notes values ('{{ what }}'){% endmacro %}\n"
    ),
    f"{ORDERS}/stg_orders.sql": (
        "{{ config(pre_hook='create table if not exists notes (what varchar)',"
        " post_hook=noted('staged')) }}\n"
        "select cast(order_id as integer) as order_id, customer,"
        " {{ mesh.typed('amount', 'double') }} as amount, status\n"
        "from {{ source('landing', 'orders_file') }} where status <> '{{ var('left_out') }}'\n"
    ),
    f"{ORDERS}/named.sql": (
        "{{ config(materialized='ephemeral') }}\n"
        "select stg.order_id, {{ more_macros.shout('names.full_name') }} as customer,"
        " stg.amount, stg.status\n"
        "from {{ ref('stg_orders') }} as stg\n"
        "left join {{ ref('names') }} as names using (customer)\n"
    ),
    f"{ORDERS}/rounded_v1.sql": "select *, 1 as edition from {{ ref('named') }}\n",
    f"{ORDERS}/rounded_v2.sql": "select *, 2 as edition from {{ ref('named') }}\n",
    f"{ORDERS}/in_python.py": (
        "def model(dbt, session):\n"
        "    dbt.config(materialized='table')\n"
        "    return dbt.ref('rounded', v=1).filter('amount is not null or true')\n"
    ),
    f"{ORDERS}/orders.sql": (
        "{{ config(materialized='view') }}\n"
        "select order_id, customer, amount, status from {{ ref('in_python') }}\n"
        "where cast(order_id as varchar) in\n"
        "    (select order_id::varchar from {{ source('landing', 'orders_file') }})\n"
    ),
    f"{ORDERS}/models.yml": """\
models:
  - name: rounded
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
  - name: stg_orders
    columns:
      - name: order_id
        data_tests:
          - unique
      - name: amount
        data_tests:
          - not_null: {config: {severity: warn}}
""",
    f"{HOME}/tests/nothing_lost.sql": (
        "{{ config(severity='error', error_if='>10', warn_if='>0') }}\n"
        "select * from {{ ref('rounded', v=2) }} where customer is null\n"
    ),
}
PROJECT = (
    'vars:\n  left_out: lost\non-run-start: ["create table if not exists notes (what varchar)"]\n'
)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    mesh = write_mesh(tmp_path_factory.mktemp("features"), "shop")
    for name, text in FILES.items():
        mesh.write(name, text)
    mesh.write(f"{HOME}/dbt_project.yml", mesh.read(f"{HOME}/dbt_project.yml") + PROJECT)
    mesh.land_orders("1,ann,10.5,paid\n2,bob,20,open\n3,ann,NA,paid\n5,eve,1,lost\n")
    return mesh


@pytest.fixture(scope="module")
def workspace(mesh: SmallMesh) -> Workspace:
    return Workspace.open(mesh.root)


@pytest.fixture(scope="module")
def warned() -> list[warnings.WarningMessage]:
    return []


@pytest.fixture(scope="module")
def outcome(workspace: Workspace, warned: list[warnings.WarningMessage]) -> ProductOutcome:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.reason is None
    warned += told
    return outcome


@pytest.fixture(scope="module")
def manifest(workspace: Workspace, outcome: ProductOutcome) -> Manifest:
    assert outcome.verdict is Verdict.RELEASED
    return read_manifest(workspace.dbt_places(workspace.mesh.domain("shop")).manifest)


def test_seeds_packages_variables_and_models_of_every_kind_make_the_release(
    workspace: Workspace, outcome: ProductOutcome
) -> None:
    assert outcome.release is not None
    files = list(workspace.files(outcome.release, "orders"))
    rows = duckdb.sql(f"from read_parquet({files}) order by order_id").fetchall()
    assert rows == [
        (1, "ANN LEE", 10.5, "paid"),
        (2, "BOB RAY", 20.0, "open"),
        (3, "ANN LEE", None, "paid"),
    ]


def test_what_dbt_warns_python_of_is_not_printed_in_a_build(
    outcome: ProductOutcome, warned: list[warnings.WarningMessage]
) -> None:
    assert outcome.verdict is Verdict.RELEASED
    assert [str(each.message) for each in warned if "nobodys" in str(each.message)] == []


def test_hooks_run_as_often_as_the_models_that_have_them(
    workspace: Workspace, outcome: ProductOutcome
) -> None:
    assert outcome.verdict is Verdict.RELEASED
    with duckdb.connect(str(workspace.warehouse("shop")), read_only=True) as session:
        assert session.sql("from notes").fetchall() == [("staged",)]


def test_versions_of_a_private_model_are_models_of_their_own(manifest: Manifest) -> None:
    own = {model.name: model.models for model in manifest.models_of("orders")}
    assert own["rounded_v1"] == own["rounded_v2"] == ("named",)
    assert own["in_python"] == ("rounded_v1",)
    assert list(own).index("rounded_v1") < list(own).index("in_python")


def test_tests_of_each_severity_are_checks(outcome: ProductOutcome) -> None:
    said = {r.result.check: r.result.outcome for r in outcome.checks if r.port is None}
    assert said == {
        "accepted_values_names_full_name__ann_lee__bob_ray": Outcome.WARNED,
        "not_null_names_full_name": Outcome.PASSED,
        "not_null_stg_orders_amount": Outcome.WARNED,
        "nothing_lost": Outcome.PASSED,
        "unique_stg_orders_order_id": Outcome.PASSED,
    }


def test_check_has_nothing_against_any_of_it(workspace: Workspace) -> None:
    found = reads_of(MeshSql(workspace), list(workspace.mesh.products)).findings
    assert [item.message for item in found if item.blocking] == []


def test_dagster_shows_each_model(workspace: Workspace, manifest: Manifest) -> None:
    domain = workspace.mesh.domain("shop")
    definitions = domain_definitions(workspace, domain, Listener())
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    shown = {key.path[-1] for key in keys if "models" in key.path}
    assert shown == {model.name for model in manifest.models_of("orders")}


def test_an_edit_of_a_seed_or_a_package_is_noticed(
    mesh: SmallMesh, outcome: ProductOutcome
) -> None:
    assert outcome.verdict is Verdict.RELEASED
    mesh.write(f"{HOME}/seeds/names.csv", "customer,full_name,since\nann,ann fox,2\nbob,bo,1\n")
    mesh.edit("more_macros/macros/shout.sql", "upper", "lower")
    workspace = Workspace(Workspace.open(mesh.root).mesh, "dev")
    again = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert again.reason is None
    assert again.release is not None
    files = list(workspace.files(again.release, "orders"))
    names = duckdb.sql(f"select distinct customer from read_parquet({files}) order by 1")
    assert names.fetchall() == [("ann fox",), ("bo",)]


OWN_KIND = """\
{% materialization mine, adapter='duckdb' %}
  {% set made = this.incorporate(type='table') %}
  {% call statement('main') %}create or replace table {{ made }} as ({{ sql }}){% endcall %}
  COMMIT
  {{ return({'relations': [made]}) }}
{% endmaterialization %}
"""


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product("shop/orders"))


def test_a_materialization_of_the_teams_own_may_stand_behind_a_port(mesh: SmallMesh) -> None:
    mesh.write(
        f"{ORDERS}/orders.sql",
        "{{ config(materialized='mine') }} select * from {{ ref('stg_orders') }}",
    )
    mesh.write("domains/shop/macros/mine.sql", OWN_KIND.replace("COMMIT", ""))
    assert (_build(mesh).reason or "").startswith(
        "shop/orders: dbt ran the model `orders`, and it left no table or view of that name"
    )
    mesh.write(
        "domains/shop/macros/mine.sql", OWN_KIND.replace("COMMIT", "{% do adapter.commit() %}")
    )
    assert _build(mesh).verdict is Verdict.RELEASED
