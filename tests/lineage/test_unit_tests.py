"""Unit tests that surely cannot run block; of what the texts do not tell, nothing is said."""

from __future__ import annotations

import pytest

from mesh_platform.model.findings import Finding
from tests.lineage.test_mesh_lineage import MODEL, findings
from tests.majors import BUYERS, add_consumer, add_second_major
from tests.planned import acknowledge
from tests.small_mesh import ORDERS, REVENUE, SmallMesh, write_sources

FILE = f"{REVENUE}/unit_tests.yml"
PROJECT = "domains/report/dbt_project.yml"
TEST = """\
version: 2
unit_tests:
  - name: open_orders_count
    model: revenue
    given:
      - input: source('shop', 'orders')
        rows:
          - {status: open, amount: 1}
          - {STATUS: open, amount: 2}
    expect:
      rows:
        - {status: open, orders: 2, amount: 3}
"""
STAGED = "select status, amount from {{ source('shop', 'orders') }}\n"
FROM_STAGED = (
    "select status, count(*) as orders, sum(amount) as amount from {{ ref('stg') }}"
    " group by status\n"
)
CSV = """\
        format: csv
        rows: |
          status,price
          open,1
"""
DICTS = """\
        rows:
          - {status: open, amount: 1}
          - {STATUS: open, amount: 2}
"""


def _failing(mesh: SmallMesh, product: str = "report/revenue") -> list[Finding]:
    return [item for item in findings(mesh, product) if item.code == "lineage.unit-test"]


def _reasons(mesh: SmallMesh) -> list[str]:
    """Why the test of the revenue cannot run."""
    before = "unit test `open_orders_count` cannot run: "
    found = [item.message for item in _failing(mesh)]
    assert all(message.startswith(before) for message in found)
    return [message.removeprefix(before) for message in found]


def _write(mesh: SmallMesh, old: str = "", new: str = "") -> None:
    """Write the test, with a part of it replaced."""
    assert old in TEST
    mesh.write(FILE, TEST.replace(old, new))


def _move_to_second_major(mesh: SmallMesh) -> None:
    """The revenue is read from `shop/orders@2`, and the test says what it said before."""
    add_second_major(mesh)
    mesh.edit(
        f"{REVENUE}/product.odps.yaml",
        "  - name: orders\n    version: 1.0.0",
        "  - name: orders\n    version: 2.0.0",
    )
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", "shop.orders)", "shop.orders_v2)")
    mesh.edit(MODEL, "'orders'", "'orders_v2'")
    mesh.edit("domains/report/products/sources.yml", "- name: orders", "- name: orders_v2")


def test_a_test_that_says_what_its_model_reads_and_returns_is_fine(mesh: SmallMesh) -> None:
    _write(mesh)
    assert findings(mesh) == []


def test_who_moves_to_another_major_is_told_of_the_tests_left_behind(mesh: SmallMesh) -> None:
    _write(mesh)
    _move_to_second_major(mesh)
    (finding,) = findings(mesh)
    assert str(finding) == (
        "report/revenue: unit test `open_orders_count` cannot run: its model `revenue` reads"
        " `source('shop', 'orders_v2')`, which it does not give\n"
        f"  at: {FILE}:6:9  [lineage.unit-test]\n"
        "  try: give it instead of `source('shop', 'orders')`, which the model does not read"
    )
    assert finding.blocking
    mesh.edit(FILE, "'orders'", "'orders_v2'")
    assert findings(mesh) == []


def test_a_column_that_the_new_major_lacks_is_told_where_it_stands(mesh: SmallMesh) -> None:
    _write(mesh, "{STATUS: open,", "{status: open, Customer: ann,")
    _move_to_second_major(mesh)
    mesh.edit(FILE, "'orders'", "'orders_v2'")
    (finding,) = findings(mesh)
    assert str(finding) == (
        "report/revenue: unit test `open_orders_count` cannot run: it gives `shop.orders_v2` the"
        " column `customer`, which the port does not promise\n"
        f"  at: {FILE}:9:28  [lineage.unit-test]\n"
        "  try: correct it, or take it out of the rows; known: `amount`, `buyer`, `order_id`,"
        " `status`"
    )


def test_an_input_that_is_not_given_is_told_where_the_test_gives(mesh: SmallMesh) -> None:
    mesh.write(FILE, TEST.replace(f"\n      - input: source('shop', 'orders')\n{DICTS}", " []\n"))
    (finding,) = _failing(mesh)
    assert str(finding.place) == f"{FILE}:5:5"
    said = "add `input: source('shop', 'orders')` to `given`, with `rows: []` if no row matters"
    assert finding.fix == said


def test_dbt_asks_for_what_a_comment_of_the_sql_names(mesh: SmallMesh) -> None:
    _write(mesh)
    mesh.edit(MODEL, "group by", "-- {{ source('shop', 'refunds') }}\ngroup by")
    said = "its model `revenue` reads `source('shop', 'refunds')`, which it does not give"
    assert _reasons(mesh) == [said]


def test_a_private_model_is_given_with_the_columns_that_it_returns(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", STAGED)
    mesh.write(MODEL, FROM_STAGED)
    _write(mesh, "source('shop', 'orders')", "ref('stg')")
    assert _reasons(mesh) == []
    _write(mesh, f"source('shop', 'orders')\n{DICTS}", "ref('stg')\n        rows: [{price: 1}]\n")
    assert _reasons(mesh) == ["it gives `stg` the column `price`, which the model does not return"]
    _write(mesh)
    (finding,) = _failing(mesh)
    assert finding.message.endswith("reads `ref('stg')`, which it does not give")
    assert finding.fix == "add `input: ref('stg')` to `given`, with `rows: []` if no row matters"


SQL_ROWS = """\
        format: sql
        rows: select 'open' as status, 1 as amount
"""


@pytest.mark.parametrize("at", ["model", "project", "properties"])
def test_rows_cannot_stand_for_a_model_without_a_table(mesh: SmallMesh, at: str) -> None:
    config = "{{ config(materialized='ephemeral') }}\n" if at == "model" else ""
    mesh.write(f"{REVENUE}/stg.sql", config + STAGED)
    if at == "project":
        mesh.edit(PROJECT, "  +materialized: table\n", "  +materialized: ephemeral\n")
        mesh.edit(MODEL, "select", "{{ config(materialized='table') }}\nselect")
    if at == "properties":
        entry = "models: [{name: stg, config: {materialized: ephemeral}}]\n"
        mesh.write(f"{REVENUE}/own.yml", entry)
    mesh.write(
        MODEL, ("{{ config(materialized='table') }}\n" if at == "project" else "") + FROM_STAGED
    )
    _write(mesh, "source('shop', 'orders')", "ref('stg')")
    (finding,) = _failing(mesh)
    assert finding.message == (
        "unit test `open_orders_count` cannot run: it gives rows for `ref('stg')`, and dbt takes"
        " their types from a table, which the ephemeral model `stg` does not have"
    )
    assert (str(finding.place), finding.blocking) == (f"{FILE}:6:9", True)
    mesh.write(FILE, mesh.read(FILE).replace(DICTS, SQL_ROWS))
    assert _failing(mesh) == []


def test_an_input_that_the_project_does_not_know_cannot_be_given(mesh: SmallMesh) -> None:
    more = "    expect:"
    _write(mesh, more, f"      - input: source('shop', 'customers')\n        rows: []\n{more}")
    said = "it gives `source('shop', 'customers')`, which no product of the domain has as an"
    assert _reasons(mesh) == [f"{said} input port"]
    _write(mesh, more, f"      - input: ref('stg')\n        rows: []\n{more}")
    assert _reasons(mesh) == ["it gives `ref('stg')`, and there is no such model"]


def test_what_another_product_of_the_domain_reads_may_be_given_in_vain(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    add_consumer(mesh)
    write_sources(mesh, "report", "shop", "not_in_step")
    more = "    expect:"
    given = f"      - input: source('shop', 'orders_v2')\n        rows: [{{gone: 1}}]\n{more}"
    _write(mesh, more, given)
    assert _reasons(mesh) == []


def test_what_the_file_of_sources_still_has_may_be_given(mesh: SmallMesh) -> None:
    mesh.edit(
        "domains/report/products/sources.yml", "name: orders", "name: old\n      - name: orders"
    )
    more = "    expect:"
    _write(mesh, more, f"      - input: source('shop', 'old')\n        rows: []\n{more}")
    assert _reasons(mesh) == []


def test_a_test_of_a_model_that_is_not_there_blocks_the_domain(mesh: SmallMesh) -> None:
    _write(mesh, "model: revenue", "model: revenu")
    (finding,) = _failing(mesh)
    assert (finding.message, str(finding.place), finding.fix) == (
        "unit test `open_orders_count` cannot run: there is no model `revenu`, and dbt then builds"
        " no product of the domain",
        f"{FILE}:4:5",
        "correct `model`, or remove the test; did you mean `revenue`?",
    )
    mesh.write("domains/report/snapshots/more.sql", "{% snapshot revenu %}{% endsnapshot %}")
    assert _failing(mesh) == []


def test_a_test_is_told_at_the_product_of_its_model(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    add_consumer(mesh)
    mesh.write(f"{BUYERS}/unit_tests.yml", TEST.replace("amount: 1", "price: 1"))
    assert _failing(mesh, "report/buyers") == []
    assert _reasons(mesh) == [
        "it gives `shop.orders` the column `price`, which the port does not promise"
    ]


def test_the_names_in_the_first_line_of_csv_are_columns(mesh: SmallMesh) -> None:
    _write(mesh, DICTS, CSV)
    (finding,) = _failing(mesh)
    assert finding.message.endswith("the column `price`, which the port does not promise")
    assert str(finding.place) == f"{FILE}:8:9"
    _write(mesh, DICTS, CSV.replace("          open,1\n", ""))
    assert _failing(mesh) == []


def test_a_column_that_the_model_does_not_return_cannot_be_expected(mesh: SmallMesh) -> None:
    _write(mesh, "orders: 2", "count: 2")
    (finding,) = _failing(mesh)
    assert finding.message.endswith(
        "it expects the column `count`, which the model does not return"
    )
    assert str(finding.place) == f"{FILE}:12:26"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{STATUS: open,", "{\"{{ var('x') }}\": open,"),
        ("source('shop', 'orders')", "\"source('shop', '{{ var('x') }}')\""),
        ("model: revenue", "model: \"{{ var('x') }}\""),
        (DICTS, "        rows: \"{{ var('x') }}\"\n"),
        (DICTS, "        format: csv\n        rows: \"a,{{ var('x') }}\\n1,2\"\n"),
        (DICTS, "        format: csv\n        fixture: nowhere\n"),
        (DICTS, "        format: sql\n        rows: select 1 as price\n"),
        ("source('shop', 'orders')", "this"),
        ("source('shop', 'orders')", "ref('a', 'b', v=1)"),
        ("model: revenue", "model: revenu\n    config: {enabled: false}"),
        ("model: revenue", "model: revenu\n    versions: {include: [1]}"),
        ("    given:", "    overrides: {vars: {x: 1}}\n    given:\n      - input: this"),
        ("    given:", "    given: 3\n    more:"),
        ("unit_tests:\n", "unit_tests: {}\nmore:\n"),
        ("version: 2\n", "version: 2\nversion: 2\n"),
    ],
)
def test_what_the_text_does_not_tell_blocks_nobody(mesh: SmallMesh, old: str, new: str) -> None:
    _write(mesh, old, new)
    assert _failing(mesh) == []


WRONG = TEST.replace("amount: 1", "price: 1").replace("orders: 2", "count: 2")


@pytest.mark.parametrize(
    "edit",
    [
        ("overrides", FILE, "    given:", "    overrides: {vars: {x: 1}}\n    given:"),
        (
            "an incremental model",
            MODEL,
            "select",
            "{% if is_incremental() %}{% endif %}{{ config(materialized='incremental') }}select",
        ),
        ("a variable", MODEL, "select", "{% if var('x') %}{% endif %}select"),
        ("a disabled model", MODEL, "select", "{{ config(enabled = true) }}select"),
        ("a setting", PROJECT, "+materialized", "+enabled: false\n  +materialized"),
        ("of unit tests", PROJECT, "flags:", "unit-tests:\n  +enabled: false\nflags:"),
    ],
    ids=lambda edit: str(edit[0]),
)
def test_what_may_change_the_model_or_leave_out_the_test_excuses_it(
    mesh: SmallMesh, edit: tuple[str, str, str, str]
) -> None:
    mesh.write(FILE, WRONG)
    assert len(_failing(mesh)) == 2
    mesh.edit(*edit[1:])
    assert _failing(mesh) == []


def test_a_test_that_changes_the_sql_of_its_model_may_give_other_inputs(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", STAGED)
    _write(mesh, "source('shop', 'orders')", "ref('stg')")
    assert len(_failing(mesh)) == 1
    mesh.edit(FILE, "    given:", "    overrides: {macros: {is_incremental: true}}\n    given:")
    assert _failing(mesh) == []


def test_rows_of_sql_may_have_columns_that_a_star_shows(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select *, 1 as orders from {{ source('shop', 'orders') }}\n")
    _write(mesh, "orders: 2", "price: 2")
    assert len(_failing(mesh)) == 1
    mesh.edit(
        FILE, DICTS, "        format: sql\n        rows: select 'open' as status, 2 as price\n"
    )
    assert _failing(mesh) == []


def test_columns_of_a_file_from_outside_are_not_known(mesh: SmallMesh) -> None:
    test = TEST.replace("revenue", "stg_orders").replace(
        "'shop', 'orders'", "'landing', 'orders_file'"
    )
    mesh.write(
        f"{ORDERS}/unit_tests.yml", test.replace("STATUS", "price").replace("orders: 2, ", "")
    )
    assert _failing(mesh, "shop/orders") == []
    mesh.write(f"{ORDERS}/stg_orders.sql", "select * from {{ source('landing', 'orders_file') }}\n")
    mesh.edit(f"{ORDERS}/unit_tests.yml", "amount: 3", "price: 3")
    assert _failing(mesh, "shop/orders") == []


def test_columns_of_a_model_that_keeps_old_ones_are_not_known(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", STAGED)
    mesh.write(MODEL, FROM_STAGED)
    _write(mesh, f"source('shop', 'orders')\n{DICTS}", "ref('stg')\n        rows: [{price: 1}]\n")
    mesh.edit(f"{REVENUE}/stg.sql", "select", "{{ config(materialized='incremental') }} select")
    assert _failing(mesh) == []


def test_who_agreed_to_a_break_is_not_blocked_by_its_columns(mesh: SmallMesh) -> None:
    _write(mesh)
    mesh.write(MODEL, "select *, 1 as orders from {{ source('shop', 'orders') }}\n")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "- name: amount", "- name: price")
    assert len(_failing(mesh)) == 2
    acknowledge(mesh)
    assert _failing(mesh) == []
