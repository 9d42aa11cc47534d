from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.inputs import resolve
from tests.release.staging import release
from tests.small_mesh import REVENUE, SmallMesh, write_mesh


def test_reading_a_mesh_writes_nothing(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    assert workspace.home == mesh.root / ".mesh" / "dev"
    assert not workspace.home.exists()


def test_a_relative_root_is_made_absolute(mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt works in the domain's folder: a relative path would mean another place to it."""
    monkeypatch.chdir(mesh.root)
    assert Workspace.open(Path()).mesh.root == mesh.root.resolve()


def test_environments_know_nothing_of_each_other(mesh: SmallMesh) -> None:
    release(Workspace.open(mesh.root, "dev"), "shop/orders")
    assert Workspace.open(mesh.root, "prod").registry.all_current() == {}


@pytest.mark.parametrize("name", ["", "Dev", "../dev", "a/b"])
def test_an_environment_is_a_name_not_a_path(mesh: SmallMesh, name: str) -> None:
    with pytest.raises(MeshError) as caught:
        Workspace.open(mesh.root, name)
    assert str(caught.value) == (
        f"`{name}` cannot name an environment\n  try: use lower-case letters, digits and `_`"
    )


@pytest.mark.parametrize(
    ("folder", "part"), [("what?", "?"), ("a#b", "#"), ("50%25", "%25"), ("x%Af/mesh", "%Af")]
)
def test_a_path_that_databases_read_as_an_address_is_refused(
    tmp_path: Path, folder: str, part: str
) -> None:
    """SQLite would open `what` for `what?/…/registry.db`, beside the mesh."""
    mesh = write_mesh(tmp_path / "in" / folder)
    with pytest.raises(MeshError) as caught:
        Workspace.open(mesh.root)
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        f"the mesh cannot work in {mesh.root}: databases read `{part}` in a path as part of an"
        " address, and would write beside it\n"
        "  try: rename the folder, or move the mesh to another one"
    )
    assert len(list((tmp_path / "in").iterdir())) == 1


@pytest.mark.parametrize("folder", ["100%", "a&b=c;d", "[v2]*", 'Bob\'s "own"'])
def test_any_other_path_is_fine(tmp_path: Path, folder: str) -> None:
    workspace = Workspace.open(write_mesh(tmp_path / folder).root)
    release(workspace, "shop/orders")
    assert list(workspace.registry.all_current()) == ["shop/orders"]


def test_the_files_of_a_port_are_those_of_its_release(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    first, second = release(workspace, "shop/orders"), release(workspace, "shop/orders")
    folder = workspace.lake / "shop/orders/orders_v1"
    for item in (first, second):
        assert workspace.files(item, "orders") == (str(folder / f"part-{item.id}.parquet"),)
    with pytest.raises(MeshError) as caught:
        workspace.files(first, "items")
    assert str(caught.value) == (
        "release 1 of shop/orders has no port `items`\n  try: mesh releases shop/orders"
    )


def test_inputs_are_pinned_to_the_current_release(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    revenue = workspace.mesh.product("report/revenue")
    with pytest.raises(MeshError) as caught:
        resolve(revenue, {}, option=" --env trial")
    file = f"{REVENUE}/product.odps.yaml"
    assert str(caught.value) == (
        "report/revenue reads `shop/orders`, which has no release yet\n"
        f"  at: {file}:{mesh.line(file, '- name: orders')}:5\n"
        "  try: mesh build +report/revenue --env trial"
    )
    first = release(workspace, "shop/orders")
    inputs = resolve(revenue, workspace.registry.all_current())
    assert inputs.identities == {"shop/orders": first.id}


def test_a_provider_that_cannot_be_built_is_checked_first(mesh: SmallMesh) -> None:
    mesh.edit(
        "domains/shop/products/orders/orders.odcs.yaml",
        "logicalType: integer",
        "logicalType: integr",
    )
    workspace = Workspace.open(mesh.root)
    with pytest.raises(MeshError, match=r"has no release yet\n.*\n  try: mesh check shop$"):
        resolve(workspace.mesh.product("report/revenue"), {}, workspace.mesh)


def test_a_domain_is_held_by_one_builder(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    with (
        workspace.only_builder("shop"),
        workspace.only_builder("report"),
        pytest.raises(MeshError, match="`shop` is being built right now"),
        workspace.only_builder("shop"),
    ):
        pass
    with workspace.only_builder("shop"):
        pass
