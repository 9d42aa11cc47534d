"""Builds with several processes: what is released, and what is left when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.workers import crew
from mesh_platform.release.outcome import Listener, ProductOutcome, Step, Verdict
from mesh_platform.release.schedule import run_in_order
from tests import warm
from tests.processes import children
from tests.small_mesh import SmallMesh

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm_helpers")]
JOBS = pytest.mark.parametrize("jobs", [1, 2])


@pytest.fixture
def warm_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    warm.helpers(monkeypatch)


def _build(root: Path, jobs: int, kill_at: Step | None = None) -> dict[str, ProductOutcome]:
    """Build everything; kill the child process when shop/orders enters a step."""
    workspace = Workspace.open(root)
    products = list(workspace.mesh.products.values())
    steps: list[tuple[str, Step]] = []

    def heard(name: str, step: Step) -> None:
        steps.append((name, step))
        if (name, step) == ("shop/orders", kill_at):
            for child in multiprocessing.active_children():
                child.kill()

    with crew(workspace, products, Listener(heard), full=True, jobs=jobs) as builders:
        made = run_in_order(workspace.mesh, products, builders)
    assert ("shop/orders", Step.MODELS) in steps
    return {str(outcome.product.name): outcome for outcome in made}


@JOBS
def test_processes_release_what_they_build(mesh: SmallMesh, jobs: int) -> None:
    made = _build(mesh.root, jobs)
    assert {name: outcome.verdict for name, outcome in made.items()} == {
        "shop/orders": Verdict.RELEASED,
        "report/revenue": Verdict.RELEASED,
    }
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("jobs", "reason"),
    [
        (1, "shop/orders: the process that runs dbt has ended before it could answer"),
        (2, "shop/orders: the process that built it was ended by signal 9"),
    ],
)
def test_a_process_that_dies_costs_its_batch_and_nobody_else(
    mesh: SmallMesh, jobs: int, reason: str
) -> None:
    _build(mesh.root, jobs)
    made = _build(mesh.root, jobs, kill_at=Step.MODELS)
    orders, revenue = made["shop/orders"], made["report/revenue"]
    assert orders.verdict is Verdict.FAILED
    assert (orders.reason or "").startswith(reason)
    assert orders.release is not None
    assert orders.release.number == 1
    assert revenue.verdict is Verdict.RELEASED


@JOBS
def test_what_nobody_foresaw_fails_its_product_and_nobody_else(mesh: SmallMesh, jobs: int) -> None:
    """A step that cannot even say what became of it must not look like success."""
    _build(mesh.root, jobs)
    mounts = mesh.path(".mesh/dev/domains/shop/mounts.json")
    mounts.unlink()
    mounts.mkdir()  # what the platform writes there cannot be written
    (mounts / "in_the_way").touch()
    made = _build(mesh.root, jobs)
    orders = made["shop/orders"]
    assert orders.verdict is Verdict.FAILED
    assert "IsADirectoryError" in (orders.reason or "")
    assert orders.release is not None
    assert made["report/revenue"].verdict is Verdict.RELEASED


@JOBS
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_build(mesh: SmallMesh, jobs: int, ending: signal.Signals) -> None:
    command = [Path(sys.executable).with_name("mesh"), "build", "--jobs", str(jobs)]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background
    build = subprocess.Popen(
        command, cwd=mesh.root, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert build.stderr is not None
    while "building models" not in build.stderr.readline():
        assert build.poll() is None
    started = children(build.pid)
    assert started
    if ending is signal.SIGINT:
        os.killpg(build.pid, ending)  # as a terminal does
    else:
        os.kill(build.pid, ending)
    said = build.stderr.read()
    build.wait(30)
    assert _gone(started, 20)
    assert "Traceback" not in said
    if ending is signal.SIGINT:
        assert build.returncode == 130
        assert "stopped; what was released stays" in said
    if (jobs, ending) == (2, signal.SIGKILL):
        after = warm.mesh(["build", "--jobs", "2"], mesh.root, os.environ)
        assert after.code == 0, after.err


def _gone(processes: list[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return True
        time.sleep(0.1)
    return False
