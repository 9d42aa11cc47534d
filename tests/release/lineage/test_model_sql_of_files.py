"""What `mesh check` says of SQL over data from outside, of which it knows little."""

from __future__ import annotations

import pytest

from tests.release.lineage.sql_findings import ORDERS_MODEL, STAGING, found, read_parquet
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


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


def test_a_text_of_a_csv_file_is_no_number(mesh: SmallMesh) -> None:
    mesh.write(ORDERS_MODEL, "select * from {{ source('landing', 'orders_file') }}")
    assert found(mesh) == []
    mesh.write(ORDERS_MODEL, TYPED.replace("cast(amount as double) as ", ""))
    (finding,) = found(mesh)
    assert finding.message == "column `amount` is promised as DOUBLE but the model returns VARCHAR"


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


FROM = "from {{ source('landing', 'orders_file') }}"
REST = "cast(order_id as integer) as order_id, cast(amount as double) as amount, status"


@pytest.mark.parametrize(
    ("model", "staging"),
    [
        (f'select "Customer", {REST} {FROM}', None),
        (f"select customer, {REST} {FROM}", None),
        (f"select f.CUSTOMER, {REST} {FROM} as f", None),
        (f"with s as (select *, 1 as x {FROM}) select customer, {REST} from s", None),
        (f"select customer, {REST} from {{{{ ref('stg_orders') }}}}", f"select * {FROM}"),
        (
            f"select customer, {REST} from {{{{ ref('stg_orders') }}}}",
            f"select customer, {REST} {FROM}",
        ),
    ],
)
def test_upper_and_lower_case_of_a_column_from_outside_are_not_known(
    mesh: SmallMesh, model: str, staging: str | None
) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "- name: customer", "- name: Customer")
    mesh.write(ORDERS_MODEL, model)
    if staging is not None:
        mesh.write(STAGING, staging)
    assert [each.message for each in found(mesh, "model.type")] == []


@pytest.mark.parametrize(
    "model",
    [
        f"select trim(customer) as customer, {REST} {FROM}",
        f"with s as (select upper(customer) as customer, {REST} {FROM}) select * from s",
    ],
)
def test_an_alias_is_spelled_as_it_is_written(mesh: SmallMesh, model: str) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "- name: customer", "- name: Customer")
    mesh.write(ORDERS_MODEL, model)
    (finding,) = found(mesh, "model.type")
    assert "column `Customer` is promised but the model does not return it" in finding.message


def _name_columns(mesh: SmallMesh) -> None:
    """Have the input port name all columns of its file."""
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "      - {property: format, value: csv}\n",
        "      - {property: format, value: csv}\n"
        "      - {property: header, value: [order_id, customer, amount, status]}\n"
        "      - {property: skip, value: 1}\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select order_id, customer, amount, status from LANDING", None),
        ("select f.STATUS from LANDING f", None),
        ("select stat from LANDING", "nothing that it reads has a column `stat`"),
        ("select f.stat from LANDING f", "nothing that it reads has a column `stat`"),
    ],
)
def test_columns_that_the_input_port_names_are_all_there_are(
    mesh: SmallMesh, text: str, said: str | None
) -> None:
    _name_columns(mesh)
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    told = [each.message.partition(": ")[2] for each in found(mesh, "model.sql")]
    assert told == ([said] if said else [])


def test_a_test_of_relationships_reads_columns_that_the_input_has(mesh: SmallMesh) -> None:
    _name_columns(mesh)
    tested = "models: [{name: MODEL, columns: [{name: status, data_tests: [{relationships: "
    landing = "{to: \"source('landing', 'orders_file')\", field: FIELD}"
    port = "{arguments: {to: \"source('shop', 'orders')\", field: FIELD}}"
    for field, lacking in (("id", True), ("STATUS", False), ("lower(id)", False)):
        for file, target in ((ORDERS, landing), (REVENUE, port)):
            text = (tested + target).replace("MODEL", file.rpartition("/")[2])
            mesh.write(f"{file}/own.yml", text.replace("FIELD", field) + "}]}]}]\n")
        assert [each.message for each in found(mesh, "model.sql")] == [
            f"the dbt test `relationships` reads the column `id`, which the source `{source}`"
            " does not have"
            for source in ("shop.orders", "landing.orders_file")
            if lacking
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select column0 as order_id, column1 as customer from LANDING where column3 <> ''", None),
        ("select COLUMN0 as order_id, order_id || '!' as more from LANDING", None),
        ("select id from LANDING as t(id)", None),
        ("with f as (select * from LANDING) select columns('column[01]') from f", None),
        ("select order_id from LANDING", "nothing that it reads has a column `order_id`"),
        ("select f.order_id from LANDING f", "nothing that it reads has a column `order_id`"),
        ("select column0 from LANDING where order_id <> ''", "nothing that it reads has a column"),
    ],
)
def test_a_file_without_a_header_has_columns_that_are_numbered(
    mesh: SmallMesh, text: str, said: str | None
) -> None:
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "      - {property: format, value: csv}\n",
        "      - {property: format, value: csv}\n      - {property: header, value: false}\n",
    )
    mesh.write(STAGING, text.replace("LANDING", "{{ source('landing', 'orders_file') }}"))
    told = [each.message.partition(": ")[2] for each in found(mesh, "model.sql")]
    assert [each.startswith(said or "-") for each in told] == ([True] if said else [])
