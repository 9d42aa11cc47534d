"""Environments in Dagster: runs of one that defers to another, and which runs a drop deletes."""

from __future__ import annotations

import dagster as dg
import pytest

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.announce import announce
from mesh_platform.orchestration.instance import forget_runs, open_instance, prepare_home
from mesh_platform.orchestration.run import DagsterRuns
from mesh_platform.release.outcome import Listener, ProductOutcome, Verdict
from mesh_platform.release.promote import promote
from mesh_platform.release.schedule import run_in_order
from tests.policies import set_policies
from tests.release.staging import release
from tests.small_mesh import REVENUE, SmallMesh


def _build(mesh: SmallMesh, environment: str) -> list[ProductOutcome]:
    workspace = Workspace.open(mesh.root, environment)
    products = workspace.mesh.products.values()
    return run_in_order(workspace.mesh, products, DagsterRuns(workspace, Listener(), full=False))


@pytest.mark.slow
def test_a_run_in_dagster_reads_the_other_environment_too(mesh: SmallMesh) -> None:
    assert {outcome.verdict for outcome in _build(mesh, "prod")} == {Verdict.RELEASED}
    defer(Workspace.open(mesh.root, "alice"), "prod")
    mesh.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")
    orders, revenue = _build(mesh, "alice")
    assert (orders.verdict, orders.reason) == (Verdict.UP_TO_DATE, "as in prod, release 1")
    assert revenue.verdict is Verdict.RELEASED, revenue.reason
    assert revenue.release is not None
    assert [pin.environment for pin in revenue.release.inputs] == ["prod"]

    alice = Workspace.open(mesh.root, "alice")
    assert sorted(path.name for path in alice.lake.iterdir()) == ["report"]
    with open_instance(alice) as instance:
        tags = {run.tags["mesh/environment"] for run in instance.get_runs()}
        event = instance.get_latest_materialization_event(dg.AssetKey(["shop", "orders"]))
    assert tags == {"alice"}
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["mesh/environment"].value == "prod"


@dg.job
def _nothing() -> None:
    """A job to have runs of."""


def test_runs_in_a_shared_storage_go_with_their_environment(mesh: SmallMesh) -> None:
    sides = [Workspace.open(mesh.root, name) for name in ("alice", "prod")]
    for side in sides:
        prepare_home(side)
        shared = mesh.path("history").as_posix()
        (side.dagster_home / "dagster.yaml").write_text(
            f"storage: {{sqlite: {{base_dir: {shared}}}}}\n"
        )
    alice, _ = sides
    with dg.DagsterInstance.from_config(str(alice.dagster_home)) as instance:
        for side in sides:
            tags = {"mesh/environment": side.environment}
            instance.create_run_for_job(_nothing, tags=tags)
        forget_runs(alice)
        left = [run.tags["mesh/environment"] for run in instance.get_runs()]
    assert left == ["prod"]


def test_a_promoted_release_is_seen_in_the_ui_of_where_it_went(mesh: SmallMesh) -> None:
    set_policies(mesh, "release.not-empty:")
    alice, prod = (Workspace.open(mesh.root, name) for name in ("alice", "prod"))
    made = release(alice, "shop/orders")
    prod.registry.set("used", "yes")
    done = promote(alice, prod, [alice.mesh.product("shop/orders")])
    announce(prod, done)
    announce(prod, promote(alice, prod, [alice.mesh.product("shop/orders")]))  # was there: no news
    port = dg.AssetKey(["shop", "orders"])
    with open_instance(prod) as instance:
        records = instance.fetch_materializations(port, limit=5).records
        check = dg.AssetCheckKey(port, "policy_release_not_empty")
        said = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
    (record,) = records
    told = record.asset_materialization
    assert told is not None
    assert told.metadata["mesh/promoted_from"].value == "release 1 of alice"
    assert told.metadata["dagster/row_count"].value == 1
    assert told.tags is not None
    assert told.tags["dagster/data_version"] == made.fingerprint[:16]
    assert said[check].status.value == "SUCCEEDED"
