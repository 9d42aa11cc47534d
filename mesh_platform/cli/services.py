"""Provides `mesh up`: the Dagster UI, its daemon and all code locations, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from mesh_platform.cli.options import settings
from mesh_platform.cli.output import tell, tell_broken
from mesh_platform.environments.locks import in_use
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.findings import failure
from mesh_platform.model.workspace_file import unloadable
from mesh_platform.release.models import readable

_HOST = "127.0.0.1"
_START_SECONDS = 300
_STOP_SECONDS = 20


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the web page.")] = 3000,
) -> None:
    """Start the Dagster UI, the daemon and all domains; Ctrl-C stops them.

    Example: mesh up --port 3333
    """
    said = settings(context)
    workspace = said.workspace()
    if _answers(port):
        raise MeshError(
            f"port {port} of {_HOST} is in use",
            fix=f"stop that program, or `mesh up --port {port + 1}`",
        )
    if refused := unloadable(workspace.mesh.root):
        raise refused
    from mesh_platform.orchestration.instance import plain_home

    with in_use(workspace.home), plain_home(workspace) as home:
        _prepare(workspace)
        _serve(workspace, home, port)


def _serve(workspace: Workspace, home: Path, port: int) -> None:
    server = _start(workspace, home, port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager stops it so
    try:
        _wait_until_up(server, port)
        tell(f"the mesh is up: http://{_HOST}:{port}", style="bold green")
        tell(f"  lineage   http://{_HOST}:{port}/asset-groups\n  stop it   Ctrl-C")
        code = server.wait()
        raise MeshError(f"Dagster ended by itself (exit code {code})", fix="see its output above")
    except KeyboardInterrupt:
        tell("stopping …")
    finally:
        _stop(server)


def _prepare(workspace: Workspace) -> None:
    """Prepare the instance's folder, and dbt's manifest of each domain that lacks one."""
    from mesh_platform.orchestration.instance import prepare_home

    prepare_home(workspace)
    for domain in workspace.mesh.domains:
        places = workspace.dbt_places(domain)
        if domain.broken:
            tell_broken([domain])
        elif not places.manifest.is_file():
            tell(f"{domain.name}: preparing dbt")
            try:
                with readable(workspace, domain):
                    workspace.dbt.parse(places)
            except MeshError as error:
                tell(str(error), style="yellow")
            except Exception as error:  # noqa: BLE001 - the boundary: one domain stops no other
                tell(str(failure("domain.invalid", error, domain.home)), style="yellow")


def _start(workspace: Workspace, home: Path, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "MESH_ENV": workspace.environment,
        "PYTHONWARNINGS": "ignore",
        "DO_NOT_TRACK": "1",
        "DBT_ENGINE_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    dagster = Path(sys.executable).with_name("dagster")
    command = [
        str(dagster),
        "dev",
        "--workspace",
        str(workspace.mesh.root / "workspace.yaml"),
        "--host",
        _HOST,
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    tell("starting Dagster; the domains load one after another, this takes up to a minute")
    return subprocess.Popen(
        command, cwd=workspace.mesh.root, env=environment, start_new_session=True
    )


def _wait_until_up(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise MeshError(
                f"Dagster did not start (exit code {server.returncode})", fix="see its output above"
            )
        if _answers(port):
            return
        time.sleep(0.5)
    raise MeshError(f"Dagster did not answer within {_START_SECONDS} s", fix="mesh doctor")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{_HOST}:{port}/server_info", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End Dagster and everything it started; it does not always end by itself."""
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if _gone(server):
            return
        try:
            os.killpg(server.pid, kind)
        except ProcessLookupError:
            return
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _gone(server: subprocess.Popen[bytes]) -> bool:
    if server.poll() is None:
        return False
    try:
        os.killpg(server.pid, 0)
    except ProcessLookupError:
        return True
    return False
