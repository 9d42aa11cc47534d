"""`mesh dbt`: the plain command, with the domain's profile and whatever inputs there are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from tests import warm
from tests.cli.conftest import Run
from tests.planned import release_all
from tests.small_mesh import SmallMesh

DBT = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]


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
    run = {"cwd": folder, "env": variables, "capture_output": True, "text": True}
    said = subprocess.run([*DBT, "build"], check=False, **run)  # type: ignore[call-overload]
    assert said.returncode == 2
    assert "MESH_WAREHOUSE; try: mesh dbt DOMAIN -- build" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr
    subprocess.run([*DBT, "deps"], check=True, **run)  # type: ignore[call-overload]
    subprocess.run([*DBT, "parse"], check=True, **run)  # type: ignore[call-overload]


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
    """Run the command from nothing: dbt writes past what a program makes of its output."""
    mesh = [sys.executable, "-c", "from mesh_platform.cli.main import run; run()"]
    command = [*mesh, "-C", str(root), "dbt", domain, "--", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
