"""The platform's jobs judge as the commands of the same name do, and fail with their words."""

from __future__ import annotations

import dagster as dg
import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.platform import defs
from mesh_platform.scaffold.sync import bring_in_step
from tests.policies import set_policies
from tests.release.staging import release
from tests.small_mesh import ORDERS, SmallMesh


@pytest.fixture
def placed(mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch) -> SmallMesh:
    files = Workspace.open(mesh.root).mesh
    bring_in_step(files, files.domains)
    monkeypatch.chdir(mesh.root)
    return mesh


def _run(job: str) -> tuple[bool, str]:
    """Whether the job succeeds, and why not."""
    result = defs.resolve_job_def(job).execute_in_process(raise_on_error=False)
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert [failure.error.stack for failure in failures] == [[] for _ in failures]
    said = [failure.user_failure_data for failure in failures]
    return result.success, "".join(data.description or "" for data in said if data)


def test_the_job_that_checks_passes_what_the_command_passes(placed: SmallMesh) -> None:
    assert check_mesh(Workspace.open(placed.root)).outcome == "passed"
    assert _run("check_mesh") == (True, "")


@pytest.mark.parametrize("kind", ["a policy", "a generated file", "a model's column", "a contract"])
def test_the_job_that_checks_fails_what_the_command_fails(placed: SmallMesh, kind: str) -> None:
    if kind == "a policy":
        set_policies(placed, "product.readme: {}")
    elif kind == "a generated file":
        placed.delete("domains/shop/products/sources.yml")
    elif kind == "a model's column":
        placed.edit(f"{ORDERS}/stg_orders.sql", "as amount", "as total")
    else:
        placed.edit(f"{ORDERS}/orders.odcs.yaml", "logicalType: integer", "logicalType: int")
    checked = check_mesh(Workspace.open(placed.root))
    first = next(finding for finding in checked.findings if finding.blocking)
    assert checked.outcome == "failed"
    success, said = _run("check_mesh")
    assert not success
    assert str(first) in said


def test_the_job_that_checks_data_fails_where_it_is_damaged(placed: SmallMesh) -> None:
    workspace = Workspace.open(placed.root)
    made = release(workspace, "shop/orders")
    assert _run("check_stored_data") == (True, "")
    (file,) = workspace.files(made, "orders")
    placed.path(file).write_bytes(b"\0" * placed.path(file).stat().st_size)
    success, said = _run("check_stored_data")
    assert not success
    assert f"the data of release 1 of shop/orders is damaged: {file} holds other bytes" in said
    release(workspace, "shop/orders")
    assert _run("check_stored_data") == (True, ""), "nobody reads the first release unasked"


def test_an_error_of_the_platform_fails_a_step_with_its_words(placed: SmallMesh) -> None:
    placed.write("mesh.yaml", "name: [")
    for job in ("check_mesh", "check_stored_data", "measure_compliance"):
        success, said = _run(job)
        assert not success
        assert "mesh.yaml" in said


def test_both_checks_have_a_schedule_that_is_off(placed: SmallMesh) -> None:
    schedules = {schedule.job_name: schedule for schedule in defs.schedules or ()}
    for job in ("check_mesh", "check_stored_data"):
        assert schedules[job].default_status is dg.DefaultScheduleStatus.STOPPED
