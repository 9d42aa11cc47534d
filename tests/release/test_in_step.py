"""What generated files that are out of step do to a build, and what is said of them."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.runner import UnreadableProjectError
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.build import release_product
from mesh_platform.release.in_step import explained
from mesh_platform.release.outcome import Verdict
from mesh_platform.scaffold.sync import bring_in_step
from tests.small_mesh import REVENUE, SmallMesh, write_sources

SAID = UnreadableProjectError(
    "dbt cannot build the project: no", place=Place("a.sql"), fix="correct the file dbt names"
)


def _explained(mesh: SmallMesh, error: MeshError) -> str:
    loaded = load_mesh(mesh.root)
    with pytest.raises(type(error)) as caught, explained(loaded, loaded.domain("shop")):
        raise error
    return str(caught.value)


def test_a_product_whose_source_is_missing_fails_before_dbt_begins(shop: SmallMesh) -> None:
    write_sources(shop, "report", "shop", "other")
    shop.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")
    workspace, steps = Workspace.open(shop.root), list[str]()
    revenue = workspace.mesh.product("report/revenue")
    outcome = release_product(workspace, revenue, watch=lambda _, step: steps.append(step))
    assert (outcome.verdict, steps) == (Verdict.FAILED, [])
    assert outcome.reason == (
        "report/revenue: the domain `report` cannot be built: the generated file does not match the"
        " input ports\n  at: domains/report/products/sources.yml:1\n  try: mesh sync report"
    )


def test_what_needs_no_build_is_not_asked_for_its_sources(shop: SmallMesh) -> None:
    write_sources(shop, "report", "shop", "other")
    workspace = Workspace.open(shop.root)
    outcome = release_product(workspace, workspace.mesh.product("report/revenue"))
    assert outcome.verdict is Verdict.UP_TO_DATE


def test_where_dbt_cannot_read_what_is_out_of_step_comes_first(mesh: SmallMesh) -> None:
    assert _explained(mesh, SAID) == (
        "dbt cannot build the project: no\n"
        "  at: a.sql\n"
        "  try: mesh sync shop (domains/shop/products/orders/ports.yml:1: the generated file does"
        " not exist)\n"
        "    then correct the file dbt names"
    )
    other = MeshError("the process that runs dbt has ended", fix="build again")
    assert _explained(mesh, other) == str(other)
    loaded = load_mesh(mesh.root)
    bring_in_step(loaded, loaded.domains)
    assert _explained(mesh, SAID) == str(SAID)
