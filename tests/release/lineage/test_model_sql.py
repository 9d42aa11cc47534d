"""What `mesh check` says of SQL that DuckDB could not build, before there is any data."""

from __future__ import annotations

import json

import duckdb
import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.lineage.columns_of_sql import as_kept
from tests.release.lineage.sql_findings import GOOD, MODEL, SOURCE, found
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


def test_sql_that_runs_has_no_finding(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD)
    assert found(mesh) == []


def test_what_dbt_compiled_of_a_model_is_not_taken_for_what_binding_found(mesh: SmallMesh) -> None:
    text = "select 1 as n, {{ var('x', 1) }} as m"
    mesh.write(f"{REVENUE}/private.sql", text)
    node = {"name": "private", "resource_type": "model", "raw_code": text}
    node |= {"compiled_code": "select status, 1 as orders, amount from mesh.shop.orders"}
    node |= {"config": {"materialized": "table"}, "depends_on": {"macros": []}}
    manifest = {"nodes": {"model.report.private": node}, "macros": {}}
    mesh.write(".mesh/dev/domains/report/dbt/manifest.json", json.dumps(manifest))
    for where in ("", " where amount > 1"):
        mesh.write(MODEL, f"select * from {{{{ ref('private') }}}}{where}")
        assert found(mesh) == []


def test_a_column_outside_group_by_is_told_at_its_line(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("\ngroup by status", ""))
    (finding,) = found(mesh)
    assert finding.message == (
        'DuckDB cannot build the model `revenue`: column "status" must appear in the GROUP BY'
        " clause or must be part of an aggregate function"
    )
    assert (finding.place.file, finding.place.line, finding.severity) == (MODEL, 1, "error")
    assert finding.fix is not None
    assert finding.fix.startswith(
        "correct the SQL; DuckDB says: Either add it to the GROUP BY list"
    )


def test_what_no_engine_calls_a_function_is_told(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("sum(amount)", "\n  total(amount)"))
    (finding,) = found(mesh)
    assert finding.message.endswith("Scalar Function with name total does not exist")
    assert finding.place.line == 2


def test_a_function_that_does_not_take_the_promised_types_is_told(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("sum(amount)", "sum(strptime(amount, '%Y'))"))
    (finding,) = found(mesh)
    assert "No function matches the given name and argument types 'strptime(DOUBLE" in (
        finding.message
    )


def test_a_returned_type_that_differs_is_told_in_the_words_of_a_build(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("count(*)", "sum(order_id)"))
    (finding,) = found(mesh)
    said = "column `orders` is promised as BIGINT but the model returns HUGEINT"
    assert (finding.code, finding.message) == ("model.type", said)
    assert finding.place.file == f"{REVENUE}/revenue.odcs.yaml"
    assert finding.fix is not None
    assert "cast(SUM(order_id) as BIGINT) as orders" in finding.fix


def test_a_private_model_hands_its_types_on(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/int_orders.sql", f"select status, order_id, amount from {SOURCE}")
    mesh.write(MODEL, GOOD.replace(SOURCE, "{{ ref('int_orders') }}"))
    assert found(mesh) == []
    mesh.edit(f"{REVENUE}/int_orders.sql", "amount from", "amount::varchar as amount from")
    (finding,) = found(mesh)
    assert "No function matches the given name and argument types 'sum(VARCHAR)'" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("as amount\n", "as amount, 1 as status\n"),
        f"select a.*, b.status from ({GOOD}) a join {SOURCE} b on true",
    ],
)
def test_a_second_column_of_one_name_gets_another_in_a_build(mesh: SmallMesh, text: str) -> None:
    mesh.write(MODEL, text)
    (finding,) = found(mesh)
    assert finding.message == (
        "the model returns column `status_1`, which is not promised;"
        " DuckDB calls a second `status` so"
    )


def test_an_input_that_is_named_without_source_is_told_with_what_to_write(
    mesh: SmallMesh,
) -> None:
    mesh.write(MODEL, GOOD.replace(SOURCE, "\n  shop.orders"))
    (finding,) = found(mesh)
    assert finding.message == (
        'DuckDB cannot build the model `revenue`: Table with name "shop.orders" does not exist'
    )
    assert (finding.fix, finding.place.line) == ("write `{{ source('shop', 'orders') }}`", 3)
    mesh.write(MODEL, GOOD.replace(SOURCE, "mesh.shop.orders"))
    assert found(mesh) == []


def test_names_of_columns_are_made_unique_as_the_engine_does() -> None:
    for text in ("1 id, 2 id, 3 id_1", "1 id, 2 id_1, 3 id", "1 a, 2 A, 3 a, 4 a_1"):
        names = [(word.split()[1], None) for word in text.split(", ")]
        with duckdb.connect() as session:
            session.execute(f"create table t as select {text}")
            kept = [row[0] for row in session.execute("describe t").fetchall()]
        assert [name for name, _ in as_kept(tuple(names))] == kept


@pytest.mark.parametrize(
    "text",
    [
        "{{ config(enabled=false) }}" + GOOD.replace("group by status", ""),
        "{{ config(materialized='mine') }}" + GOOD.replace("group by status", ""),
        GOOD.replace("group by status", "{{ var('group') }}"),
        GOOD.replace("status,", "{{ dbt.datediff('status', 'status', 'day') }} as status,"),
        "select status, nothing(1), amount from read_csv('x.csv')",
    ],
)
def test_what_only_a_build_can_tell_is_left_to_it(mesh: SmallMesh, text: str) -> None:
    mesh.write(MODEL, text)
    assert found(mesh, "model.sql") == []


def test_hooks_may_make_functions_and_tables(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("sum(amount)", "total(amount)"))
    hook = 'on-run-start: ["create macro total(x) as sum(x)"]\n'
    mesh.write("domains/report/dbt_project.yml", mesh.read("domains/report/dbt_project.yml") + hook)
    assert found(mesh) == []


def test_a_fault_is_told_once_and_without_the_doubts_behind_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("status,", "nothing_like_it,", 1))
    codes = [
        f.code for f in check_mesh(Workspace.open(mesh.root)).findings if f.place.file == MODEL
    ]
    assert "model.sql" not in codes
    assert "lineage.no-column" in codes
    mesh.write(MODEL, GOOD.replace("from", "frm"))
    codes = [
        f.code for f in check_mesh(Workspace.open(mesh.root)).findings if f.place.file == MODEL
    ]
    assert codes == ["model.sql"]


@pytest.mark.parametrize("kind", ["DUOBLE", "NUMBER(10,2)", "UUID", "STRUCT", "HUGEINT[]"])
def test_a_type_that_its_provider_cannot_release_is_not_the_fault_of_a_consumer(
    mesh: SmallMesh, kind: str
) -> None:
    contract = f"{ORDERS}/orders.odcs.yaml"
    mesh.edit(contract, "physicalType: DOUBLE", f"physicalType: {kind}")
    checked = check_mesh(Workspace.open(mesh.root))
    blamed = {each.product for each in checked.findings if each.blocking}
    assert "report/revenue" not in blamed


ADDRESS = """      - name: address
        logicalType: object
        properties:
          - {name: street, logicalType: string}
          - {name: floor, logicalType: integer}
"""
"""A column whose fields the contract tells; that of the floor may be any integer."""


def test_a_field_that_a_provider_does_not_promise_is_told_of_its_consumer(mesh: SmallMesh) -> None:
    mesh.edit(
        f"{ORDERS}/orders.odcs.yaml", "      - name: status\n", f"{ADDRESS}      - name: status\n"
    )
    mesh.write(MODEL, GOOD.replace("sum(amount)", "max(length(address.street) + address.floor)"))
    assert [each.message for each in found(mesh) if "cannot build" in each.message] == []
    mesh.write(MODEL, GOOD.replace("sum(amount)", "max(length(address.zip))"))
    (finding,) = found(mesh)
    assert finding.message == (
        'DuckDB cannot build the model `revenue`: Could not find key "zip" in struct'
    )


def test_an_input_that_a_consumer_knows_to_break_proves_nothing(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("sum(amount)", "sum(strptime(amount, '%Y'))"))
    mesh.write(
        f"{REVENUE}/acknowledgements.yaml",
        "acknowledgements:\n  - port: shop/orders\n    version: 2.0.0\n"
        "    by: Report team\n    until: 2099-01-01\n",
    )
    assert found(mesh) == []


def test_an_incremental_model_may_keep_the_types_that_it_had(mesh: SmallMesh) -> None:
    incremental = "{{ config(materialized='incremental') }}"
    mesh.write(MODEL, incremental + GOOD.replace("count(*)", "sum(order_id)"))
    assert found(mesh) == []


def test_a_test_in_sql_is_looked_at_too(mesh: SmallMesh) -> None:
    test = "domains/report/tests/no_debt.sql"
    mesh.write(test, "select * from {{ ref('revenue') }} where sum(amount) < 0")
    mesh.write(MODEL, GOOD)
    (finding,) = found(mesh)
    said = "DuckDB cannot run the test `no_debt`: WHERE clause cannot contain aggregates"
    assert (finding.message, finding.severity) == (said, "error")
    assert (finding.place.file, finding.product) == (test, "report/revenue")
    mesh.write(test, "{{ config(severity='warn') }}" + mesh.read(test))
    assert [finding.severity for finding in found(mesh)] == ["warning"]
    mesh.write(test, "select * from {{ ref('revenue') }} where amount < 0")
    assert found(mesh) == []


MACRO = "create or replace macro total(x) as sum(x)"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (f"{REVENUE}/int.sql", f"{{{{ config({{'pre_hook': '{MACRO}'}}) }}}} select 1 as a"),
        (f"{REVENUE}/int.sql", f"{{% do run_query('{MACRO}') %}} select 1 as a"),
        ("domains/report/macros/m.sql", f"{{% macro m() %}}{MACRO}{{% endmacro %}}"),
        ("lib/dbt_project.yml", f"name: lib\non-run-start: ['{MACRO}']\n"),
        ("dbt_project/dbt_project.yml", f"name: mesh\non-run-start: ['{MACRO}']\n"),
        ("dbt_project/profiles.yml", "mesh: {outputs: {mesh: {plugins: [{module: mine}]}}}"),
    ],
)
def test_what_may_make_a_function_leaves_the_domain_to_the_build(
    mesh: SmallMesh, file: str, text: str
) -> None:
    packages = "domains/report/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - local: ../../lib\n")
    mesh.write("lib/dbt_project.yml", "name: lib\n")
    mesh.write(MODEL, GOOD.replace("sum(amount)", "total(amount)"))
    assert len(found(mesh)) == 1
    mesh.write(file, text)
    assert found(mesh) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "domains/report/macros/m.sql",
            "{% macro duckdb__type_int() %}bigint{% endmacro %}",
        ),
        ("domains/report/macros/m.sql", "{% macro type_int() %}bigint{% endmacro %}"),
        ("lib/macros/m.sql", "{% macro default__type_int() %}bigint{% endmacro %}"),
        (
            "dbt_project/profiles.yml",
            "mesh: {outputs: {mesh: {type: duckdb, settings: {integer_division: true}}}}",
        ),
    ],
)
def test_what_overrides_dbt_or_duckdb_leaves_the_domain_to_the_build(
    mesh: SmallMesh, file: str, text: str
) -> None:
    packages = "domains/report/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - local: ../../lib\n")
    mesh.write("lib/dbt_project.yml", "name: lib\n")
    mesh.write(MODEL, GOOD.replace("count(*)", "cast(count(*) as {{ dbt.type_int() }})"))
    assert [finding.code for finding in found(mesh)] == ["model.type"]
    mesh.write(file, text)
    assert found(mesh) == []


def test_a_column_may_be_named_with_schema_and_database(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GOOD.replace("select status", "select mesh.shop.orders.status"))
    assert found(mesh) == []


@pytest.mark.parametrize(
    ("value", "way"),
    [
        ("date_trunc(month, now())", "write a unit of time as a text: `'month'`"),
        ("datediff( DAY , now(), now())", "write a unit of time as a text: `'DAY'`"),
        ("\N{LEFT SINGLE QUOTATION MARK}gone\N{RIGHT SINGLE QUOTATION MARK}", "as `'gone'`"),
        ("\N{LEFT DOUBLE QUOTATION MARK}gone\N{RIGHT DOUBLE QUOTATION MARK}", "as `'gone'`"),
        ('"gone"', "write a text in single quotes: `'gone'`; else stop reading it"),
        ('"statu"', "write a text in single quotes: `'statu'`; did you mean `status`?; else"),
        ("upper(month)", "stop reading it, or have its provider promise it: "),
        ("Statu", "did you mean `status`?; else stop reading it"),
    ],
)
def test_a_name_without_a_column_may_be_meant_as_a_text(
    mesh: SmallMesh, value: str, way: str
) -> None:
    mesh.write(MODEL, GOOD.replace("select status,", f"select status, {value} as more,"))
    (finding,) = found(mesh, "model.sql", "lineage.no-column")
    assert way in finding.fix


@pytest.mark.parametrize("promised", ["physicalType: HUGEINT", "physicalType: DATE"])
def test_a_type_that_cannot_be_promised_is_told_once(mesh: SmallMesh, promised: str) -> None:
    contract = f"{REVENUE}/revenue.odcs.yaml"
    mesh.edit(contract, "physicalType: BIGINT", promised)
    mesh.write(MODEL, GOOD.replace("sum(amount)", "cast(sum(amount) as integer)"))
    told = found(mesh, "contract.type", "model.type")
    assert [(each.code, "`orders`" in each.message) for each in told] == [
        ("contract.type", True),
        ("model.type", False),
    ]
    assert "column `amount` is promised as DOUBLE but the model returns INTEGER" in told[1].message
