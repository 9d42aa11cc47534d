"""What `mesh check` says of SQL that DuckDB could not build, before there is any data."""

from __future__ import annotations

import json

import duckdb
import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.columns_of_sql import as_kept
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

MODEL = f"{REVENUE}/revenue.sql"
STAGING = f"{ORDERS}/stg_orders.sql"
SOURCE = "{{ source('shop', 'orders') }}"
GOOD = f"select status, count(*) as orders, sum(amount) as amount\nfrom {SOURCE}\ngroup by status\n"


def found(mesh: SmallMesh, *codes: str) -> list[Finding]:
    """The findings of `mesh check` with these codes; without any, those of this page."""
    wanted = codes or ("model.sql", "model.type")
    checked = check_mesh(Workspace.open(mesh.root))
    return [finding for finding in checked.findings if finding.code in wanted]


def read_parquet(mesh: SmallMesh) -> None:
    """Have the first product read a file with types of its own."""
    mesh.edit(f"{ORDERS}/product.odps.yaml", "value: csv", "value: parquet")


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
        "select customer, count(*) as n from {{ source('landing', 'orders_file') }}",
        "select upper(customer) as c, sum(amount) from {{ source('landing', 'orders_file') }}",
        "with s as (select * from {{ source('landing', 'orders_file') }})\n"
        "select customer, max(status) from s",
    ],
)
def test_data_from_outside_is_not_known_but_a_group_is(mesh: SmallMesh, text: str) -> None:
    read_parquet(mesh)
    mesh.write(STAGING, text)
    (finding,) = found(mesh, "model.sql")
    assert "must appear in the GROUP BY clause" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "select date_trunc('day', ts) as d, count(*) as n from LANDING group by d",
        "select trim(status) as status, count(*) as n from LANDING group by status",
        "select a.b.c as x, list_sum(y) as y, z + interval 1 day as z from LANDING",
        "select * exclude (q), q.r from LANDING where q > 1",
        "select s.a, t.a as b from LANDING s join LANDING t using (k)",
        "select unnest(a) as a, m['k'] as m, a[1:2] as c from LANDING",
        "select count(*) filter (where x) over (partition by y order by z) as n from LANDING",
        "from LANDING select columns(c -> c like 'a%')",
        "select strptime(d, '%Y') as d, d2 - d3 as e, regexp_extract(f, 'x') as f from LANDING",
        "select a from LANDING union all by name select b from LANDING",
        "select sum(x) as x, y from LANDING group by all having sum(x) > 1 order by all",
    ],
)
def test_nothing_is_said_where_data_from_outside_decides(mesh: SmallMesh, text: str) -> None:
    read_parquet(mesh)
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    assert found(mesh, "model.sql") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select sum(amount) as a from LANDING", "types 'sum(VARCHAR)'"),
        ("select amount + 1 as a from LANDING", "types '+(VARCHAR, INTEGER_LITERAL)'"),
        ("select amount as amount from LANDING where amount > 1", "type INTEGER_LITERAL"),
        (
            "with s as (select amount, status from LANDING) select sum(amount) as a from s",
            "types 'sum(VARCHAR)'",
        ),
    ],
)
def test_every_value_of_a_csv_file_is_text(mesh: SmallMesh, text: str, said: str) -> None:
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    (finding,) = found(mesh, "model.sql")
    assert said in finding.message
    assert (finding.fix or "").endswith(
        "every value of a CSV or JSON file is read as text: cast it first"
    )


@pytest.mark.parametrize(
    "text",
    [
        "select status, count(*) as n from LANDING group by status having count(*) > 1",
        "select cast(a as integer) as a, a || '1' as b, cast(c as date) as c from LANDING",
        "select cast(a as integer) as b, b + 1 as c from LANDING where c > 1",
        "select s.*, s.status || '!' as more, a::int + 1 as a from LANDING s",
        "with s as (select a::int as a from LANDING) select a + 1 as b, sum(a) from s group by a",
        "with s as (select a::int as v from LANDING) select (select max(k) from LANDING t"
        " where t.k::int = v + 1) as b from s",
        "with s(v) as (select a::int from LANDING) select (select max(k) from LANDING"
        " where k::int = v + 1) as b from s",
        "select json_extract(doc, '$.a') as a, doc->>'b' as b, doc.a as c from LANDING",
        "select list_sum(list(x::int)) as x, max(y) as y from LANDING",
        "select v + 1 as v from (select unnest([1, 2]) as v, a from LANDING)",
        "select a, b from LANDING natural join (select 1::varchar as a, 2 as b)",
    ],
)
def test_nothing_is_said_of_a_csv_file_that_may_run(mesh: SmallMesh, text: str) -> None:
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    assert found(mesh, "model.sql") == []


ORDERS_MODEL = f"{ORDERS}/orders.sql"
TYPED = """\
select
    cast(order_id as integer) as order_id, customer, cast(amount as double) as amount, status
from {{ source('landing', 'orders_file') }}
"""


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
@pytest.mark.parametrize("staged", [False, True])
def test_a_type_that_no_data_changes_is_compared(
    mesh: SmallMesh, kind: str, *, staged: bool
) -> None:
    mesh.edit(f"{ORDERS}/product.odps.yaml", "value: csv", f"value: {kind}")
    model = STAGING if staged else ORDERS_MODEL
    mesh.write(model, TYPED)
    assert found(mesh) == []
    mesh.write(model, TYPED.replace("as integer", "as smallint").replace("as double", "as float"))
    (finding,) = found(mesh)
    assert "column `order_id` is promised as INTEGER but the model returns SMALLINT" in (
        finding.message
    )
    assert "column `amount` is promised as DOUBLE but the model returns FLOAT" in finding.message
    mesh.write(model, TYPED.replace("as integer", "as smallint").replace("order_id as", "id as"))
    assert len(found(mesh, "model.type")) == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_parts_of_a_union_that_differ_in_number_are_told(mesh: SmallMesh, kind: str) -> None:
    mesh.edit(f"{ORDERS}/product.odps.yaml", "value: csv", f"value: {kind}")
    source = "from {{ source('landing', 'orders_file') }}"
    mesh.write(STAGING, f"select order_id {source} union all select order_id, status {source}")
    (finding,) = found(mesh, "model.sql")
    assert "the same number of result columns" in finding.message
    mesh.write(STAGING, f"select order_id {source} union all select * exclude (status) {source}")
    assert found(mesh, "model.sql") == []


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


def test_a_text_of_a_csv_file_is_no_number(mesh: SmallMesh) -> None:
    mesh.write(ORDERS_MODEL, "select * from {{ source('landing', 'orders_file') }}")
    assert found(mesh) == []
    mesh.write(ORDERS_MODEL, TYPED.replace("cast(amount as double) as ", ""))
    (finding,) = found(mesh)
    assert finding.message == "column `amount` is promised as DOUBLE but the model returns VARCHAR"


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
    assert (finding.place.file, finding.product) == (test, "report")
    mesh.write(test, "{{ config(severity='warn') }}" + mesh.read(test))
    assert [finding.severity for finding in found(mesh)] == ["warning"]
    mesh.write(test, "select * from {{ ref('revenue') }} where amount < 0")
    assert found(mesh) == []


@pytest.mark.parametrize(
    "text",
    [
        "select customer, sum(n::int) as total from LANDING where total <> '' group by customer",
        "select customer, count(*) as n, sum(n::int) as before from LANDING group by customer",
        "select a, row_number() over (order by a) as rank from LANDING where rank <> ''",
        "select x + 1 as total, date_trunc('day', ts) as d, count(*) as n from LANDING"
        " where total <> 2 group by x, d",
    ],
)
def test_an_alias_may_be_a_column_of_data_from_outside(mesh: SmallMesh, text: str) -> None:
    read_parquet(mesh)
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    assert found(mesh, "model.sql") == []


def test_what_fails_with_and_without_a_column_is_told(mesh: SmallMesh) -> None:
    text = (
        "select trim(status) as status, count(*) as n from {{ source('landing', 'orders_file') }}"
    )
    mesh.write(STAGING, text)
    (finding,) = found(mesh, "model.sql")
    assert "must appear in the GROUP BY clause" in finding.message


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
