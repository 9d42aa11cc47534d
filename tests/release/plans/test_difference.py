"""What changes in a contract, as Bitol's draft writes it: from a release, and from git."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.plans.difference import metadata_difference
from tests.planned import CONTRACT, commit
from tests.release.staging import release
from tests.small_mesh import SmallMesh


def _told(mesh: SmallMesh, against: str | None = None) -> tuple[list[tuple[str, ...]], object]:
    workspace = Workspace.open(mesh.root)
    document = metadata_difference(workspace, workspace.mesh.port("shop/orders"), against)
    told = [(diff["type"], diff["path"], diff["impactLevel"]) for diff in document["diffs"]]
    return told, document.get("suggestedVersion")


def test_a_change_since_the_release_is_told_with_the_version_it_asks_for(mesh: SmallMesh) -> None:
    release(Workspace.open(mesh.root), "shop/orders")
    mesh.edit(
        CONTRACT, "          - value: open\n", "          - value: open\n          - value: new\n"
    )
    path = "/schema[name=orders]/properties[name=status]/enum[value=new]"
    assert _told(mesh) == ([("ADD", path, "MAJOR")], "2.0.0")


def test_no_change_is_an_empty_list(mesh: SmallMesh) -> None:
    release(Workspace.open(mesh.root), "shop/orders")
    assert _told(mesh) == ([], "1.0.0")


def test_a_change_since_a_commit_is_told(mesh: SmallMesh) -> None:
    commit(mesh.root)
    assert _told(mesh, "main") == ([], "1.0.0")
    mesh.edit(CONTRACT, "Every order of the shop", "All orders of the shop")
    assert _told(mesh, "main") == ([("CHANGE", "/description/purpose", "PATCH")], "1.0.1")


def test_a_port_that_was_never_released_has_nothing_to_compare(mesh: SmallMesh) -> None:
    with pytest.raises(MeshError) as told:
        _told(mesh)
    assert "`shop/orders` is new: there is nothing in the current releases" in str(told.value)
