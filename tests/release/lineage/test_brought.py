"""Whether a model of a package is a table: as dbt reads the files of package and domain."""

from __future__ import annotations

import json

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.lineage.files import read_models
from tests.small_mesh import SmallMesh

PACKAGES = {
    "plain": ({"a.sql": "select 1 as a"}, ""),
    "in_file": ({"b.sql": "{{ config(materialized='ephemeral') }} select 1 as a"}, ""),
    "in_yaml": (
        {
            "c.sql": "select 1 as a",
            "c.yml": "models: [{name: c, config: {materialized: ephemeral}}]",
        },
        "",
    ),
    "in_project": ({"deep/d.sql": "select 1 as a"}, "models: {+materialized: ephemeral}\n"),
}
"""Packages by their names: the files of the models, and what `dbt_project.yml` says besides."""
DOMAIN = {
    "nothing": "{}",
    "a table everywhere": "{+materialized: table}",
    "a table in its own models": "{shop: {+materialized: table}}",
    "ephemeral for packages": "{+materialized: table, plain: {+materialized: ephemeral},"
    " in_project: {deep: {+materialized: ephemeral}}}",
    "a table for one folder": "{in_project: {deep: {d: {+materialized: table}}}}",
}


@pytest.mark.slow
@pytest.mark.parametrize("said", DOMAIN.values(), ids=list(DOMAIN))
def test_models_that_packages_bring_as_tables_are_those_of_dbt(mesh: SmallMesh, said: str) -> None:
    imported = mesh.read("domains/shop/packages.yml")
    for name, (files, beside) in PACKAGES.items():
        mesh.write(f"packages/{name}/dbt_project.yml", f"name: {name}\nversion: '1.0.0'\n{beside}")
        for file, text in files.items():
            mesh.write(f"packages/{name}/models/{file}", text)
        imported += f"  - local: ../../packages/{name}\n"
    mesh.write("domains/shop/packages.yml", imported)
    mesh.edit(
        "domains/shop/dbt_project.yml", "models:\n  +materialized: table\n", f"models: {said}\n"
    )
    workspace = Workspace.open(mesh.root)
    places = workspace.dbt_places(workspace.mesh.domain("shop"))
    workspace.dbt.parse(places)
    nodes = json.loads(places.manifest.read_text(encoding="utf-8"))["nodes"].values()
    ours = read_models(workspace, ["shop"]).domains["shop"].brought
    assert ours == {
        node["name"]: node["package_name"]
        for node in nodes
        if node["package_name"] in PACKAGES and node["config"]["materialized"] != "ephemeral"
    }
