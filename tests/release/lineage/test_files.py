"""Which files are models and macros, and what dbt compiled of them."""

from __future__ import annotations

import json
import os

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.mesh_lineage import MeshLineage
from mesh_platform.lineage.model_files import MeshModels
from mesh_platform.lineage.product_lineage import Unvouched
from mesh_platform.lineage.sql.sources import Column, Table
from mesh_platform.model.naming import ProductName
from mesh_platform.release.lineage.files import read_models
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

MODEL = f"{REVENUE}/revenue.sql"


def found(mesh: SmallMesh) -> MeshModels:
    return read_models(Workspace.open(mesh.root))


def test_models_are_the_sql_and_python_in_the_folders_of_products(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/deep/er/more.sql", "select 1")
    mesh.write(f"{ORDERS}/program.py", "def model(dbt, session): ...")
    mesh.write("domains/shop/products/nobody.sql", "select 1")
    models = found(mesh).domain("shop").models
    assert [(model.name, model.product, model.file) for model in models] == [
        ("more", "orders", f"{ORDERS}/deep/er/more.sql"),
        ("orders", "orders", f"{ORDERS}/orders.sql"),
        ("program", "orders", f"{ORDERS}/program.py"),
        ("stg_orders", "orders", f"{ORDERS}/stg_orders.sql"),
    ]


def test_what_dbt_ignores_is_no_model(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations_orders.py", "")
    mesh.write(f"{ORDERS}/drafts/idea.sql", "select 1")
    mesh.write("domains/shop/.dbtignore", "# drafts\nexpectations*\ndrafts/\n")
    names = [model.name for model in found(mesh).domain("shop").models]
    assert names == ["orders", "stg_orders"]


@pytest.mark.parametrize("name", ["._revenue.sql", ".#revenue.sql", "~revenue.sql"])
def test_what_an_editor_or_a_mac_leaves_is_no_model_and_no_macro(
    mesh: SmallMesh, name: str
) -> None:
    for folder in (REVENUE, "domains/report/macros", "domains/report/tests"):
        mesh.write(f"{folder}/kept.sql", "select 1")
        mesh.path(f"{folder}/{name}").write_bytes(b"\x00\x05\x16\x07\xff{% macro")
    models = found(mesh).domain("report")
    assert [model.name for model in models.models] == ["kept", "revenue"]
    assert ([test.name for test in models.tests], models.macros) == (["test kept"], ("select 1",))


def test_patterns_hold_for_tests_macros_seeds_and_settings_too(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/.dbtignore", "drafts/\n")
    for folder in ("tests", "macros", "seeds", "products"):
        for ending in ("sql", "csv", "yml"):
            mesh.write(f"domains/shop/{folder}/drafts/x.{ending}", "a: [")
    models = found(mesh).domain("shop")
    assert (models.tests, models.macros, models.beside, models.unread) == ((), (), (), ())


def test_rows_of_unit_tests_are_no_test(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/tests/fixtures/rows.sql", "select 1 as a;")
    mesh.write("domains/shop/tests/generic/own.sql", "{% test own(model) %}{% endtest %}")
    mesh.write("domains/shop/tests/more/generic/true.sql", "select 1 as a")
    assert [test.name for test in found(mesh).domain("shop").tests] == ["test true"]


def test_macros_are_those_of_the_shared_package_and_of_the_domain(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/macros/own.sql", "{% macro own() %}1{% endmacro %}")
    mesh.write("domains/report/helpers/other.sql", "{% macro other() %}2{% endmacro %}")
    mesh.edit("domains/report/dbt_project.yml", "flags:", "macro-paths: ['helpers']\nflags:")
    models = found(mesh)
    assert len(models.packages["mesh"]) == 5
    assert models.domain("shop").macros == ("{% macro own() %}1{% endmacro %}",)
    assert models.domain("report").macros == ("{% macro other() %}2{% endmacro %}",)


def test_sql_that_dbt_compiled_of_the_same_text_is_read(mesh: SmallMesh) -> None:
    text = (
        "select status, n as orders, {{ var('x') }} as amount from {{ source('shop', 'orders') }}"
    )
    mesh.write(MODEL, text)
    assert [gap.reason for gap in gaps(mesh)] == [
        "it asks for the variable `x`, which only dbt knows"
    ]
    compiled(mesh, text, "select status, 1 as orders, amount from mesh.shop.orders")
    lineage = opened(mesh)
    (port,) = lineage.product(ProductName("report", "revenue")).ports.values()
    assert port.columns["amount"].values == {Column(Table("shop", "orders"), "amount")}
    assert gaps(mesh) == []


def test_what_dbt_compiled_may_be_otherwise_tomorrow_and_does_not_block(mesh: SmallMesh) -> None:
    text = "select status, n as orders, {{ var('x') }} from {{ source('shop', 'orders') }}"
    mesh.write(MODEL, text)
    compiled(mesh, text, "select status, 1 as orders, amount as total from mesh.shop.orders")
    assert [gap.reason for gap in gaps(mesh)] == ["the model does not return a column `amount`"]


def test_sql_that_dbt_compiled_of_another_text_is_not_believed(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select {{ invocation_id }} as status from {{ source('shop', 'orders') }}")
    compiled(mesh, "select 1", "select status, 1 as orders, amount from mesh.shop.orders")
    (gap,) = gaps(mesh)
    assert gap.reason == "it uses `invocation_id`, which only dbt knows"
    assert gap.fix == "mesh build report/revenue; then the SQL that dbt compiled is read"


@pytest.mark.parametrize(
    "text",
    [
        "{{ var('x') }}{% if is_incremental() %} where amount > 0{% endif %}",
        "{{ var('x') }}{{ newer() }}",
    ],
)
def test_what_dbt_compiled_of_an_incremental_model_is_one_run_of_several(
    mesh: SmallMesh, text: str
) -> None:
    mesh.write(
        "domains/report/macros/newer.sql",
        "{% macro newer() %}{% if is_incremental() %}where amount > 0{% endif %}{% endmacro %}",
    )
    model = "select status, 1 as orders, 1.0 as amount from {{ source('shop', 'orders') }}" + text
    mesh.write(MODEL, model)
    first = "select status, 1 as orders, 1.0 as amount from mesh.shop.orders"
    compiled(mesh, model, first, materialized="incremental")
    assert [gap.reason for gap in gaps(mesh)] == [
        "it asks for the variable `x`, which only dbt knows"
    ]


def test_what_dbt_compiled_with_another_macro_is_not_believed(mesh: SmallMesh) -> None:
    file, first = (
        "domains/report/macros/share.sql",
        "{% macro share() %}{{ var('x') }}{% endmacro %}",
    )
    mesh.write(file, first)
    model = (
        "select status, 1 as orders, {{ share() }} as amount from {{ source('shop', 'orders') }}"
    )
    mesh.write(MODEL, model)
    macro = {"package_name": "report", "macro_sql": first, "depends_on": {"macros": []}}
    sql = "select status, 1 as orders, 1.0 as amount from mesh.shop.orders"
    compiled(mesh, model, sql, macros={"macro.report.share": macro})
    assert gaps(mesh) == []
    mesh.write(file, first.replace("{{ var('x') }}", "{{ var('x') }} * amount"))
    assert [gap.reason for gap in gaps(mesh)] == [
        "it asks for the variable `x`, which only dbt knows"
    ]


def test_what_dbt_compiled_with_other_variables_is_not_believed(mesh: SmallMesh) -> None:
    model = "select {{ var('x') }} as status from {{ source('shop', 'orders') }}"
    mesh.write(MODEL, model)
    compiled(mesh, model, "select status, 1 as orders, 1.0 as amount from mesh.shop.orders")
    assert gaps(mesh) == []
    project = mesh.path("domains/report/dbt_project.yml")
    later = mesh.path(MANIFEST).stat().st_mtime_ns + 1_000_000_000
    os.utime(project, ns=(later, later))
    assert [gap.reason for gap in gaps(mesh)] == [
        "it asks for the variable `x`, which only dbt knows"
    ]


def test_a_manifest_that_cannot_be_read_vouches_for_nothing(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select {{ var('x') }}")
    mesh.write(MANIFEST, "{")
    assert [gap.reason for gap in gaps(mesh)] == [
        "it asks for the variable `x`, which only dbt knows"
    ]


MANIFEST = ".mesh/dev/domains/report/dbt/manifest.json"


def opened(mesh: SmallMesh) -> MeshLineage:
    workspace = Workspace.open(mesh.root)
    return MeshLineage(workspace.mesh, read_models(workspace))


def gaps(mesh: SmallMesh) -> list[Unvouched]:
    return list(opened(mesh).product(ProductName("report", "revenue")).unvouched)


def compiled(
    mesh: SmallMesh,
    raw: str,
    sql: str,
    materialized: str = "table",
    macros: dict[str, object] | None = None,
) -> None:
    """Write what dbt's manifest would say of the model."""
    node = {"name": "revenue", "resource_type": "model", "raw_code": raw, "compiled_code": sql}
    node |= {"config": {"materialized": materialized}}
    node |= {"depends_on": {"macros": list(macros or {})}}
    manifest = {"nodes": {"model.report.revenue": node}, "macros": macros or {}}
    mesh.write(MANIFEST, json.dumps(manifest))
