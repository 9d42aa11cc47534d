"""A domain's code location: what Dagster knows of a product, and what a run tells it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import datetime

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._utils.schedules import cron_string_iterator

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, PromiseBrokenError
from mesh_platform.orchestration.event_log import OpenSqliteEventLogStorage
from mesh_platform.orchestration.instance import open_instance
from mesh_platform.orchestration.location import domain_definitions, schedules
from mesh_platform.orchestration.run import DagsterRuns, close_lost_runs
from mesh_platform.release.outcome import Listener, ProductOutcome, Verdict
from mesh_platform.release.schedule import run_in_order
from tests.small_mesh import ORDERS, SmallMesh

PORT = dg.AssetKey(["shop", "orders"])
MODEL = dg.AssetKey(["shop", "orders", "models", "orders"])


def test_a_location_without_a_manifest_says_how_to_make_one(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    with pytest.raises(MeshError, match="there is no dbt manifest"):
        domain_definitions(workspace, workspace.mesh.domain("shop"), Listener())


def test_a_broken_domain_does_not_load_and_names_its_error(mesh: SmallMesh) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "logicalType: object", "logicalTyp: object")
    workspace = Workspace.open(mesh.root)
    with pytest.raises(PromiseBrokenError, match=r"orders\.odcs\.yaml:\d+"):
        domain_definitions(workspace, workspace.mesh.domain("shop"), Listener())


def test_the_run_of_a_killed_build_does_not_look_alive_for_ever(mesh: SmallMesh) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with open_instance(Workspace.open(mesh.root)) as instance:
        runs = [
            instance.create_run_for_job(
                dg.define_asset_job("shop").resolve(
                    asset_graph=dg.Definitions(assets=[_anything]).resolve_asset_graph()
                ),
                status=dg.DagsterRunStatus.STARTED,
                tags={"mesh/by": "mesh build", "mesh/host": platform.node(), "mesh/process": pid},
            )
            for pid in (str(gone.pid), str(os.getpid()))
        ]
        close_lost_runs(instance, "shop")
        states = [instance.get_run_by_id(run.run_id).status for run in runs]
    assert states == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED]


@pytest.mark.parametrize(
    ("noon_before", "times"),
    [
        ("2026-03-28T12:00+00:00", ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        ("2026-10-24T12:00+00:00", ["2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]),
    ],
    ids=["an hour that does not exist", "an hour that comes twice"],
)
def test_a_schedule_runs_once_a_day_in_its_zone(
    mesh: SmallMesh, noon_before: str, times: list[str]
) -> None:
    zone = "    customProperties: [{property: timeZone, value: Europe/Berlin}]\n"
    said = '    schedule: "0 5 * * *"\n'
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", said, said.replace("0 5", "30 2") + zone)
    [schedule] = schedules(Workspace.open(mesh.root).mesh.domain("shop"))
    start = datetime.fromisoformat(noon_before).timestamp()
    ticks = cron_string_iterator(start, schedule.cron_schedule, schedule.execution_timezone)
    assert [next(ticks).isoformat() for _ in times] == times


@dg.asset
def _anything() -> None:
    """Something for a job to hold."""


@pytest.mark.slow
def test_what_dagster_knows_and_hears_of_a_product(mesh: SmallMesh) -> None:
    """One build for all: definitions, events of a success, events of a failure."""
    workspace = Workspace.open(mesh.root)
    _build(workspace)
    _check_definitions(workspace)
    with open_instance(workspace) as instance:
        assert isinstance(instance.event_log_storage, OpenSqliteEventLogStorage)
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        _check_events_of_a_success(instance)

    mesh.land_orders("1,ann,1,paid\n1,ann,1,paid\n")
    [outcome] = _build(Workspace.open(mesh.root), "shop")
    assert outcome.verdict is Verdict.FAILED
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        assert instance.get_runs(limit=1)[0].status is dg.DagsterRunStatus.FAILURE
        assert _check_status(instance, "primary_key") == "FAILED"
        latest = instance.get_latest_materialization_event(PORT)
        assert latest is not None
        assert latest.asset_materialization is not None
        assert latest.asset_materialization.metadata["mesh/release"].value == 1


@pytest.mark.slow
def test_a_teams_dbt_tests_are_checks_of_its_models(mesh: SmallMesh) -> None:
    """One build that releases with a warning, one that a test withholds."""
    stg = dg.AssetKey(["shop", "orders", "models", "stg_orders"])
    warns = "{{ config(severity='warn') }}"
    mesh.write("domains/shop/tests/cheap.sql", f"{warns} {_rows('stg_orders', 'amount > 15')}")
    mesh.write("domains/shop/tests/known.sql", _rows("orders", "customer = 'mallory'"))
    assert {o.verdict for o in _build(Workspace.open(mesh.root), "shop")} == {Verdict.RELEASED}
    workspace = Workspace.open(mesh.root)
    definitions = domain_definitions(workspace, workspace.mesh.domain("shop"), Listener())
    graph = definitions.resolve_asset_graph()
    cheap, known = dg.AssetCheckKey(stg, "cheap"), dg.AssetCheckKey(MODEL, "known")
    assert (graph.get(cheap).blocking, graph.get(known).blocking) == (False, True)
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        assert _told(instance, cheap) == (False, "WARN", "1 failing row")
        assert _told(instance, known) == (True, "ERROR", "0 failing rows")

    mesh.land_orders("1,ann,10,paid\n2,mallory,1,paid\n")
    [outcome] = _build(Workspace.open(mesh.root), "shop")
    assert outcome.verdict is Verdict.FAILED
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        assert _told(instance, cheap) == (True, "WARN", "0 failing rows")
        assert _told(instance, known) == (False, "ERROR", "1 failing row")


def _rows(model: str, condition: str) -> str:
    return f"select * from {{{{ ref('{model}') }}}} where {condition}"


def _told(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> tuple[bool, str, str | None]:
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.event is not None
    assert record.event.dagster_event is not None
    said = record.event.dagster_event.asset_check_evaluation_data
    return said.passed, said.severity.value, said.description


def _build(workspace: Workspace, *domains: str) -> list[ProductOutcome]:
    products = [
        product
        for name, product in workspace.mesh.products.items()
        if not domains or name.domain in domains
    ]
    return run_in_order(workspace.mesh, products, DagsterRuns(workspace, Listener(), full=False))


def _check_definitions(workspace: Workspace) -> None:
    definitions = domain_definitions(workspace, workspace.mesh.domain("shop"), Listener())
    graph = definitions.resolve_asset_graph()
    port = graph.get(PORT)
    assert port.owners == ["team:shop-team", "shop@example.com"]
    assert port.group_name == "shop"
    assert port.parent_keys == {MODEL}
    assert port.tags["mesh/role"] == "output_port"
    schema = port.metadata["dagster/column_schema"]
    assert [c.name for c in schema.columns] == ["order_id", "customer", "amount", "status"]
    checks = {key.name: graph.get(key).blocking for key in graph.asset_check_keys}
    assert checks["primary_key"] is True
    assert checks["no_single_customer"] is False
    assert dg.AssetKey(["shop", "orders", "landing", "orders_file"]) in graph.external_asset_keys

    report = domain_definitions(workspace, workspace.mesh.domain("report"), Listener())
    models = dg.AssetKey(["report", "revenue", "models", "revenue"])
    assert report.resolve_asset_graph().get(models).parent_keys == {PORT}


def _check_events_of_a_success(instance: dg.DagsterInstance) -> None:
    assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
    origins = [run.remote_job_origin for run in instance.get_runs()]
    assert {origin.location_name for origin in origins if origin} == {"report", "shop"}
    event = instance.get_latest_materialization_event(PORT)
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    assert metadata["dagster/row_count"].value == 4
    assert metadata["mesh/release"].value == 1
    model = instance.get_latest_materialization_event(MODEL)
    assert model is not None
    assert model.asset_materialization is not None
    assert model.asset_materialization.metadata["dagster/row_count"].value == 4
    assert _check_status(instance, "primary_key") == "SUCCEEDED"


def _check_status(instance: dg.DagsterInstance, name: str) -> str:
    key = dg.AssetCheckKey(PORT, name)
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    return record.status.value
