"""An environment that defers to another: what is built there, what is read elsewhere, and why."""

from __future__ import annotations

import pytest

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.build import release_product
from mesh_platform.release.inputs import pin_files, pins_of, resolve
from mesh_platform.release.outcome import Verdict
from mesh_platform.release.publish import roll_back
from mesh_platform.release.stale import needs
from tests.release.staging import begin, release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

ORDERS_NAME, REVENUE_NAME = "shop/orders", "report/revenue"
CHANGED = "code, contract or inputs have changed"


def _at(mesh: SmallMesh, environment: str) -> Workspace:
    """A fresh look, as another process has it."""
    return Workspace.open(mesh.root, environment)


@pytest.fixture
def prod(mesh: SmallMesh) -> Workspace:
    """Everything is released in prod, and alice defers to it."""
    prod = _at(mesh, "prod")
    release(prod, ORDERS_NAME)
    release(prod, REVENUE_NAME)
    defer(_at(mesh, "alice"), "prod")
    return prod


def _needs(mesh: SmallMesh, environment: str = "alice") -> dict[str, tuple[bool, str]]:
    workspace = _at(mesh, environment)
    products = workspace.mesh.in_order(workspace.mesh.products)
    return {str(n.product.name): (n.stale, n.reason) for n in needs(workspace, products)}


def _change_revenue(mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")


def test_what_is_the_same_is_not_built_and_says_where_it_is(
    mesh: SmallMesh, prod: Workspace
) -> None:
    assert _needs(mesh) == {
        ORDERS_NAME: (False, "as in prod, release 1"),
        REVENUE_NAME: (False, "as in prod, release 1"),
    }


def test_a_change_and_what_reads_it_are_built(mesh: SmallMesh, prod: Workspace) -> None:
    mesh.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    assert _needs(mesh) == {
        ORDERS_NAME: (True, CHANGED),
        REVENUE_NAME: (True, "shop/orders will have a new release"),
    }


def test_a_changed_consumer_reads_the_files_of_the_other_environment(
    mesh: SmallMesh, prod: Workspace
) -> None:
    _change_revenue(mesh)
    assert _needs(mesh) == {
        ORDERS_NAME: (False, "as in prod, release 1"),
        REVENUE_NAME: (True, CHANGED),
    }
    alice = _at(mesh, "alice")
    made = release(alice, REVENUE_NAME)
    there = prod.registry.current(ORDERS_NAME)
    assert there is not None
    assert [(pin.port, pin.release_id, pin.environment) for pin in made.inputs] == [
        (ORDERS_NAME, there.id, "prod")
    ]
    pins = pins_of(alice, alice.mesh.product(REVENUE_NAME), made)
    assert pin_files(alice, pins) == prod.files(there, "orders")
    assert not (alice.lake / "shop").exists()
    assert _needs(mesh)[REVENUE_NAME] == (False, "up to date with release 1")


def test_release_1_of_two_environments_is_not_the_same_input(
    mesh: SmallMesh, prod: Workspace
) -> None:
    mesh.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    alice = _at(mesh, "alice")
    own = release(alice, ORDERS_NAME)
    there = prod.registry.current(ORDERS_NAME)
    assert there is not None
    assert own.number == there.number == 1
    assert own.identity != there.identity
    inputs = resolve(alice.mesh.product(REVENUE_NAME), alice.all_current())
    assert inputs.identities == {ORDERS_NAME: own.identity}
    assert _needs(mesh)[REVENUE_NAME] == (True, CHANGED)


def test_a_change_that_is_taken_back_gives_way_to_the_other_environment(
    mesh: SmallMesh, prod: Workspace
) -> None:
    before = mesh.read(f"{REVENUE}/revenue.sql")
    _change_revenue(mesh)
    release(_at(mesh, "alice"), REVENUE_NAME)
    mesh.write(f"{REVENUE}/revenue.sql", before)
    assert _needs(mesh)[REVENUE_NAME] == (True, "as in prod, release 1")
    alice = _at(mesh, "alice")
    outcome = release_product(alice, alice.mesh.product(REVENUE_NAME))
    there = prod.registry.current(REVENUE_NAME)
    assert there is not None
    assert (outcome.verdict, outcome.reason, outcome.release) == (
        Verdict.UP_TO_DATE,
        "as in prod, release 1",
        prod.lend(there),
    )
    assert alice.registry.all_current() == {}
    assert _needs(mesh)[REVENUE_NAME] == (False, "as in prod, release 1")


def test_a_provider_that_gives_way_is_the_input_of_what_comes_after_it(
    mesh: SmallMesh, prod: Workspace
) -> None:
    before = mesh.read(f"{ORDERS}/orders.sql")
    mesh.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    alice = _at(mesh, "alice")
    release(alice, ORDERS_NAME)
    release(alice, REVENUE_NAME)
    mesh.write(f"{ORDERS}/orders.sql", before)
    assert _needs(mesh) == {
        ORDERS_NAME: (True, "as in prod, release 1"),
        REVENUE_NAME: (True, "as in prod, release 1"),
    }


def test_what_is_asked_for_in_full_is_built_here(mesh: SmallMesh, prod: Workspace) -> None:
    alice = _at(mesh, "alice")
    found = needs(alice, alice.mesh.in_order(alice.mesh.products), full=True)
    assert [(need.stale, need.reason) for need in found] == [(True, "asked for with --full")] * 2


def test_a_new_release_there_is_read_here_at_once(mesh: SmallMesh, prod: Workspace) -> None:
    _change_revenue(mesh)
    release(_at(mesh, "alice"), REVENUE_NAME)
    release(prod, ORDERS_NAME)
    assert _needs(mesh) == {
        ORDERS_NAME: (False, "as in prod, release 2"),
        REVENUE_NAME: (True, CHANGED),
    }


def test_what_is_held_there_by_a_rollback_is_not_built_here(
    mesh: SmallMesh, prod: Workspace
) -> None:
    mesh.land_orders("9,ann,1,paid\n")
    release(prod, ORDERS_NAME)
    roll_back(prod, prod.mesh.product(ORDERS_NAME), 1)
    assert _needs(mesh) == {
        ORDERS_NAME: (False, "as in prod, release 1, held there by a rollback"),
        REVENUE_NAME: (False, "as in prod, release 1"),
    }


def test_a_product_that_the_other_environment_lacks_is_built_here(mesh: SmallMesh) -> None:
    prod = _at(mesh, "prod")
    release(prod, ORDERS_NAME)
    defer(_at(mesh, "alice"), "prod")
    assert _needs(mesh) == {
        ORDERS_NAME: (False, "as in prod, release 1"),
        REVENUE_NAME: (True, "never released"),
    }


def test_environments_may_stand_in_a_row(mesh: SmallMesh, prod: Workspace) -> None:
    _change_revenue(mesh)
    release(_at(mesh, "alice"), REVENUE_NAME)
    defer(_at(mesh, "bob"), "alice")
    assert _needs(mesh, "bob") == {
        ORDERS_NAME: (False, "as in prod, release 1"),
        REVENUE_NAME: (False, "as in alice, release 1"),
    }
    bob = _at(mesh, "bob")
    assert {name: item.environment for name, item in bob.all_current().items()} == {
        ORDERS_NAME: "prod",
        REVENUE_NAME: "alice",
    }
    found = bob.current(REVENUE_NAME)
    assert found is not None
    (pin,) = pins_of(bob, bob.mesh.product(REVENUE_NAME), found).pins
    assert pin.release == bob.current(ORDERS_NAME)


def test_numbers_of_releases_are_those_of_the_environment_that_is_read(
    mesh: SmallMesh, prod: Workspace
) -> None:
    release(prod, ORDERS_NAME)
    alice = _at(mesh, "alice")
    product = alice.mesh.product(ORDERS_NAME).name
    assert alice.release(product, 1).environment == "prod"
    assert alice.release(product) == alice.release(product, 2)
    with pytest.raises(MeshError, match="shop/orders has no release 3"):
        alice.release(product, 3)


def test_a_product_of_the_other_environment_is_not_rolled_back_from_here(
    mesh: SmallMesh, prod: Workspace
) -> None:
    release(prod, ORDERS_NAME)
    alice = _at(mesh, "alice")
    with pytest.raises(MeshError) as caught:
        roll_back(alice, alice.mesh.product(ORDERS_NAME), 1)
    assert str(caught.value) == (
        "shop/orders has no release 1\n  try: it is read from `prod`, where you may roll it back"
    )


def test_standing_alone_again_builds_everything(mesh: SmallMesh, prod: Workspace) -> None:
    assert defer(_at(mesh, "alice"), None) == "prod"
    assert _needs(mesh)[ORDERS_NAME] == (True, "never released")


def test_an_environment_that_is_gone_is_said_with_the_way_out(
    mesh: SmallMesh, prod: Workspace
) -> None:
    mesh.path(".mesh/prod").rename(mesh.path(".mesh/gone"))
    with pytest.raises(MeshError) as caught:
        _needs(mesh)
    assert str(caught.value) == (
        "`alice` defers to `prod`, and there is no such environment\n"
        "  try: mesh build --env alice --defer-to OTHER, or --no-defer"
    )


def test_a_pin_on_an_environment_that_is_gone_is_said(mesh: SmallMesh, prod: Workspace) -> None:
    _change_revenue(mesh)
    made = release(_at(mesh, "alice"), REVENUE_NAME)
    mesh.path(".mesh/prod").rename(mesh.path(".mesh/gone"))
    alice = _at(mesh, "alice")
    with pytest.raises(MeshError) as caught:
        pins_of(alice, alice.mesh.product(REVENUE_NAME), made)
    assert str(caught.value) == (
        "release 1 of report/revenue read `shop/orders` in `prod`, where that release is gone\n"
        "  try: mesh build report/revenue --env alice"
    )


def test_a_file_that_is_gone_there_is_named_with_its_environment(
    mesh: SmallMesh, prod: Workspace
) -> None:
    alice = _at(mesh, "alice")
    found = alice.current(ORDERS_NAME)
    assert found is not None
    (file,) = alice.files(found, "orders")
    mesh.path(file).unlink()
    with pytest.raises(MeshError) as caught:
        alice.files(found, "orders")
    assert str(caught.value) == (
        f"the data of release 1 of shop/orders in `prod` is gone: {file}\n"
        "  try: `mesh build shop/orders --full --env prod` makes a new release; "
        "`mesh doctor --deep --env prod` shows everything that is damaged"
    )


def test_an_interrupted_build_is_looked_after_though_nothing_has_changed(
    mesh: SmallMesh, prod: Workspace
) -> None:
    attempt = begin(prod, ORDERS_NAME)
    word = (True, "a build is under way, or was interrupted")
    assert _needs(mesh, "prod")[ORDERS_NAME] == word
    outcome = release_product(prod, prod.mesh.product(ORDERS_NAME))
    assert outcome.verdict is Verdict.UP_TO_DATE
    left = prod.registry.get(attempt.id)
    assert left is not None
    assert left.reason == "the build was interrupted"
    assert _needs(mesh, "prod")[ORDERS_NAME] == (False, "up to date with release 1")
