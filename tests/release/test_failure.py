"""Consumers always read the last good release, whole: killed, concurrent and watched builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.environments.workspace import Workspace
from tests.release import driver
from tests.release.staging import released_files, staged_files
from tests.small_mesh import SmallMesh
from tests.warm import Program

pytestmark = pytest.mark.slow
PAIR = "twins/pair"


def _start(role: str, root: Path, *words: object) -> Program:
    return Program.start(driver.main, role, root, *map(str, words))


def _said(program: Program) -> list[Any]:
    """The JSON lines that a process printed; it must have ended well."""
    done = program.ended()
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_build_killed_at_any_moment_costs_consumers_nothing(twins: SmallMesh) -> None:
    """Thirty random moments over the whole build, and twelve just after its short steps."""
    answers = _said(_start("kill", twins.root, 30, 12, 20261121))
    assert len(answers) == 42
    assert [a for a in answers if not a["whole"] or not a["known"]] == []
    assert [a for a in answers if a.get("dirt") or a.get("repaired") is False] == []
    assert sum(answer["died"] for answer in answers) >= 30
    left = {state for answer in answers for state in answer["left"]}
    assert left == {"building", "verified"}, "some kills must hit each state"


def test_two_builds_of_a_domain_at_once_make_one_release(twins: SmallMesh) -> None:
    builds = [_start("build", twins.root, PAIR) for _ in range(2)]
    answers = [_said(build)[0] for build in builds]
    assert sorted(answer["verdict"] for answer in answers) == ["released", "up_to_date"]
    assert [answer["number"] for answer in answers] == [1, 1]
    workspace = Workspace.open(twins.root)
    assert [item.number for item in workspace.registry.releases(PAIR)] == [1]
    assert staged_files(workspace) == released_files(workspace, PAIR)


def test_readers_never_see_half_a_product_during_ten_releases(
    twins: SmallMesh, tmp_path: Path
) -> None:
    assert _said(_start("build", twins.root, PAIR))[0]["verdict"] == "released"
    stop = tmp_path / "stop"
    readers = [_start("read", twins.root, stop) for _ in range(2)]
    try:
        assert _said(_start("releases", twins.root, 10)) == [["released"] * 10]
    finally:
        stop.touch()
    for reader in readers:
        (answer,) = _said(reader)
        assert answer["problem"] is None
        assert answer["reads"] > 20
        assert answer["order"] == sorted(answer["order"])
        assert len(answer["order"]) > 3
