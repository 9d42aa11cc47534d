from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mesh_platform.engines.duckdb.unknown_columns import unknown_column
from mesh_platform.engines.duckdb.views import View

VIEWS = [View("landing", "orders", "select '1' as id, 'ann' as customer")]
FILE = "mesh.landing.orders"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(path)).execute("create table stg as select 1 as number").close()
    return path


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (f"select cast(order_id as integer) as order_id from {FILE}", "order_id"),
        (f"select o.order_id as x from {FILE} as o", "order_id"),
        (f"select id from {FILE} where gone > 1 order by 1", "gone"),
        (f"select upper(gone) as gone from {FILE} group by gone", "gone"),
        (f"select * exclude (gone) from {FILE}", "gone"),
        (f"select a.id from {FILE} a join {FILE} b using (gone)", "gone"),
        (f"with s as (select * from {FILE}) select gone from s", "gone"),
        (f'select "Gone Away" from {FILE}', "Gone Away"),
        (f"select stg.gone from {FILE}, warehouse.main.stg", "gone"),
    ],
)
def test_the_column_that_is_not_there_is_found(warehouse: Path, sql: str, name: str) -> None:
    found = unknown_column(warehouse, VIEWS, sql)
    assert found is not None
    assert (found.name, found.held) == (name, {("landing", "orders"): ("id", "customer")})


@pytest.mark.parametrize(
    "sql",
    [
        f"select id from {FILE}",
        f"select cast(customer as integer) from {FILE}",
        f"select id + 1 from {FILE}",
        "select 1 from nowhere",
        f"selct id from {FILE}",
    ],
)
def test_what_fails_for_another_reason_is_left_to_the_engine(warehouse: Path, sql: str) -> None:
    assert unknown_column(warehouse, VIEWS, sql) is None
