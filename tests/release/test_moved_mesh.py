"""A built mesh that is copied or renamed is built of its own files, in each place."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from mesh_platform.environments.stored import paths
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from tests.small_mesh import ORDERS, SmallMesh, write_mesh

pytestmark = pytest.mark.slow

_SEED = "domains/shop/seeds/words.csv"


@pytest.fixture
def built(tmp_path: Path) -> SmallMesh:
    mesh = write_mesh(tmp_path / "orig", "shop")
    mesh.write(_SEED, "of,word\nmesh,orig\n")
    mesh.write(
        f"{ORDERS}/orders.sql",
        "select * replace ((select word from {{ ref('words') }}) as customer)\n"
        "from {{ ref('stg_orders') }}\n",
    )
    assert _built(mesh) == [("orig", 10.5)]
    return mesh


def _built(mesh: SmallMesh) -> list[tuple[object, ...]]:
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"), full=True)
    assert outcome.verdict is Verdict.RELEASED, outcome
    release = workspace.registry.current("shop/orders")
    assert release is not None
    files = [str(path) for path in paths(workspace.lake, release.ports[0])]
    found = duckdb.sql(f"select customer, amount from read_parquet({files}) where order_id = 1")
    return found.fetchall()


def test_a_copy_and_the_renamed_original_are_built_of_their_own_files(built: SmallMesh) -> None:
    copy = SmallMesh(built.root.with_name("copy"))
    shutil.copytree(built.root, copy.root, symlinks=True)
    built.edit(_SEED, "orig", "changed")
    copy.edit("dbt_project/macros/typed.sql", "{{ column }}, 'NA')", "{{ column }}, 'NA') || '7'")
    assert _built(copy) == [("orig", 10.57)]

    renamed = SmallMesh(built.root.rename(built.root.with_name("renamed")))
    assert _built(renamed) == [("changed", 10.5)]
    assert {link.readlink() for link in renamed.root.glob("domains/*/dbt_packages/mesh")} == {
        Path("../../../dbt_project")
    }
