"""Runs the `dbt` command as people know it, on a domain's project, in a process of its own.

What it writes stays apart from what builds write, but for the tables in the warehouse, which each
build drops before it begins.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mesh_platform.engines.dbt.packages import install
from mesh_platform.engines.dbt.runner import MOUNTS, WAREHOUSE, DbtPlaces
from mesh_platform.engines.duckdb.views import View, write_views
from mesh_platform.errors import MeshError

_ENTRY = "from dbt.cli.main import cli; cli(prog_name='dbt')"
_ENDED_BY_SIGNAL = 128


def run_dbt(places: DbtPlaces, views: Iterable[View], arguments: Sequence[str]) -> int:
    """Run dbt; what it reads and prints is the caller's terminal.

    Args:
        places: the project, and where builds keep their files.
        views: what its sources are mounted on.
        arguments: of `dbt`.

    Returns:
        Dbt's exit code.

    Raises:
        MeshError: the packages of the project cannot be installed.
    """
    work = places.work / "command"
    work.mkdir(parents=True, exist_ok=True)
    work.chmod(stat.S_IRWXU)  # dbt keeps the values of variables here
    own = replace(places, work=work, mounts=work / "mounts.json")
    write_views(views, own.mounts)
    install(own.folder, own.packages_lock, lambda: _install(own))
    return _run(own, arguments)


def _install(places: DbtPlaces) -> None:
    if code := _run(places, ["deps", "--quiet"]):
        raise MeshError(
            f"dbt could not install the packages of the project (exit code {code})",
            fix="see what it said above",
        )


def _run(places: DbtPlaces, arguments: Sequence[str]) -> int:
    """Run dbt; settings come as variables, so that options of a person go before them."""
    environment = os.environ | {
        "DO_NOT_TRACK": "1",
        "DBT_ENGINE_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_ENGINE_PROJECT_DIR": str(places.folder),
        "DBT_ENGINE_PROFILES_DIR": str(places.shared),
        "DBT_ENGINE_TARGET_PATH": str(places.work / "target"),
        "DBT_ENGINE_LOG_PATH": str(places.work / "logs"),
        WAREHOUSE: str(places.warehouse),
        MOUNTS: str(places.mounts),
    }
    command = [sys.executable, "-c", _ENTRY, *arguments]
    code = subprocess.run(command, env=environment, check=False).returncode
    return code if code >= 0 else _ENDED_BY_SIGNAL - code
