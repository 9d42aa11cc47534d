"""`mesh dbt`: the plain command, with the domain's profile and whatever inputs there are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from tests import warm
from tests.cli.conftest import Run
from tests.planned import release_all
from tests.small_mesh import SmallMesh


def test_help_shows_how_arguments_reach_dbt(look: Run) -> None:
    said = look("dbt", "--help")
    assert said.code == 0
    assert "Example: mesh dbt flights -- show --select departures --limit 5" in said.out


def test_a_domain_that_is_not_there_is_named_with_those_that_are(look: Run) -> None:
    said = look("dbt", "shopp", "--", "ls")
    assert said.code == 2
    assert "no domain is called `shopp`" in said.err
    assert "shop" in said.err


@pytest.mark.slow
def test_models_are_built_in_the_warehouse_and_nothing_is_released(
    mesh: SmallMesh,
) -> None:
    release_all(mesh)
    before = Workspace.open(mesh.root).all_current()
    broken = _dbt(mesh.root, "report", "build", "--select", "revenue", "-q")
    assert broken.code == 1, "the staged orders have no such columns"
    assert _dbt(mesh.root, "shop", "build", "-q").code == 0
    count = "select count(*) as n from {{ ref('orders') }}"
    assert "4" in _printed(mesh.root, "shop", "show", "--inline", count, "-q")
    assert Workspace.open(mesh.root).all_current() == before
    assert not (mesh.path("domains/shop") / "target").exists()


@pytest.mark.slow
def test_dbt_that_is_started_alone_says_how_to_start_it(look: Run, mesh: SmallMesh) -> None:
    """In a folder that no build has seen, once `mesh sync` has made the link to the profile."""
    folder = mesh.path("domains/shop")
    (folder / "profiles.yml").unlink()
    shutil.rmtree(folder / "dbt_packages", ignore_errors=True)
    assert "domains/shop/profiles.yml" in look("sync", "shop", "--output", "json").json["written"]
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    variables |= {"DO_NOT_TRACK": "1"}
    said = warm.dbt(["build"], folder, variables)
    assert said.code == 2
    assert "MESH_WAREHOUSE; try: mesh dbt DOMAIN -- build" in said.out
    assert "Traceback" not in said.out + said.err
    assert warm.dbt(["deps"], folder, variables).code == 0
    assert warm.dbt(["parse"], folder, variables).code == 0


@pytest.mark.slow
def test_packages_that_are_not_there_are_told_in_words(mesh: SmallMesh) -> None:
    file = "domains/shop/packages.yml"
    mesh.write(file, f"{mesh.read(file)}  - local: ../../nowhere\n")
    said = _dbt(mesh.root, "shop", "ls")
    first, at, way = said.err.splitlines()
    assert (said.code, at) == (2, f"  at: {file}")
    assert first.startswith("dbt cannot install the packages of the project: ")
    assert "nowhere" in first
    assert "Traceback" not in said.err
    assert way.startswith("  try: correct the name, the version or the path of the package")


def _dbt(root: Path, domain: str, *arguments: str) -> warm.Ended:
    return warm.mesh(["dbt", domain, "--", *arguments], root, os.environ)


def _printed(root: Path, domain: str, *arguments: str) -> str:
    return warm.mesh_whole(["dbt", domain, "--", *arguments], root, os.environ).out
