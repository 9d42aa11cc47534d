"""What can be wrong with an installation or a mesh, looked at from outside; changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from mesh_platform.errors import MeshError
from mesh_platform.release.inputs import resolve
from mesh_platform.release.workspace import Workspace

_NEEDED = {
    "dagster": "1.13",
    "dbt-core": "1.11",
    "dbt-duckdb": "1.11",
    "duckdb": "",
    "deltalake": "",
}


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was looked at."""

    name: str
    fine: bool
    found: str
    fix: str | None = None


def examine(workspace: Workspace) -> list[Symptom]:
    """Look at everything; nothing that is wrong keeps the rest from being looked at."""
    looks: list[Callable[[Workspace], Symptom]] = [
        _python,
        _packages,
        _writable,
        _files,
        _registry,
        _sources,
        _lake,
        _leftovers,
    ]
    return [_look(look, workspace) for look in looks]


def _look(look: Callable[[Workspace], Symptom], workspace: Workspace) -> Symptom:
    try:
        return look(workspace)
    except MeshError as error:
        return Symptom(look.__name__.strip("_"), False, error.message, error.fix)


def _python(_workspace: Workspace) -> Symptom:
    fine = (3, 11) <= sys.version_info[:2] < (3, 14)
    fix = None if fine else "use Python 3.11, 3.12 or 3.13"
    return Symptom("python", fine, sys.version.split()[0], fix)


def _packages(_workspace: Workspace) -> Symptom:
    found, wrong = [], []
    for name, prefix in _NEEDED.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        found.append(f"{name} {version}")
        if not version.startswith(prefix):
            wrong.append(f"{name} {version}, expected {prefix}")
    fix = "make clean demo" if wrong else None
    return Symptom("packages", not wrong, "; ".join(wrong or found), fix)


def _writable(workspace: Workspace) -> Symptom:
    try:
        workspace.home.mkdir(parents=True, exist_ok=True)
        probe = workspace.home / ".probe"
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        fix = f"give your user the right to write {workspace.home}"
        return Symptom("storage", False, f"{workspace.home}: {error.strerror}", fix)
    return Symptom("storage", True, f"{workspace.home} can be written")


def _files(workspace: Workspace) -> Symptom:
    count = sum(finding.blocking for finding in workspace.mesh.findings)
    fix = "mesh check" if count else None
    found = (
        f"{count} finding(s)" if count else f"{len(workspace.mesh.products)} products, all valid"
    )
    return Symptom("contracts", not count, found, fix)


def _registry(workspace: Workspace) -> Symptom:
    others = f", others read from `{workspace.beyond.environment}`" if workspace.beyond else ""
    count = len(workspace.registry.all_current())
    return Symptom("registry", True, f"{count} products released{others}")


def _sources(workspace: Workspace) -> Symptom:
    released = workspace.all_current()
    wrong = []
    for product in workspace.mesh.products.values():
        landings_only = product.model_copy(update={"inputs": ()})
        try:
            resolve(landings_only, released)
        except MeshError as error:
            wrong.append(error)
    if wrong:
        return Symptom("sources", False, wrong[0].message, wrong[0].fix)
    return Symptom("sources", True, "every file from outside the mesh is there")


def _lake(workspace: Workspace) -> Symptom:
    for release in workspace.all_current().values():
        for port in release.ports:
            path = workspace.home_of(release).lake / port.table_path / port.file
            if not path.is_file():
                there = f" --env {release.environment}" if release.environment else ""
                fix = f"mesh build {release.product} --full{there}"
                return Symptom("lake", False, f"the current data of {release.product} is gone", fix)
    return Symptom("lake", True, "the data of every current release is there")


def _leftovers(workspace: Workspace) -> Symptom:
    left = [
        str(name) for name in workspace.mesh.products if workspace.registry.unfinished(str(name))
    ]
    if left:
        said = f"a build of {', '.join(left)} is running or was interrupted"
        return Symptom("interrupted builds", True, said, "the next build cleans up by itself")
    return Symptom("interrupted builds", True, "none")
