"""Whatever happens inside dbt, the warehouse is free afterwards, here and in other processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mesh_platform.engines.dbt.runner import DbtHere, DbtPlaces
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.views import View, write_views
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from tests.small_mesh import ORDERS, SmallMesh, write_mesh

pytestmark = pytest.mark.slow


def _mounts(places: DbtPlaces, query: str) -> None:
    write_views([View("landing", "orders_file", query)], places.mounts)


GOOD = "select '1' as order_id, 'x' as customer, '1' as amount, 'paid' as status"


def _view_of_nothing(mesh: SmallMesh, places: DbtPlaces) -> None:
    _mounts(places, "select * from read_parquet('/nowhere.parquet')")


def _garbled_list(mesh: SmallMesh, places: DbtPlaces) -> None:
    places.mounts.write_text("no JSON", encoding="utf-8")


def _model_that_fails(mesh: SmallMesh, places: DbtPlaces) -> None:
    mesh.write(f"{ORDERS}/orders.sql", "select error('x') as a from {{ ref('stg_orders') }}\n")


def _hook_that_fails(mesh: SmallMesh, places: DbtPlaces) -> None:
    mesh.write(
        "domains/shop/dbt_project.yml",
        mesh.read("domains/shop/dbt_project.yml") + 'on-run-start: "select * from nowhere"\n',
    )


def _macro_that_asks_while_it_is_read(mesh: SmallMesh, places: DbtPlaces) -> None:
    mesh.write(f"{ORDERS}/orders.sql", "{{ exceptions.raise_compiler_error('no') }}\n")


def _project_that_is_none(mesh: SmallMesh, places: DbtPlaces) -> None:
    mesh.write("domains/shop/dbt_project.yml", "name: [\n")


def _attachment_that_fails(mesh: SmallMesh, places: DbtPlaces) -> None:
    mesh.edit(
        "dbt_project/profiles.yml",
        "      threads: 2\n",
        "      threads: 2\n      attach:\n        - path: /nowhere/at/all.duckdb\n",
    )


def _secret_that_fails(mesh: SmallMesh, places: DbtPlaces) -> None:
    """Before the platform's plugin hears of the connection."""
    mesh.edit(
        "dbt_project/profiles.yml",
        "      threads: 2\n",
        "      threads: 2\n      secrets:\n        - type: s3\n          name: ' no name'\n",
    )


@pytest.fixture(scope="module")
def dbt() -> DbtHere:
    """One dbt for all cases: what one leaves behind meets the next."""
    return DbtHere()


@pytest.mark.parametrize(
    "broken",
    [
        _view_of_nothing,
        _garbled_list,
        _model_that_fails,
        _hook_that_fails,
        _macro_that_asks_while_it_is_read,
        _project_that_is_none,
        _attachment_that_fails,
        _secret_that_fails,
    ],
)
def test_dbt_gives_the_warehouse_back(
    tmp_path: Path, dbt: DbtHere, broken: Callable[[SmallMesh, DbtPlaces], None]
) -> None:
    mesh = write_mesh(tmp_path / "mesh", "shop")
    workspace = Workspace.open(mesh.root)
    places = workspace.dbt_places(workspace.mesh.domain("shop"))
    places.work.mkdir(parents=True)
    _mounts(places, GOOD)
    broken(mesh, places)
    try:
        nodes = dbt.build(places, ["products/orders"], EngineWords())
        assert any(not node.ok for node in nodes), "nothing went wrong"
    except MeshError:
        pass
    Warehouse(places.warehouse).close()
    script = f"import duckdb; duckdb.connect({str(places.warehouse)!r}).close()"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
