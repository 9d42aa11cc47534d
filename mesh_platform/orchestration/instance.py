"""The environment's Dagster instance: the same for the UI, the daemon and `mesh build`."""

from __future__ import annotations

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from filelock import FileLock

from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.build_instance import BuildInstance
from mesh_platform.orchestration.event_log import OpenSqliteEventLogStorage
from mesh_platform.whole_files import write_new

BY = "mesh/by"
"""Of a run that `mesh build` started, in its own process."""
ENVIRONMENT_TAG = "mesh/environment"
"""Of each run: a storage that environments share must know whose it is."""
_CONFIG = """\
# Written by the platform when it was missing; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 4
  pools:
    default_limit: 1
    granularity: run
run_monitoring:
  enabled: true
  start_timeout_seconds: 180
  free_slots_after_run_end_seconds: 60
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days: {skipped: 7, success: 30, failure: 90}
code_servers:
  local_startup_timeout: 180
"""

_INSTANCE = {"module": BuildInstance.__module__, "class": BuildInstance.__name__}
_NO_CAPTURE = {
    "module": NoOpComputeLogManager.__module__,
    "class": NoOpComputeLogManager.__name__,
    "config": {},
}
"""Capturing takes two processes a run and the terminal's output, which is the builder's here."""


def prepare_home(workspace: Workspace) -> None:
    """Make the instance's folder, with a configuration where there is none."""
    home = workspace.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    write_new(home / "dagster.yaml", _CONFIG.encode("utf-8"))


def forget_runs(workspace: Workspace) -> None:
    """Delete an environment's runs from a storage that it shares with others."""
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        for run in instance.get_runs(dg.RunsFilter(tags={ENVIRONMENT_TAG: workspace.environment})):
            instance.delete_run(run.run_id)


def open_instance(workspace: Workspace) -> dg.DagsterInstance:
    """Open the instance for a build in this process; one process at a time makes its tables."""
    prepare_home(workspace)
    with FileLock(workspace.dagster_home / "open.lock"):
        return _opened(str(workspace.dagster_home))


def _opened(home: str) -> dg.DagsterInstance:
    stock = InstanceRef.from_dir(home).event_storage_data
    overrides: dict[str, object] = {"instance_class": _INSTANCE}
    if stock is not None and stock.class_name == SqliteEventLogStorage.__name__:
        overrides |= {"event_log_storage": _open_log(home), "compute_logs": _NO_CAPTURE}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(home, overrides=overrides))


def _open_log(home: str) -> dict[str, object]:
    return {
        "module": OpenSqliteEventLogStorage.__module__,
        "class": OpenSqliteEventLogStorage.__name__,
        "config": {"base_dir": f"{home}/history/runs/"},
    }
