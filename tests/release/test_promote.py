"""Releases on their way from one environment to another: shared, whole, and only if they fit."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.registry.records import CheckRecord, State
from mesh_platform.release.environments import defer, drop
from mesh_platform.release.promote import Promoted, promote
from mesh_platform.release.publish import finish, recover, roll_back
from mesh_platform.release.stale import needs
from mesh_platform.release.verification import contract_of
from mesh_platform.release.workspace import Workspace
from tests.registry.test_behaviour import _result
from tests.release.staging import (
    begin,
    delta_files,
    release,
    staged_files,
)
from tests.small_mesh import ORDERS, REVENUE, SmallMesh, write_mesh

ORDERS_NAME, REVENUE_NAME, PAIR = "shop/orders", "report/revenue", "twins/pair"


def _at(mesh: SmallMesh, environment: str) -> Workspace:
    return Workspace.open(mesh.root, environment)


@pytest.fixture
def mesh(tmp_path: Path) -> SmallMesh:
    """Everything is released in prod; alice defers to it."""
    mesh = write_mesh(tmp_path / "mesh", "shop", "report", "twins")
    for name in (ORDERS_NAME, REVENUE_NAME, PAIR):
        release(_at(mesh, "prod"), name)
    defer(_at(mesh, "alice"), "prod")
    return mesh


def _change(mesh: SmallMesh, *folders: str) -> None:
    for folder in folders:
        name = f"{folder}/{folder.rsplit('/', maxsplit=1)[-1]}.sql"
        mesh.write(name, mesh.read(name) + "-- changed\n")


def _changed_by_alice(mesh: SmallMesh) -> Workspace:
    """Alice has her own orders, and revenue from them."""
    _change(mesh, ORDERS)
    alice = _at(mesh, "alice")
    release(alice, ORDERS_NAME)
    release(alice, REVENUE_NAME)
    return alice


def _promote(mesh: SmallMesh, *names: str, source: str = "alice") -> list[Promoted]:
    giver, taker = _at(mesh, source), _at(mesh, "prod")
    return promote(giver, taker, [giver.mesh.product(name) for name in names])


def _refused(mesh: SmallMesh, *names: str) -> str:
    before = _registry_and_lake(mesh)
    with pytest.raises(MeshError) as caught:
        _promote(mesh, *names)
    assert _registry_and_lake(mesh) == before
    return str(caught.value)


def _registry_and_lake(mesh: SmallMesh) -> tuple[object, ...]:
    prod = _at(mesh, "prod")
    tables = sorted(path.parent for path in prod.lake.rglob("_delta_log"))
    shown = [delta_files(prod, path.relative_to(prod.lake).as_posix()) for path in tables]
    return prod.registry.all_current(), prod.registry.interrupted(), staged_files(prod), shown


def _needs(mesh: SmallMesh) -> dict[str, str]:
    prod = _at(mesh, "prod")
    found = needs(prod, prod.mesh.in_order(prod.mesh.products))
    return {str(need.product.name): need.reason for need in found}


def test_a_release_is_promoted_without_a_copy_and_is_then_up_to_date(mesh: SmallMesh) -> None:
    _change(mesh, REVENUE)
    alice, prod = _at(mesh, "alice"), _at(mesh, "prod")
    made = release(alice, REVENUE_NAME)
    (done,) = _promote(mesh, REVENUE_NAME)
    current = prod.registry.current(REVENUE_NAME)
    assert current is not None
    assert (done.release, done.new, done.copied, done.warning) == (current, True, 0, None)
    assert (current.number, current.identity, current.fingerprint) == (
        2,
        made.identity,
        made.fingerprint,
    )
    assert current.origin is not None
    assert (current.origin.environment, current.origin.number) == ("alice", 1)
    here, there = alice.files(made, "revenue"), prod.files(current, "revenue")
    assert here != there
    assert os.stat(here[0]).st_ino == os.stat(there[0]).st_ino
    assert delta_files(prod, current.ports[0].table_path) == [current.ports[0].file]
    assert _needs(mesh)[REVENUE_NAME] == "up to date with release 2"


def test_pins_become_those_of_the_environment_it_goes_to(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    _promote(mesh, REVENUE_NAME, ORDERS_NAME)
    prod = _at(mesh, "prod")
    orders, revenue = prod.registry.current(ORDERS_NAME), prod.registry.current(REVENUE_NAME)
    assert orders is not None
    assert revenue is not None
    assert [(pin.port, pin.release_id, pin.environment) for pin in revenue.inputs] == [
        (ORDERS_NAME, orders.id, None)
    ]
    assert set(_needs(mesh).values()) == {
        "up to date with release 2",
        "up to date with release 1",  # the twins
    }


def test_checks_and_the_text_of_the_promise_go_along(mesh: SmallMesh) -> None:
    contract = f"{REVENUE}/revenue.odcs.yaml"
    mesh.edit(contract, "Revenue by status.", "Revenue, by status.")
    alice = _at(mesh, "alice")
    attempt = begin(alice, REVENUE_NAME)
    checks = [CheckRecord("revenue", _result("a"))]
    alice.registry.record(attempt.id, State.VERIFIED, attempt.ports, checks)
    finish(alice, attempt)
    (done,) = _promote(mesh, REVENUE_NAME)
    assert _at(mesh, "prod").checks(done.release) == tuple(checks)

    mesh.edit(contract, "Revenue, by status.", "Revenue!")
    prod = _at(mesh, "prod")
    then = contract_of(prod, prod.mesh.port(REVENUE_NAME), done.release)
    assert "Revenue, by status." in then.text


def test_what_was_not_read_by_everybody_is_refused(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    assert _refused(mesh, REVENUE_NAME) == (
        "report/revenue cannot be promoted: it read release 1 of `shop/orders` in `alice`, "
        "and `prod` has release 1\n"
        "  try: mesh env promote report/revenue shop/orders --from alice --to prod"
    )


def test_what_read_an_older_release_of_the_target_is_built_again_first(mesh: SmallMesh) -> None:
    _change(mesh, REVENUE)
    release(_at(mesh, "alice"), REVENUE_NAME)
    release(_at(mesh, "prod"), ORDERS_NAME)
    assert _refused(mesh, REVENUE_NAME) == (
        "report/revenue cannot be promoted: it read release 1 of `shop/orders` in `prod`, "
        "and `prod` has release 2\n"
        "  try: mesh build report/revenue --env alice, then promote again"
    )


def test_a_provider_that_was_promoted_before_counts(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    _promote(mesh, ORDERS_NAME)
    assert _needs(mesh)[REVENUE_NAME] == "code, contract or inputs have changed"
    (done,) = _promote(mesh, REVENUE_NAME)
    assert done.release.number == 2
    assert _needs(mesh)[REVENUE_NAME] == "up to date with release 2"


def test_what_was_not_built_there_is_refused(mesh: SmallMesh) -> None:
    assert _refused(mesh, ORDERS_NAME) == (
        "shop/orders was not built in `alice`; it reads release 1 of `prod`\n"
        "  try: leave it out, or build it there: mesh build shop/orders --env alice --full"
    )


def test_one_product_that_is_refused_keeps_the_others_back(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    assert _refused(mesh, ORDERS_NAME, PAIR).startswith("twins/pair was not built in `alice`")


def test_an_environment_is_not_promoted_to_itself(mesh: SmallMesh) -> None:
    with pytest.raises(MeshError, match="`prod` cannot be promoted to itself"):
        _promote(mesh, ORDERS_NAME, source="prod")


def test_what_is_there_already_stays_as_it_is(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    _promote(mesh, ORDERS_NAME)
    again, new = _promote(mesh, REVENUE_NAME, ORDERS_NAME)
    assert (again.new, again.release.number, new.new) == (False, 2, True)
    assert len(_at(mesh, "prod").registry.releases(ORDERS_NAME)) == 2


def test_what_was_rolled_back_there_is_not_promoted_behind_its_back(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    _promote(mesh, ORDERS_NAME)
    prod = _at(mesh, "prod")
    roll_back(prod, prod.mesh.product(ORDERS_NAME), 1)
    assert _refused(mesh, ORDERS_NAME) == (
        "`prod` had this release of shop/orders before: it is release 2 there, and not current\n"
        "  try: mesh rollback shop/orders --to 2 --env prod"
    )


def test_files_that_have_changed_since_are_a_warning(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    _change(mesh, ORDERS)
    (done,) = _promote(mesh, ORDERS_NAME)
    assert done.new
    assert done.warning == (
        "the files of shop/orders have changed since release 1 of `alice`: "
        "the next build in `prod` builds it again"
    )


def test_both_ports_of_a_product_are_promoted(mesh: SmallMesh) -> None:
    mesh.land_generation(2)
    release(_at(mesh, "alice"), PAIR)
    (done,) = _promote(mesh, PAIR)
    prod = _at(mesh, "prod")
    assert [port.port for port in done.release.ports] == ["left", "right"]
    for port in done.release.ports:
        assert delta_files(prod, port.table_path) == [port.file]


def test_a_promoted_release_outlives_the_environment_it_came_from(mesh: SmallMesh) -> None:
    alice = _changed_by_alice(mesh)
    _promote(mesh, ORDERS_NAME)
    drop(alice, ["alice"])
    prod = _at(mesh, "prod")
    current = prod.registry.current(ORDERS_NAME)
    assert current is not None
    assert os.stat(prod.files(current, "orders")[0]).st_nlink == 1


def test_what_cannot_be_shared_is_copied_and_said(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    alice = _changed_by_alice(mesh)
    monkeypatch.setattr(os, "link", refuse)
    (done,) = _promote(mesh, ORDERS_NAME)
    (here,) = alice.files(done.source, "orders")
    (there,) = _at(mesh, "prod").files(done.release, "orders")
    assert Path(here).read_bytes() == Path(there).read_bytes()
    assert done.copied == Path(here).stat().st_size


def test_a_promotion_that_breaks_off_leaves_nothing(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh.land_generation(2)
    release(_at(mesh, "alice"), PAIR)
    before = _registry_and_lake(mesh)
    link = os.link

    def fill_the_disk(source: Path, target: Path) -> None:
        if "right" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", fill_the_disk)
    with pytest.raises(MeshError) as caught:
        _promote(mesh, PAIR)
    monkeypatch.setattr(os, "link", link)
    assert caught.value.message.endswith(".parquet cannot be written: No space left on device")
    assert _registry_and_lake(mesh) == before
    last = _at(mesh, "prod").registry.last_attempts()[PAIR]
    assert (last.state, (last.reason or "").split(":")[0]) == (
        State.FAILED,
        "the promotion ended early",
    )
    (done,) = _promote(mesh, PAIR)
    assert done.release.number == 2


HOLD = """
import sys
from pathlib import Path
from mesh_platform.release.workspace import Workspace
with Workspace.open(Path(sys.argv[1]), "prod").only_builder("shop"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_promotion_says_that_it_waits_for_a_build(mesh: SmallMesh) -> None:
    alice, prod = _changed_by_alice(mesh), _at(mesh, "prod")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(mesh.root)], **pipes) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "held\n"
        said: list[str] = []

        def let_it_end(words: str) -> None:
            said.append(words)
            builder.communicate("\n")

        (done,) = promote(alice, prod, [alice.mesh.product(ORDERS_NAME)], let_it_end)
    assert (done.new, said) == (True, ["waiting for a build of `shop` in `prod`"])


PROMOTE = """
import sys
from pathlib import Path
from mesh_platform.release.promote import promote
from mesh_platform.release.workspace import Workspace
root, *names = sys.argv[1:]
alice, prod = (Workspace.open(Path(root), name) for name in ("alice", "prod"))
print("ready", flush=True)
sys.stdin.readline()
print([item.new for item in promote(alice, prod, [alice.mesh.product(n) for n in names])])
"""


@pytest.mark.slow
def test_of_two_promotions_at_once_one_finds_the_work_done(mesh: SmallMesh) -> None:
    _changed_by_alice(mesh)
    words = (str(mesh.root), ORDERS_NAME, REVENUE_NAME)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    both = [
        subprocess.Popen([sys.executable, "-c", PROMOTE, *words], text=True, **pipes)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert said == ["[False, False]\n", "[True, True]\n"]
    prod = _at(mesh, "prod")
    assert len(prod.registry.releases(ORDERS_NAME)) == 2


@pytest.mark.slow
def test_a_killed_promotion_leaves_all_or_nothing_wherever_it_is_killed(mesh: SmallMesh) -> None:
    """Two products with three ports; killed at every fourth call that writes something."""
    _changed_by_alice(mesh)
    mesh.land_generation(2)
    release(_at(mesh, "alice"), PAIR)
    shutil.copytree(mesh.root, mesh.root.with_name("fresh"))
    moments = int(_kill(mesh.root, 0))  # none: count the calls
    assert moments > 25
    ends = set()
    for moment in range(2, moments + 1, 4):
        shutil.rmtree(mesh.root)
        shutil.copytree(mesh.root.with_name("fresh"), mesh.root)
        _kill(mesh.root, moment)
        ends.add(_numbers(_at(mesh, "prod")))  # what consumers read before anybody repairs
        _repair(_at(mesh, "prod"))
        assert _numbers(_at(mesh, "prod")) in {(1, 1), (2, 2)}, moment
        assert len(_promote(mesh, ORDERS_NAME, PAIR)) == 2
        _assert_clean(_at(mesh, "prod"))
    assert ends == {(1, 1), (2, 2)}


def _kill(root: Path, moment: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.release.killed_promotion", str(root), str(moment)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (-9 if moment else 0), done.stderr
    return done.stdout


def _numbers(prod: Workspace) -> tuple[int | None, ...]:
    """Numbers of what is current, each with its data."""
    found = [prod.release(prod.mesh.product(name).name) for name in (ORDERS_NAME, PAIR)]
    for item in found:
        for port in item.ports:
            assert Path(prod.files(item, port.port)[0]).stat().st_size > 0
    return tuple(item.number for item in found)


def _repair(prod: Workspace) -> None:
    for name in (ORDERS_NAME, PAIR):
        recover(prod, prod.mesh.product(name))


def _assert_clean(prod: Workspace) -> None:
    assert prod.registry.interrupted() == set()
    assert staged_files(prod) == {
        port.file
        for name in (ORDERS_NAME, REVENUE_NAME, PAIR)
        for item in prod.registry.releases(name)
        for port in item.ports
    }
    for item in prod.registry.all_current().values():
        for port in item.ports:
            assert delta_files(prod, port.table_path) == [port.file]
