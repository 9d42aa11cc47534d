"""Imports what a build needs, once: processes that are forked from here begin with it.

Opens no database and starts no thread, which a fork would not survive.
"""

from __future__ import annotations

import tempfile
import threading
from importlib import import_module
from pathlib import Path

from mesh_platform.cli.main import application
from mesh_platform.release.workspace import Workspace
from tests.small_mesh import write_mesh

_LATE = (
    "dagster",
    "dbt.adapters.duckdb.plugins",
    "dbt.cli.main",
    "deltalake.transaction",
    "mesh_platform.orchestration.announce",
    "mesh_platform.orchestration.run",
    "mesh_platform.orchestration.workers",
    "mesh_platform.registry.store",
    "mesh_platform.release.build",
    "mesh_platform.release.environments.promote",
    "rich.markdown",
)


def _preload() -> None:
    application()
    for name in _LATE:
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:  # dbt generates classes when it first parses
        root = Path(folder) / "mesh"
        write_mesh(root, "twins")
        workspace = Workspace.open(root)
        workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain("twins")))
    assert threading.active_count() == 1, "a fork copies one thread only"


_preload()
