"""The environment's Dagster instance: the same for the UI, the daemon and `mesh build`."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from filelock import FileLock

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.files import read_text
from mesh_platform.orchestration.build_instance import BuildInstance
from mesh_platform.orchestration.event_log import OpenSqliteEventLogStorage
from mesh_platform.whole_files import write_new

BY = "mesh/by"
"""Of a run that `mesh build` started, in its own process."""
ENVIRONMENT_TAG = "mesh/environment"
"""Of each run: a storage that environments share must know whose it is."""
_FILE = "dagster.yaml"
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
    write_new(home / _FILE, _CONFIG.encode("utf-8"))


def forget_runs(workspace: Workspace) -> None:
    """Delete an environment's runs from a storage that it shares with others."""
    with dg.DagsterInstance.from_ref(_reference(str(workspace.dagster_home))) as instance:
        for run in instance.get_runs(dg.RunsFilter(tags={ENVIRONMENT_TAG: workspace.environment})):
            instance.delete_run(run.run_id)


def open_instance(workspace: Workspace) -> dg.DagsterInstance:
    """Open the instance for a build in this process; one process at a time makes its tables."""
    prepare_home(workspace)
    with FileLock(workspace.dagster_home / "open.lock"):
        return _opened(str(workspace.dagster_home))


@contextmanager
def plain_home(workspace: Workspace) -> Iterator[Path]:
    """Provide a name of the instance's folder under which Dagster's own programs can read it.

    They take `[`, `*` and `?` in a path for a pattern, and would find no configuration.
    """
    home = workspace.dagster_home
    if not glob.has_magic(str(home)):
        yield home
        return
    with TemporaryDirectory(prefix="mesh-") as folder:
        link = Path(folder, "dagster")
        link.symlink_to(home, target_is_directory=True)
        yield link


def _opened(home: str) -> dg.DagsterInstance:
    stock = _reference(home).event_storage_data
    overrides: dict[str, object] = {"instance_class": _INSTANCE}
    if stock is not None and stock.class_name == SqliteEventLogStorage.__name__:
        overrides |= {"event_log_storage": _open_log(home), "compute_logs": _NO_CAPTURE}
    return dg.DagsterInstance.from_ref(_reference(home, overrides))


def _reference(home: str, overrides: Mapping[str, object] | None = None) -> InstanceRef:
    """Return the instance of a folder, with what its configuration says whatever its path is.

    Raises:
        MeshError: the configuration cannot be read.
    """
    file = Path(home, _FILE)
    try:
        said = yaml.safe_load(read_text(file)) if file.exists() else {}
    except yaml.YAMLError as error:
        raise _unreadable(file, str(error).splitlines()[0]) from error
    if not isinstance(said or {}, dict):
        raise _unreadable(file, "it is not a mapping")
    return InstanceRef.from_dir(home, overrides={**(said or {}), **(overrides or {})})


def _unreadable(file: Path, why: str) -> MeshError:
    return MeshError(
        f"{file} cannot be read: {why}",
        fix="correct it, or delete it: the platform then writes its own",
    )


def _open_log(home: str) -> dict[str, object]:
    return {
        "module": OpenSqliteEventLogStorage.__module__,
        "class": OpenSqliteEventLogStorage.__name__,
        "config": {"base_dir": f"{home}/history/runs/"},
    }
