"""Runs the `dbt` command as people know it, on a domain's project, in a process of its own.

What it writes stays apart from what builds write, but for the tables in the warehouse, which each
build drops before it begins.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mesh_platform.engines.dbt.blamed import not_installed
from mesh_platform.engines.dbt.packages import install
from mesh_platform.engines.dbt.runner import MOUNTS, WAREHOUSE, DbtPlaces
from mesh_platform.engines.duckdb.views import View, write_views
from mesh_platform.errors import MeshError

_DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli(prog_name='dbt')")
_BEFORE_WORDS = re.compile(r"^(?:\d\d:\d\d:\d\d +)?(?:Encountered an error: *)?", re.MULTILINE)
"""Match what dbt writes before its words: the time, and that there is an error."""
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
    ended = subprocess.run(
        [*_DBT, "--quiet", "--no-use-colors", "deps"],
        env=_environment(places),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode:
        words, _, _ = (ended.stdout + ended.stderr).partition("Traceback (most recent call last)")
        said = " ".join(_BEFORE_WORDS.sub("", words).split())
        told, place, way = not_installed(said, places.folder)
        raise MeshError(told, place=place, fix=way)


def _run(places: DbtPlaces, arguments: Sequence[str]) -> int:
    command = [*_DBT, *arguments]
    code = subprocess.run(command, env=_environment(places), check=False).returncode
    return code if code >= 0 else _ENDED_BY_SIGNAL - code


def _environment(places: DbtPlaces) -> dict[str, str]:
    """Return settings as variables, so that options of a person go before them."""
    return os.environ | {
        "DO_NOT_TRACK": "1",
        "DBT_ENGINE_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_ENGINE_PROJECT_DIR": str(places.folder),
        "DBT_ENGINE_PROFILES_DIR": str(places.shared),
        "DBT_ENGINE_TARGET_PATH": str(places.work / "target"),
        "DBT_ENGINE_LOG_PATH": str(places.work / "logs"),
        WAREHOUSE: str(places.warehouse),
        MOUNTS: str(places.mounts),
    }
