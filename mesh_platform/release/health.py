"""Examine an installation or a mesh for faults, and mend nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata

from mesh_platform.environments.known_releases import unknown_release
from mesh_platform.environments.stored import Damage, damages
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import LogError, MeshError, listed, several
from mesh_platform.files import may_write
from mesh_platform.release.inputs import resolve
from mesh_platform.release.standing import Standing
from mesh_platform.state.records import Attempt
from mesh_platform.storage.tables import table_folders

_NEEDED = {
    "dagster": "1.13",
    "dbt-core": "1.11",
    "dbt-duckdb": "1.11",
    "duckdb": "",
    "deltalake": "",
}


_OLD = (
    "the current release is whole; restore this file from a backup, or leave it: "
    "nobody reads it unless they ask for that release"
)


@dataclass(frozen=True, slots=True)
class Symptom:
    """Hold the result of one look; a `warning` does not affect consumers of current releases."""

    name: str
    fine: bool
    found: str
    fix: str | None = None
    warning: bool = False


def examine(workspace: Workspace, *, deep: bool = False) -> list[Symptom]:
    """Look at everything; a fault in one part does not keep the others from being examined.

    Args:
        workspace: what to look at.
        deep: read every byte of every release and every entry of the Delta logs, too.
    """
    symptoms = [_look(look, workspace) for look in (_python, _packages, _writable, _files)]
    lake = examine_lake(workspace, deep=deep)
    if not lake[0].fine:  # the others would all say the same of the registry
        return [*symptoms, *lake]
    return [*symptoms, *lake, _look(_sources, workspace), _look(_leftovers, workspace)]


def examine_lake(workspace: Workspace, *, deep: bool = False) -> list[Symptom]:
    """Examine only what was released: the registry knows it, and files and logs are whole."""
    registry = _look(_registry, workspace)
    if not registry.fine:
        return [registry]
    looks: list[Callable[[Workspace], Symptom]] = [
        _releases,
        partial(_lake, deep=deep),
        partial(_logs, deep=deep),
    ]
    return [registry, *(_look(look, workspace) for look in looks)]


def _look(look: Callable[[Workspace], Symptom], workspace: Workspace) -> Symptom:
    try:
        return look(workspace)
    except MeshError as error:
        return Symptom(_name(look), False, error.message, error.fix)
    except Exception as error:  # noqa: BLE001 - the boundary: one look keeps no other away
        found = f"the platform failed when it looked: `{type(error).__name__}`"
        return Symptom(_name(look), False, found, "please report it")


def _name(look: Callable[[Workspace], Symptom]) -> str:
    named = look.func if isinstance(look, partial) else look
    return named.__name__.strip("_")


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
    inside = (workspace.registry_file, workspace.lake, *workspace.lake.glob("*/*/*"))
    closed = next((path for path in inside if path.exists() and not may_write(path)), None)
    if closed is not None:
        fix = f"give your user the right to write {closed}, and all beside it"
        return Symptom("storage", False, f"{closed} cannot be written by this user", fix)
    return Symptom("storage", True, f"{workspace.home} can be written")


def _files(workspace: Workspace) -> Symptom:
    count = sum(finding.blocking for finding in workspace.mesh.findings)
    fix = "mesh check" if count else None
    valid = f"{several(len(workspace.mesh.products), 'product')}, all valid"
    return Symptom("contracts", not count, several(count, "finding") if count else valid, fix)


def _registry(workspace: Workspace) -> Symptom:
    others = f", others read from `{workspace.beyond.environment}`" if workspace.beyond else ""
    count = len(workspace.registry.all_current())
    return Symptom("registry", True, f"{several(count, 'product')} released{others}")


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


def _releases(workspace: Workspace) -> Symptom:
    ahead, closed = list[str](), list[str]()
    for path in (folder.as_posix() for folder in table_folders(workspace.lake)):
        try:
            if unknown_release(workspace.table(path), workspace.registry):
                ahead.append(path)
        except LogError:
            closed.append(path)
    if ahead:
        found = f"the registry is older than the lake: it lacks releases of {listed(ahead)}"
        fix = f"mesh doctor --rebuild-registry{workspace.option}"
        return Symptom("releases", False, found, fix)
    but = f", but for the Delta logs that cannot be read: {listed(closed)}" if closed else ""
    return Symptom("releases", True, f"the registry knows every release of the lake{but}")


def _lake(workspace: Workspace, *, deep: bool) -> Symptom:
    damaged = [
        (home, damage)
        for home, releases in _looked_at(workspace, deep=deep)
        for damage in damages(home.lake, releases, deep=deep)
    ]
    if damaged:
        return _damaged(workspace, damaged, deep=deep)
    which = "every file of every release is" if deep else "every file of a current release is"
    how = "byte for byte what was released" if deep else "there, and as long as it was"
    return Symptom("lake", True, f"{which} {how}")


def _damaged(workspace: Workspace, found: list[tuple[Workspace, Damage]], *, deep: bool) -> Symptom:
    """Report an error where somebody reads a damaged release, else a warning."""
    readers = _readers(workspace)
    found.sort(key=lambda item: not _is_read(item[1], readers))
    home, first = found[0]
    grave = _is_read(first, readers)
    shown = listed([each.sentence for _, each in found])
    reader = readers.get(first.release.id)
    if first.closed or (grave and reader is None):
        fix = first.way_out(home.option, others=home.has_others(first.release), deep=not deep)
    elif reader:
        fix = f"restore this file from a backup: {reader} still reads that release"
    else:
        fix = _OLD
    return Symptom("lake", not grave, shown, fix, warning=not grave)


def _is_read(damage: Damage, readers: dict[str, str | None]) -> bool:
    return bool(damage.release.environment) or damage.release.id in readers


def _readers(workspace: Workspace) -> dict[str, str | None]:
    """Map the id of each release here that is read by default to its reader.

    None stands for the current release, which everybody reads. A consumer that agreed to stay with
    its last release, or one in another environment, cannot be built on a newer release from here.
    """
    found: dict[str, str | None] = {}
    standing, mesh = Standing.of(workspace), workspace.mesh
    for product in mesh.products.values():
        if stand := standing.waits(mesh, product):
            reader = f"{product.name}, which agreed to wait,"
            found |= {item.release_id: reader for item in stand.release.inputs}
    for name in workspace.environments():
        found |= _read_from(workspace, workspace.at(name)) if name != workspace.environment else {}
    return found | {release.id: None for release in workspace.registry.all_current().values()}


def _read_from(workspace: Workspace, other: Workspace) -> dict[str, str]:
    """Map the id of each release here that another environment has read to its reader."""
    try:
        current = other.registry.all_current().values()
    except MeshError:
        return {}  # its own `mesh doctor` says so
    return {
        item.release_id: f"{release.product} in `{other.environment}`"
        for release in current
        for item in release.inputs
        if item.environment == workspace.environment
    }


def _looked_at(
    workspace: Workspace, *, deep: bool
) -> Iterator[tuple[Workspace, Iterable[Attempt]]]:
    """Yield releases with their environment: those that are read here, or all of this one."""
    for release in workspace.all_current().values():
        if release.environment or not deep:
            yield workspace.home_of(release), [release]
    if deep:
        registry = workspace.registry
        yield workspace, [item for name in registry.products() for item in registry.releases(name)]


def _logs(workspace: Workspace, *, deep: bool) -> Symptom:
    for release in workspace.registry.all_current().values():
        for port in release.ports:
            table = workspace.table(port.table_path)
            fix = f"mesh build {release.product} --full{workspace.option}"
            try:
                newest = table.newest()
                table.refuse_gaps()
                unknown_release(table, workspace.registry)  # reads what a build would
                if deep:
                    table.check()
            except LogError as error:
                return Symptom("delta logs", False, error.message, fix)
            if newest is None or newest.version < (port.table_version or 0):
                lost = f"the Delta log of {table.folder} lacks release {release.number}"
                return Symptom("delta logs", False, lost, fix)
            if not newest.ours:
                foreign = f"another program has written to the Delta table {table.folder}"
                other = "engines that read Delta see what is no release"
                return Symptom("delta logs", False, f"{foreign}: {other}", fix)
    what = "can be read" if deep else "has all its entries"
    return Symptom("delta logs", True, f"the log of every current release {what}")


def _leftovers(workspace: Workspace) -> Symptom:
    left = [
        str(name) for name in workspace.mesh.products if workspace.registry.unfinished(str(name))
    ]
    if left:
        said = f"a build of {', '.join(left)} is running or was interrupted"
        return Symptom("interrupted builds", True, said, "the next build cleans up by itself")
    return Symptom("interrupted builds", True, "none")
