"""Fixtures for all tests: a mesh of two domains, and the same with two twin ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_mesh import SmallMesh, write_mesh


@pytest.fixture
def mesh(tmp_path: Path) -> SmallMesh:
    """`shop/orders`, read by `report/revenue`; edit it before opening it."""
    return write_mesh(tmp_path / "mesh")


@pytest.fixture
def mesh_root(mesh: SmallMesh) -> Path:
    """Folder of the same mesh."""
    return mesh.root


@pytest.fixture
def twins(tmp_path: Path) -> SmallMesh:
    """`twins/pair`: one product with the ports `left` and `right`."""
    return write_mesh(tmp_path / "mesh", "twins")


@pytest.fixture
def shop(mesh: SmallMesh) -> SmallMesh:
    """The same mesh, with a release of each product."""
    from tests.planned import release_all

    release_all(mesh)
    return mesh
