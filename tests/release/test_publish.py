"""The last step of a release and its repair, on a real registry and lake, without dbt."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.commit_metadata import read
from mesh_platform.release.publish import as_released, commit, finish, recover, roll_back
from mesh_platform.state.records import State
from tests.release.staging import begin, delta_files, release, released_files, staged_files, verify
from tests.small_mesh import SmallMesh

PAIR = "twins/pair"
LEFT, RIGHT = "twins/pair/left_v1", "twins/pair/right_v1"


@pytest.fixture
def workspace(twins: SmallMesh) -> Workspace:
    return Workspace.open(twins.root)


def _recover(workspace: Workspace) -> None:
    recover(workspace, workspace.mesh.product(PAIR))


def test_both_ports_become_current_together(workspace: Workspace) -> None:
    first = release(workspace, PAIR)
    second = verify(workspace, PAIR)
    assert workspace.registry.current(PAIR) == first
    assert finish(workspace, second) == 2
    current = workspace.registry.current(PAIR)
    assert current is not None
    assert [(port.port, port.files[0].name, port.table_version) for port in current.ports] == [
        ("left", f"part-{second.id}.parquet", 1),
        ("right", f"part-{second.id}.parquet", 1),
    ]
    assert (
        delta_files(workspace, LEFT)
        == delta_files(workspace, RIGHT)
        == [current.ports[0].files[0].name]
    )


def test_the_log_carries_what_the_registry_would_need_to_be_rebuilt(workspace: Workspace) -> None:
    from deltalake import DeltaTable

    attempt = release(workspace, PAIR)
    (entry,) = DeltaTable(str(workspace.lake / LEFT)).history()
    recorded = read(entry)
    assert recorded is not None
    promised = {record.contract_id for record in recorded.promises}
    assert promised == {PAIR, f"{PAIR}/left", f"{PAIR}/right"}
    moved = tuple(replace(port, table_version=None) for port in attempt.ports)
    assert recorded.attempt == replace(attempt, ports=moved)
    short = ("mesh.record", "mesh.checks", "mesh.promises")
    said = {key: value for key, value in entry.items() if key.startswith("mesh.")}
    assert {key: value for key, value in said.items() if key not in short} == {
        "mesh.release": attempt.id,
        "mesh.product": PAIR,
        "mesh.port": "left",
        "mesh.version": "1.0.0",
        "mesh.fingerprint": attempt.fingerprint,
        "mesh.contract": attempt.ports[0].contract_digest,
    }


def test_an_interrupted_build_is_dropped_with_its_files(workspace: Workspace) -> None:
    good = release(workspace, PAIR)
    attempt = begin(workspace, PAIR)
    _recover(workspace)
    found = workspace.registry.get(attempt.id)
    assert found is not None
    assert (found.state, found.reason) == (State.INTERRUPTED, "the build was interrupted")
    assert workspace.registry.current(PAIR) == good
    assert staged_files(workspace) == released_files(workspace, PAIR)


def test_an_interrupted_build_that_staged_nothing_is_dropped_too(workspace: Workspace) -> None:
    begin(workspace, PAIR, write=False)
    _recover(workspace)
    assert workspace.registry.unfinished(PAIR) == []


def test_a_verified_attempt_is_finished(workspace: Workspace) -> None:
    release(workspace, PAIR)
    attempt = verify(workspace, PAIR)
    _recover(workspace)
    current = workspace.registry.current(PAIR)
    assert current is not None
    assert (current.id, current.number) == (attempt.id, 2)


def test_a_verified_attempt_with_one_port_committed_is_finished_once(workspace: Workspace) -> None:
    release(workspace, PAIR)
    attempt = verify(workspace, PAIR)
    finish_left_only(workspace, attempt.id)
    _recover(workspace)
    assert [workspace.table(path).releases()[attempt.id] for path in (LEFT, RIGHT)] == [1, 1]
    _recover(workspace)
    current = workspace.registry.current(PAIR)
    assert current is not None
    assert (current.id, current.number) == (attempt.id, 2)


def test_a_verified_attempt_without_its_file_is_dropped(workspace: Workspace) -> None:
    good = release(workspace, PAIR)
    attempt = verify(workspace, PAIR)
    (workspace.lake / RIGHT / attempt.ports[1].files[0].name).unlink()
    _recover(workspace)
    assert workspace.registry.current(PAIR) == good
    assert workspace.registry.unfinished(PAIR) == []
    assert staged_files(workspace) == released_files(workspace, PAIR)


def test_half_a_commit_that_cannot_be_finished_is_taken_back(workspace: Workspace) -> None:
    good = release(workspace, PAIR)
    attempt = verify(workspace, PAIR)
    finish_left_only(workspace, attempt.id)
    (workspace.lake / RIGHT / attempt.ports[1].files[0].name).unlink()
    assert delta_files(workspace, LEFT) == [attempt.ports[0].files[0].name]
    _recover(workspace)
    assert delta_files(workspace, LEFT) == [good.ports[0].files[0].name]
    assert delta_files(workspace, RIGHT) == [good.ports[1].files[0].name]
    assert staged_files(workspace) == released_files(workspace, PAIR)
    assert release(workspace, PAIR).number == 2


def test_half_of_the_first_commit_leaves_no_table_that_names_a_lost_file(
    workspace: Workspace,
) -> None:
    attempt = verify(workspace, PAIR)
    finish_left_only(workspace, attempt.id)
    (workspace.lake / RIGHT / attempt.ports[1].files[0].name).unlink()
    _recover(workspace)
    log = workspace.lake / LEFT / "_delta_log"
    assert not log.exists() or delta_files(workspace, LEFT) == []
    assert release(workspace, PAIR).number == 1


def test_the_files_of_a_failed_attempt_are_cleaned_up_after_a_crash(workspace: Workspace) -> None:
    """Killed between noting the failed checks and deleting the staged files."""
    attempt = begin(workspace, PAIR)
    workspace.registry.record(attempt.id, State.FAILED, attempt.ports, (), reason="a check failed")
    _recover(workspace)
    assert staged_files(workspace) == set()


def test_a_file_that_a_crash_left_beside_its_target_is_cleaned_up(workspace: Workspace) -> None:
    attempt = begin(workspace, PAIR)
    path = workspace.lake / LEFT / attempt.ports[0].files[0].name
    path.rename(path.with_name(f"tmp_{path.name}"))
    _recover(workspace)
    assert staged_files(workspace) == set()


def test_a_rollback_makes_all_ports_current_again(workspace: Workspace) -> None:
    first, second = release(workspace, PAIR), release(workspace, PAIR)
    product = workspace.mesh.product(PAIR)
    assert roll_back(workspace, product, 1) == first
    assert workspace.registry.current(PAIR) == first
    assert delta_files(workspace, LEFT) == [first.ports[0].files[0].name]
    assert delta_files(workspace, RIGHT) == [first.ports[1].files[0].name]
    assert roll_back(workspace, product, 2) == second
    assert delta_files(workspace, LEFT) == [second.ports[0].files[0].name]


def test_a_crash_between_the_two_halves_of_a_rollback_is_repaired(workspace: Workspace) -> None:
    first, _ = release(workspace, PAIR), release(workspace, PAIR)
    workspace.registry.point_to(first)
    _recover(workspace)
    assert delta_files(workspace, LEFT) == [first.ports[0].files[0].name]


def test_a_rollback_to_nothing_names_the_releases(workspace: Workspace) -> None:
    product = workspace.mesh.product(PAIR)
    with pytest.raises(MeshError) as caught:
        roll_back(workspace, product, 1)
    assert str(caught.value) == ("twins/pair has no release 1\n  try: it was never released")
    release(workspace, PAIR)
    release(workspace, PAIR)
    with pytest.raises(MeshError) as caught:
        roll_back(workspace, product, 7)
    assert str(caught.value) == ("twins/pair has no release 7\n  try: its releases are: 2, 1")


def test_a_rollback_to_lost_data_is_refused_and_changes_nothing(workspace: Workspace) -> None:
    first, second = release(workspace, PAIR), release(workspace, PAIR)
    (workspace.lake / RIGHT / first.ports[1].files[0].name).unlink()
    with pytest.raises(MeshError, match="the data of release 1 of twins/pair is gone"):
        roll_back(workspace, workspace.mesh.product(PAIR), 1)
    assert workspace.registry.current(PAIR) == second


HOLD = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_rollback_does_not_wait_for_a_build(workspace: Workspace) -> None:
    release(workspace, PAIR)
    lock = workspace.work("twins") / "build.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(MeshError) as caught:
            roll_back(workspace, workspace.mesh.product(PAIR), 1)
        holder.communicate(b"\n")
    assert str(caught.value) == (
        "`twins` is being built right now\n  try: wait until it ends, then try again"
    )


def finish_left_only(workspace: Workspace, attempt_id: str) -> None:
    """Commit the port `left` and stop, as a crash between two commits would."""
    attempt = workspace.registry.get(attempt_id)
    assert attempt is not None
    record = as_released(workspace, attempt, (), datetime.now(UTC))
    commit(workspace, record, attempt.ports[0])
