"""A product that is gone from the files can be taken away; one that is there or read cannot."""

from __future__ import annotations

import shutil

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, PromiseBrokenError
from mesh_platform.release.retire import gone, retire
from tests.release.staging import release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

NAME = "report/revenue"


@pytest.fixture
def left(mesh: SmallMesh) -> Workspace:
    """Orders and revenue were released, then revenue's folder went."""
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    release(workspace, NAME)
    shutil.move(mesh.root / REVENUE, mesh.root / "aside")
    return Workspace.open(mesh.root)


def test_what_is_gone_is_told_and_can_be_retired_once(left: Workspace) -> None:
    assert gone(left) == [NAME]
    assert retire(left, NAME).number == 1
    assert gone(left) == []
    assert left.registry.current(NAME) is None
    assert [item.number for item in left.registry.releases(NAME)] == [1]
    with pytest.raises(MeshError) as caught:
        retire(left, NAME)
    assert caught.value.message == f"no product to retire is called `{NAME}`"


def test_a_product_that_is_still_there_is_not_retired(left: Workspace) -> None:
    with pytest.raises(MeshError) as caught:
        retire(left, "shop/orders")
    assert caught.value.message == f"shop/orders is still there: {ORDERS}"


def test_a_product_that_is_read_is_not_retired(mesh: SmallMesh) -> None:
    release(Workspace.open(mesh.root), "shop/orders")
    shutil.rmtree(mesh.root / ORDERS)
    workspace = Workspace.open(mesh.root)
    with pytest.raises(PromiseBrokenError) as caught:
        retire(workspace, "shop/orders")
    assert caught.value.message == f"shop/orders is still read by {NAME}"
    assert workspace.registry.current("shop/orders") is not None


@pytest.mark.parametrize("file", ["revenue.odcs.yaml", "product.odps.yaml"])
def test_a_reader_with_errors_in_its_files_counts(mesh: SmallMesh, file: str) -> None:
    """Its descriptor says what it reads, or its release does."""
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    release(workspace, NAME)
    shutil.rmtree(mesh.root / ORDERS)
    mesh.write(f"{REVENUE}/{file}", "version 1.0.0\n")
    with pytest.raises(PromiseBrokenError) as caught:
        retire(Workspace.open(mesh.root), "shop/orders")
    assert caught.value.message == f"shop/orders is still read by {NAME}"


def test_a_name_is_suggested(left: Workspace) -> None:
    with pytest.raises(MeshError) as caught:
        retire(left, "report/revenu")
    assert caught.value.fix == f"did you mean `{NAME}`?"


def test_a_retired_product_that_comes_back_goes_on_with_its_numbers(
    mesh: SmallMesh, left: Workspace
) -> None:
    retire(left, NAME)
    shutil.move(mesh.root / "aside", mesh.root / REVENUE)
    assert release(Workspace.open(mesh.root), NAME).number == 2
