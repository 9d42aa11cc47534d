"""The mesh that releases are promoted in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.environments.lifecycle import defer
from tests.environments.promoting import ORDERS_NAME, PAIR, REVENUE_NAME, at
from tests.release.staging import release
from tests.small_mesh import SmallMesh, write_mesh


@pytest.fixture
def shared(tmp_path: Path, _as_shared: SmallMesh) -> SmallMesh:
    """Everything is released in prod; alice defers to it."""
    return _as_shared.copied(tmp_path / "mesh")


@pytest.fixture(scope="session")
def _as_shared(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    """The same mesh, made once."""
    mesh = write_mesh(tmp_path_factory.mktemp("shared") / "mesh", "shop", "report", "twins")
    for name in (ORDERS_NAME, REVENUE_NAME, PAIR):
        release(at(mesh, "prod"), name)
    defer(at(mesh, "alice"), "prod")
    return mesh
