"""A model that names a column which is nowhere blocks where that is certain, else is in doubt."""

from __future__ import annotations

import pytest

from mesh_platform.model.findings import Finding
from tests.lineage.test_mesh_lineage import MODEL, RULE, findings
from tests.planned import acknowledge
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

READING = (
    "select status, count(*) as orders, sum(price) as amount from {{ source('shop', 'orders') }}"
)
GONE = f"{READING} group by status\n"


def _codes(mesh: SmallMesh) -> list[str]:
    return [finding.code for finding in findings(mesh)]


def _no_column(mesh: SmallMesh) -> list[Finding]:
    return [finding for finding in findings(mesh) if finding.code == "lineage.no-column"]


def test_a_column_that_the_input_does_not_promise_blocks(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GONE)
    (finding,) = _no_column(mesh)
    assert str(finding) == (
        "report/revenue: model `revenue` cannot be built: `price` is not a known column of"
        " shop.orders\n"
        f"  at: {MODEL}:1  [lineage.no-column]\n"
        "  try: stop reading it, or have its provider promise it: what is not promised may go"
    )
    assert finding.blocking


def test_it_is_found_in_a_private_model_too(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", "select status, price from {{ source('shop', 'orders') }}\n")
    model = "select status, 1 as orders, 1.0 as amount from {{ ref('stg') }}\n"
    mesh.write(MODEL, model)
    assert [finding.place.file for finding in _no_column(mesh)] == [f"{REVENUE}/stg.sql"]


@pytest.mark.parametrize(
    "sql",
    [
        "select status, price as orders, 1.0 as amount, 2 as price"
        " from {{ source('shop', 'orders') }}",
        "select t.status, price as orders, 1.0 as amount from {{ source('shop', 'orders') }} t,"
        " unnest([1]) u(price)",
        "select status, price as orders, 1.0 as amount from {{ source('shop', 'orders') }}"
        " join {{ source('landing', 'prices') }} using (status)",
        "select status, list_transform([1], price -> price + 1) as orders, 1.0 as amount"
        " from {{ source('shop', 'orders') }}",
        "select status, current_date as orders, 1.0 as amount from {{ source('shop', 'orders') }}",
    ],
)
def test_a_name_that_may_mean_something_blocks_nobody(mesh: SmallMesh, sql: str) -> None:
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", RULE, "")
    mesh.write(MODEL, f"{sql}\n")
    assert _no_column(mesh) == []


def test_a_model_behind_it_that_is_not_a_plain_table_may_have_the_column(mesh: SmallMesh) -> None:
    mesh.write(
        f"{REVENUE}/stg.sql",
        "{{ config(materialized='incremental') }}"
        " select status from {{ source('shop', 'orders') }}",
    )
    mesh.write(MODEL, GONE.replace("{{ source('shop', 'orders') }}", "{{ ref('stg') }}"))
    assert _no_column(mesh) == []


def test_who_agreed_to_a_break_is_not_blocked_by_it(mesh: SmallMesh) -> None:
    mesh.write(MODEL, GONE.replace("price", "total"))
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "- name: amount", "- name: price")
    assert "lineage.no-column" in _codes(mesh)
    acknowledge(mesh)
    assert "lineage.no-column" not in _codes(mesh)
    assert "lineage.unvouched" in _codes(mesh)


def test_a_model_that_reads_what_the_model_behind_it_lacks_blocks_too(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", "select status from {{ source('shop', 'orders') }}\n")
    mesh.write(MODEL, GONE.replace("{{ source('shop', 'orders') }}", "{{ ref('stg') }}"))
    (finding,) = _no_column(mesh)
    assert finding.message.startswith("model `revenue` cannot be built: `price` is not a known")
