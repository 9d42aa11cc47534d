"""Which environments there are, which reads which, and how one goes away without a trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mesh_platform.environments.lifecycle import (
    Environment,
    defer,
    drop,
    environments,
    keeps_runs_elsewhere,
)
from mesh_platform.environments.locks import gate, in_use, users
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from tests.release.staging import release
from tests.small_mesh import SmallMesh
from tests.warm import at_once

NAME = "shop/orders"


def _at(mesh: SmallMesh, environment: str) -> Workspace:
    return Workspace.open(mesh.root, environment)


def _made(mesh: SmallMesh, *environments: str) -> Workspace:
    for name in environments:
        release(_at(mesh, name), NAME)
    return _at(mesh, environments[0])


def _tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder with its content; folders with none."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in root.rglob("*")
    }


def _refused(mesh: SmallMesh, environment: str, to: str) -> str:
    with pytest.raises(MeshError) as caught:
        defer(_at(mesh, environment), to)
    return str(caught.value)


def test_an_environment_cannot_defer_to_itself(mesh: SmallMesh) -> None:
    _made(mesh, "prod")
    assert _refused(mesh, "prod", "prod") == (
        "`prod` cannot defer to itself\n  try: name another: mesh env list shows them"
    )


def test_a_wrong_name_gets_a_suggestion_and_leaves_nothing(mesh: SmallMesh) -> None:
    _made(mesh, "prod")
    assert _refused(mesh, "alice", "prd") == (
        "no environment is called `prd`\n"
        "  try: `mesh build --env prd` makes it; did you mean `prod`?"
    )
    assert not _at(mesh, "alice").home.exists()


def test_environments_cannot_read_each_other_in_a_circle(mesh: SmallMesh) -> None:
    _made(mesh, "prod", "alice", "bob")
    assert defer(_at(mesh, "alice"), "prod") is None
    assert defer(_at(mesh, "bob"), "alice") is None
    assert _refused(mesh, "prod", "bob") == (
        "`prod` cannot defer to `bob`: prod → bob → alice → prod is a circle\n"
        "  try: mesh build --env alice --no-defer"
    )
    assert _at(mesh, "prod").beyond is None


DEFER = """
import sys
from pathlib import Path
from mesh_platform.errors import MeshError
from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
try:
    defer(workspace, sys.argv[3])
    print("deferred")
except MeshError as error:
    print(error.message)
"""


@pytest.mark.slow
def test_two_that_come_to_defer_to_each_other_at_once_make_no_circle(mesh: SmallMesh) -> None:
    _made(mesh, "alice", "bob")
    for _ in range(4):
        pairs = (("alice", "bob"), ("bob", "alice"))
        ended = at_once((DEFER, (str(mesh.root), *pair)) for pair in pairs)
        said = sorted(out for out, _ in ended)
        assert said[1] == "deferred\n"
        assert said[0].endswith("is a circle\n")
        for name in ("alice", "bob"):
            defer(_at(mesh, name), None)


def _python(code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_environments_are_listed_with_what_they_hold(mesh: SmallMesh) -> None:
    prod = _made(mesh, "prod")
    defer(_at(mesh, "alice"), "prod")
    attempt = prod.registry.current(NAME)
    assert attempt is not None
    alice, listed = environments(_at(mesh, "dev"))
    assert (alice.name, alice.products, alice.releases) == ("alice", (), 0)
    assert (alice.defers_to, alice.last_build, alice.problem) == ("prod", None, None)
    assert listed == Environment(
        name="prod",
        bytes=listed.bytes,
        products=(NAME,),
        releases=1,
        defers_to=None,
        last_build=attempt.started_at,
    )
    assert listed.bytes > (prod.home / "registry.db").stat().st_size


def test_an_environment_that_cannot_be_read_does_not_hide_the_others(mesh: SmallMesh) -> None:
    _made(mesh, "prod")
    broken = mesh.path(".mesh/broken")
    broken.mkdir()
    (broken / "registry.db").write_text("no database at all " * 99)
    listed, prod = environments(_at(mesh, "dev"))
    assert (listed.name, prod.problem) == ("broken", None)
    assert (listed.problem or "").endswith("file is not a database")
    drop(_at(mesh, "dev"), ["broken"])
    assert _at(mesh, "dev").environments() == ["prod"]


def test_a_dropped_environment_leaves_no_trace(mesh: SmallMesh) -> None:
    prod = _made(mesh, "prod")
    with in_use(prod.home):
        pass
    before = _tree(mesh.root)
    alice = _at(mesh, "alice")
    defer(alice, "prod")
    with alice.only_builder("shop"):
        release(alice, NAME)
    assert _tree(mesh.root) != before
    drop(prod, ["alice"])
    assert _tree(mesh.root) == before


def test_an_unknown_environment_is_not_dropped(mesh: SmallMesh) -> None:
    workspace = _made(mesh, "prod", "alice")
    with pytest.raises(MeshError) as caught:
        drop(workspace, ["alice", "alicia"])
    assert str(caught.value) == ("no environment is called `alicia`\n  try: did you mean `alice`?")
    assert workspace.environments() == ["alice", "prod"]


def test_what_others_read_is_dropped_with_them_or_by_force(mesh: SmallMesh) -> None:
    workspace = _made(mesh, "prod", "alice", "bob")
    defer(_at(mesh, "alice"), "prod")
    defer(_at(mesh, "bob"), "prod")
    with pytest.raises(MeshError) as caught:
        drop(_at(mesh, "dev"), ["prod", "alice"])
    assert str(caught.value) == (
        "`prod` cannot be dropped: `bob` reads from it what was not built there\n"
        "  try: mesh env drop prod bob, or --force to leave them without it"
    )
    assert workspace.environments() == ["alice", "bob", "prod"]
    drop(_at(mesh, "dev"), ["prod", "alice", "bob"])
    assert workspace.environments() == []
    _made(mesh, "prod", "alice")
    defer(_at(mesh, "alice"), "prod")
    drop(_at(mesh, "dev"), ["prod"], force=True)
    assert workspace.environments() == ["alice"]


USE = """
import sys
from pathlib import Path
from mesh_platform.environments.locks import in_use
with in_use(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.readline()
"""


def test_an_environment_in_use_is_not_dropped_until_its_process_ends(mesh: SmallMesh) -> None:
    workspace = _made(mesh, "alice")
    with _python(USE, str(workspace.home)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(MeshError) as caught:
            drop(workspace, ["alice"])
        assert str(caught.value) == (
            f"`alice` is in use by process {other.pid}\n"
            "  try: wait until its build ends, or stop `mesh up`; then try again"
        )
        assert workspace.environments() == ["alice"]
        other.kill()  # its mark stays, its lock does not
    drop(workspace, ["alice"])
    assert not workspace.home.exists()


def test_who_works_in_an_environment_where_nothing_is_made_leaves_nothing(
    mesh: SmallMesh,
) -> None:
    alice = _at(mesh, "alice")
    with in_use(alice.home), gate(alice.home.parent):
        assert len(users(alice.home)) == 1
    assert not alice.home.exists()


def test_what_a_killed_drop_left_goes_with_the_next(mesh: SmallMesh) -> None:
    workspace = _made(mesh, "alice", "bob")
    _at(mesh, "bob").home.rename(mesh.path(".mesh/.dropped-bob-1"))
    assert workspace.environments() == ["alice"]
    drop(workspace, ["alice"])
    assert [path.name for path in mesh.path(".mesh").iterdir()] == ["environments.lock"]


def test_runs_lie_elsewhere_only_where_somebody_said_so(mesh: SmallMesh) -> None:
    alice = _at(mesh, "alice")
    assert not keeps_runs_elsewhere(alice)
    alice.dagster_home.mkdir(parents=True)
    config = alice.dagster_home / "dagster.yaml"
    config.write_text("telemetry: {enabled: false}\n")
    assert not keeps_runs_elsewhere(alice)
    config.write_text("storage: {sqlite: {base_dir: elsewhere}}\n")
    assert keeps_runs_elsewhere(alice)
