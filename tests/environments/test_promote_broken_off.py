"""Promotions that break off, wait, meet another, or are killed: all of it arrives, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.promote import promote
from mesh_platform.release.publish import recover
from mesh_platform.state.records import State
from tests.environments import killed_promotion
from tests.environments.promoting import (
    ORDERS_NAME,
    PAIR,
    REVENUE_NAME,
    at,
    changed_by_alice,
    promoted,
    registry_and_lake,
)
from tests.release.staging import delta_files, release, staged_files
from tests.small_mesh import SmallMesh
from tests.warm import Program, at_once


def test_a_promotion_that_breaks_off_leaves_nothing(
    shared: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.land_generation(2)
    release(at(shared, "alice"), PAIR)
    before = registry_and_lake(shared)
    link = os.link

    def fill_the_disk(source: Path, target: Path) -> None:
        if "right" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", fill_the_disk)
    with pytest.raises(MeshError) as caught:
        promoted(shared, PAIR)
    monkeypatch.setattr(os, "link", link)
    assert caught.value.message.endswith(".parquet cannot be written: No space left on device")
    assert registry_and_lake(shared) == before
    last = at(shared, "prod").registry.last_attempts()[PAIR]
    assert (last.state, (last.reason or "").split(":")[0]) == (
        State.FAILED,
        "the promotion ended early",
    )
    (done,) = promoted(shared, PAIR)
    assert done.release.number == 2


HOLD = """
import sys
from pathlib import Path
from mesh_platform.environments.workspace import Workspace
with Workspace.open(Path(sys.argv[1]), "prod").only_builder("shop"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_promotion_says_that_it_waits_for_a_build(shared: SmallMesh) -> None:
    alice, prod = changed_by_alice(shared), at(shared, "prod")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(shared.root)], **pipes) as builder:
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
from mesh_platform.environments.workspace import Workspace
root, *names = sys.argv[1:]
alice, prod = (Workspace.open(Path(root), name) for name in ("alice", "prod"))
print("ready", flush=True)
sys.stdin.readline()
print([item.new for item in promote(alice, prod, [alice.mesh.product(n) for n in names])])
"""


@pytest.mark.slow
def test_of_two_promotions_at_once_one_finds_the_work_done(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    words = (str(shared.root), ORDERS_NAME, REVENUE_NAME)
    said = sorted(out for out, _ in at_once([(PROMOTE, words)] * 2))
    assert said == ["[False, False]\n", "[True, True]\n"]
    prod = at(shared, "prod")
    assert len(prod.registry.releases(ORDERS_NAME)) == 2


@pytest.mark.slow
def test_a_killed_promotion_leaves_all_or_nothing_wherever_it_is_killed(shared: SmallMesh) -> None:
    """Two products with three ports; killed at every fourth call that writes something."""
    changed_by_alice(shared)
    shared.land_generation(2)
    release(at(shared, "alice"), PAIR)
    shutil.copytree(shared.root, shared.root.with_name("fresh"))
    moments = int(_kill(shared.root, 0))  # none: count the calls
    assert moments > 25
    ends = set()
    for moment in range(2, moments + 1, 4):
        shutil.rmtree(shared.root)
        shutil.copytree(shared.root.with_name("fresh"), shared.root)
        _kill(shared.root, moment)
        ends.add(_numbers(at(shared, "prod")))  # what consumers read before anybody repairs
        _repair(at(shared, "prod"))
        assert _numbers(at(shared, "prod")) in {(1, 1), (2, 2)}, moment
        assert len(promoted(shared, ORDERS_NAME, PAIR)) == 2
        _assert_clean(at(shared, "prod"))
    assert ends == {(1, 1), (2, 2)}


def _kill(root: Path, moment: int) -> str:
    done = Program.start(killed_promotion.main, root, moment).ended()
    assert done.code == (-9 if moment else 0), done.err
    return done.out


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
        port.files[0].name
        for name in (ORDERS_NAME, REVENUE_NAME, PAIR)
        for item in prod.registry.releases(name)
        for port in item.ports
    }
    for item in prod.registry.all_current().values():
        for port in item.ports:
            assert delta_files(prod, port.table_path) == [port.files[0].name]
