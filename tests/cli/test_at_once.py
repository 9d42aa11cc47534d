"""Commands that begin together in a fresh mesh: nobody sees what another has half prepared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import load_mesh
from mesh_platform.scaffold.sync import bring_in_step
from tests.small_mesh import write_mesh
from tests.warm import Program, program, start_mesh

pytestmark = pytest.mark.slow
_ROUNDS, _BUILDS = 1, 3
_LOAD = """
import sys
from mesh_platform.errors import MeshError
from mesh_platform.orchestration import domain_location
for _ in range(40):
    try:
        domain_location(sys.argv[1])
    except MeshError as error:
        assert "there is no dbt manifest" in error.message, error
"""


def test_builds_looks_and_locations_that_begin_at_once_all_succeed(tmp_path: Path) -> None:
    for number in range(_ROUNDS):
        mesh = write_mesh(tmp_path / str(number), "shop")
        files = load_mesh(mesh.root)
        bring_in_step(files, files.domains)
        words = [*["build"] * _BUILDS, "list", "check"]
        started = [start_mesh([word], mesh.root, os.environ) for word in words]
        location = str(mesh.path("domains/shop/definitions.py"))
        started.append(Program.start(program, _LOAD, [location]))
        said = [process.ended() for process in started]
        assert [each.code for each in said] == [0] * len(started), said
        releases = Workspace.open(mesh.root).registry.releases("shop/orders")
        assert [release.number for release in releases] == [1], said
