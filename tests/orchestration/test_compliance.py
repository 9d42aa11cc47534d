"""The platform's location: compliance is measured after runs, shown, and remembered."""

from __future__ import annotations

import dagster as dg
import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.governance.compliance import Scope
from mesh_platform.orchestration.compliance import after_each_run
from mesh_platform.orchestration.instance import BY
from mesh_platform.orchestration.platform import defs
from mesh_platform.release.policies.compliance import past
from tests.policies import set_policies
from tests.small_mesh import SmallMesh


@pytest.fixture
def ruled(mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch) -> SmallMesh:
    """A mesh whose products must have a README, and have none."""
    set_policies(mesh, "product.readme: {}")
    monkeypatch.chdir(mesh.root)
    return mesh


def test_the_asset_tells_the_score_and_what_is_open(ruled: SmallMesh) -> None:
    result = defs.resolve_job_def("measure_compliance").execute_in_process()
    (event,) = result.get_asset_materialization_events()
    told = event.materialization.metadata
    assert (told["state"].value, told["score"].value, told["open"].value) == ("violating", 50.0, 1)
    assert "`product.readme` at report/revenue" in str(told["what is open"].value)
    (entry,) = past(Workspace.open(ruled.root), Scope.PRODUCT, "report/revenue")
    assert (entry.score, entry.state) == (0.0, "violating")


def test_what_is_no_news_is_not_remembered_twice(ruled: SmallMesh) -> None:
    for _ in range(2):
        assert defs.resolve_job_def("measure_compliance").execute_in_process().success
    assert len(past(Workspace.open(ruled.root), Scope.PRODUCT, "shop/orders")) == 1


@dg.op
def _nothing() -> None: ...


@pytest.mark.parametrize(
    ("name", "tags", "asks"),
    [("shop", {}, True), ("shop", {BY: "mesh build"}, False), ("measure_compliance", {}, False)],
)
def test_a_run_is_measured_once(name: str, tags: dict[str, str], *, asks: bool) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.GraphDefinition(name=name, node_defs=[_nothing]).to_job()
        result = job.execute_in_process(instance=instance, tags=tags)
        (ended,) = (e for e in result.all_events if e.event_type is dg.DagsterEventType.RUN_SUCCESS)
        context = dg.build_run_status_sensor_context(
            sensor_name="after_each_run",
            dagster_event=ended,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        )
        said = after_each_run(context)
    assert isinstance(said, dg.RunRequest if asks else dg.SkipReason)
