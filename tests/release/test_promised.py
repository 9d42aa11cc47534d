"""What a release promised, and that a build tells where another promise goes out unsaid."""

from __future__ import annotations

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.promises import promise_of
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.promised import read_before, understated
from tests.planned import CONTRACT, RENAMED, in_step
from tests.release.staging import release
from tests.small_mesh import SmallMesh

NAME = "shop/orders"


def _told(mesh: SmallMesh, environment: str = "dev") -> tuple[str, ...]:
    workspace = Workspace.open(mesh.root, environment)
    product = workspace.mesh.product(NAME)
    return understated(workspace, product, read_before(workspace, product))


def test_a_break_under_the_same_version_is_told(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    assert _told(shop) == (
        "shop/orders breaks what release 1 promised, under the same major version, and is released:"
        " from now on `mesh plan shop/orders --against REF` shows it, REF being a commit from"
        " before; `mesh rollback shop/orders --to 1` takes it back",
    )
    in_step(shop, "2.0.0")
    assert _told(shop) == ()


def test_a_break_in_an_environment_that_defers_is_told_until_the_other_one_has_it(
    mesh: SmallMesh,
) -> None:
    release(Workspace.open(mesh.root, "prod"), NAME)
    alice = Workspace.open(mesh.root, "alice")
    defer(alice, "prod")
    mesh.edit(CONTRACT, *RENAMED)
    release(Workspace.open(mesh.root, "alice"), NAME)
    assert _told(mesh, "alice") == (
        "shop/orders breaks what release 1 of prod promised, under the same major version:"
        " mesh plan shop/orders --env alice",
    )


def test_what_breaks_nobody_is_left_to_the_plan(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    assert _told(shop) == ()


def test_nothing_is_told_where_nothing_changed_or_nothing_was_released(
    shop: SmallMesh, mesh: SmallMesh
) -> None:
    assert _told(shop) == ()
    assert _told(mesh, "other") == ()


def test_versions_that_are_none_are_left_to_the_plan(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    in_step(shop, "next")
    assert _told(shop) == ()


def test_a_release_keeps_what_it_promised(shop: SmallMesh) -> None:
    workspace = Workspace.open(shop.root)
    text = shop.read(CONTRACT)
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    release(Workspace.open(shop.root), NAME)
    first = workspace.registry.release(NAME, 1)
    assert first is not None
    was = promise_of(workspace, first)
    assert was is not None
    assert (was.known_as, [port.text for port in was.ports]) == ("release 1", [text])
