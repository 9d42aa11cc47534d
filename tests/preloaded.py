"""Imports what a build needs, once: processes that are forked from here begin with it.

Opens no database and starts no thread, which a fork would not survive.
"""

from __future__ import annotations

import pkgutil
import tempfile
import threading
from importlib import import_module
from pathlib import Path

from mesh_platform.cli.main import application
from mesh_platform.environments.workspace import Workspace
from mesh_platform.governance import starter
from tests.small_mesh import write_mesh
from tests.spared import spare, spare_imports

_LATE = (
    "dagster",
    "dagster._core.definitions.repository_definition.repository_data_builder",
    "dagster._core.execution.execute_in_process",
    "dagster._core.execution.plan.active",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.instance.runs.run_domain",
    "dagster._core.storage.base_storage",
    "dagster._core.storage.event_log.sqlite",
    "dagster._core.storage.legacy_storage",
    "dbt.adapters.duckdb.plugins",
    "dbt.cli.main",
    "deltalake.transaction",
    "mesh_platform.orchestration.announce",
    "mesh_platform.orchestration.run",
    "mesh_platform.orchestration.workers",
    "mesh_platform.state.store",
    "mesh_platform.release.build",
    "mesh_platform.release.promote",
    "rich.markdown",
)


_STARTER = starter.__path__, f"{starter.__name__}."


def _preload() -> None:
    application()
    spare()
    for name in (*_LATE, *(module.name for module in pkgutil.iter_modules(*_STARTER))):
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:  # dbt generates classes when it first parses
        root = Path(folder) / "mesh"
        mesh = write_mesh(root, "twins")
        # dbt's parser in Rust starts threads of its own, for which a fork would wait for ever
        mesh.edit("domains/twins/dbt_project.yml", "flags:\n", "flags:\n  static_parser: false\n")
        workspace = Workspace.open(root)
        workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain("twins")))
    assert threading.active_count() == 1, "a fork copies one thread only"
    names = [task.read_text() for task in Path("/proc/self/task").glob("*/comm")]
    assert sum(name.startswith("python") for name in names) <= 1, "nor one that is not Python's"
    spare_imports()


_preload()
