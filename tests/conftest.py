"""Fixtures for all tests: a mesh of two domains, and the same with two twin ports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_mesh import SmallMesh, write_mesh
from tests.spared import spare, spare_imports

spare()


def pytest_collection_finish() -> None:
    """Leave alone what collecting the tests imported."""
    spare_imports()


@pytest.fixture(scope="session")
def _as_parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same mesh as dbt leaves it in `dev` when it has read both projects."""
    from mesh_platform.environments.workspace import Workspace

    folder = tmp_path_factory.mktemp("parsed")
    workspace = Workspace.open(write_mesh(folder / "mesh").root)
    for domain in workspace.mesh.domains:
        workspace.dbt.parse(workspace.dbt_places(domain))
    (folder / "mesh").rename(folder / "as_parsed")
    return folder / "as_parsed"


@pytest.fixture
def mesh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallMesh]:
    """`shop/orders`, read by `report/revenue`; edit it before opening it.

    A slow test gets it always at one path, where dbt has read it before: dbt reads its own macros
    anew for each path, which costs more than a build of the mesh.
    """
    if request.node.get_closest_marker("slow") is None:
        yield write_mesh(tmp_path / "mesh")
        return
    parsed: Path = request.getfixturevalue("_as_parsed")
    root = parsed.with_name("mesh")
    shutil.copytree(parsed, root, symlinks=True)
    yield SmallMesh(root)
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def _as_built(_as_parsed: Path) -> Path:
    """The same mesh when dbt has built `shop/orders`, once for all tests."""
    from mesh_platform.environments.workspace import Workspace
    from mesh_platform.release.build import release_product

    root = _as_parsed.with_name("mesh")
    shutil.copytree(_as_parsed, root, symlinks=True)
    workspace = Workspace.open(root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.release is not None, outcome.reason
    return root.rename(root.with_name("as_built"))


@pytest.fixture
def built(_as_built: Path) -> Iterator[SmallMesh]:
    """The same mesh with a real release of `shop/orders`, for slow tests."""
    root = _as_built.with_name("mesh")
    shutil.copytree(_as_built, root, symlinks=True)
    yield SmallMesh(root)
    shutil.rmtree(root)


@pytest.fixture
def mesh_root(mesh: SmallMesh) -> Path:
    """Folder of the same mesh."""
    return mesh.root


@pytest.fixture
def twins(tmp_path: Path) -> SmallMesh:
    """`twins/pair`: one product with the ports `left` and `right`."""
    return write_mesh(tmp_path / "mesh", "twins")


@pytest.fixture(scope="session")
def _as_released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same mesh when each product has a release."""
    from tests.planned import release_all

    mesh = write_mesh(tmp_path_factory.mktemp("released") / "mesh")
    release_all(mesh)
    return mesh.root


@pytest.fixture
def shop(mesh: SmallMesh, _as_released: Path) -> SmallMesh:
    """The same mesh, with a release of each product."""
    shutil.copytree(_as_released, mesh.root, ignore=_links, dirs_exist_ok=True)
    return mesh


def _links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_symlink()]
