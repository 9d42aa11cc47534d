"""List the environments of a mesh, let one defer to another, and drop them."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mesh_platform.environments.locks import gate, users
from mesh_platform.environments.workspace import DEFERS_TO, Workspace
from mesh_platform.errors import MeshError, UnknownNameError, did_you_mean
from mesh_platform.files import text_of

_DROPPED = ".dropped-"


@dataclass(frozen=True, slots=True)
class Environment:
    """Hold the contents of an environment: products by name, releases, bytes on disk.

    A `guarded` one refuses what breaks a consumer there. A file that environments share counts in
    each. `problem` is the reason why its registry cannot be read.
    """

    name: str
    bytes: int
    products: tuple[str, ...] = ()
    releases: int = 0
    defers_to: str | None = None
    guarded: bool = False
    last_build: datetime | None = None
    problem: str | None = None


def environments(workspace: Workspace) -> list[Environment]:
    """Return all environments of the mesh by name; one that cannot be read has a `problem`."""
    return [_environment(workspace.at(name)) for name in workspace.environments()]


def known(workspace: Workspace, name: str) -> Workspace:
    """Return an environment that exists.

    Raises:
        UnknownNameError: there is none of that name.
    """
    there = workspace.environments()
    if name not in there:
        raise UnknownNameError("environment", name, there)
    return workspace.at(name)


def not_begun(workspace: Workspace, name: str) -> MeshError:
    """Return the error for an environment in which nothing was built, with the way to make it."""
    way = did_you_mean(name, workspace.environments())
    return MeshError(
        f"no environment is called `{name}`", fix=f"`mesh build --env {name}` makes it; {way}"
    )


def defer(workspace: Workspace, to: str | None) -> str | None:
    """Let an environment read another one where nothing was built here, until told otherwise.

    Args:
        workspace: the environment that defers.
        to: the one it defers to; None means that it stands alone again.

    Returns:
        The environment that it deferred to before.

    Raises:
        MeshError: there is no such environment, or they would defer to each other.
    """
    with gate(workspace.home.parent):
        if to is not None:
            check_deferral(workspace, to)
        before = workspace.registry.setting(DEFERS_TO)
        if before != to:
            workspace.registry.set(DEFERS_TO, to)
    return before


def check_deferral(workspace: Workspace, to: str) -> None:
    """Refuse an environment that cannot be deferred to.

    Raises:
        MeshError: there is no such environment, or they would defer to each other.
    """
    name = workspace.environment
    if to == name:
        raise MeshError(
            f"`{name}` cannot defer to itself", fix="name another: mesh env list shows them"
        )
    if to not in workspace.environments():
        raise not_begun(workspace, to)
    path = [name, *_chain(workspace, to)]
    if path[-1] == name:
        raise MeshError(
            f"`{name}` cannot defer to `{to}`: {' → '.join(path)} is a circle",
            fix=f"mesh build --env {path[-2]} --no-defer",
        )


def dependents(workspace: Workspace, name: str) -> list[str]:
    """Return the environments that defer to one."""
    others = (other for other in workspace.environments() if other != name)
    return [other for other in others if _defers_to(workspace.at(other)) == name]


def keeps_runs_elsewhere(workspace: Workspace) -> bool:
    """Tell whether the configuration may keep Dagster's history outside the environment."""
    config = workspace.dagster_home / "dagster.yaml"
    return "storage" in text_of(config)


def refuse_drop(workspace: Workspace, chosen: Sequence[str], *, force: bool) -> None:
    """Refuse to drop what others read, or what does not exist.

    Raises:
        MeshError: there is no such environment, or another one defers to it.
    """
    for name in chosen:
        known(workspace, name)
        left = [] if force else dependents(workspace, name)
        left = [other for other in left if other not in chosen]
        if left:
            shown = ", ".join(f"`{other}`" for other in left)
            read = "reads" if len(left) == 1 else "read"
            raise MeshError(
                f"`{name}` cannot be dropped: {shown} {read} from it what was not built there",
                fix=f"mesh env drop {name} {' '.join(left)}, or --force to leave them without it",
            )


def drop(
    workspace: Workspace,
    chosen: Sequence[str],
    *,
    force: bool = False,
    forget: Callable[[Workspace], None] = lambda _workspace: None,
) -> None:
    """Remove environments with everything in them; what was promoted from them stays.

    Args:
        workspace: the mesh.
        chosen: names of the environments.
        force: also where another environment defers to one.
        forget: removes what an environment has elsewhere, before its folder goes.

    Raises:
        MeshError: there is no such environment, it is in use, or another one defers to it.
    """
    folder = workspace.home.parent
    with gate(folder):
        refuse_drop(workspace, chosen, force=force)
        for name in chosen:
            _refuse_used(workspace.at(name))
        gone = [_moved_away(workspace.at(name), forget) for name in chosen]
    for path in {*gone, *folder.glob(f"{_DROPPED}*")}:
        shutil.rmtree(path, onerror=_unless_gone)


def _moved_away(workspace: Workspace, forget: Callable[[Workspace], None]) -> Path:
    """Take an environment out of sight in one step, so that no crash leaves half of it."""
    forget(workspace)
    hidden = workspace.home.parent / f"{_DROPPED}{workspace.environment}-{os.getpid()}"
    workspace.home.rename(hidden)
    return hidden


def _unless_gone(_function: object, _path: str, error: Any) -> None:
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]


def _refuse_used(workspace: Workspace) -> None:
    if processes := users(workspace.home):
        numbers = ", ".join(map(str, processes))
        raise MeshError(
            f"`{workspace.environment}` is in use by process {numbers}",
            fix="wait until its build ends, or stop `mesh up`; then try again",
        )


def _chain(workspace: Workspace, name: str) -> Iterator[str]:
    """Yield an environment and those that it defers to, until the chain ends or repeats."""
    seen = {workspace.environment}
    current: str | None = name
    while current is not None:
        yield current
        if current in seen or not workspace.at(current).begun:
            return
        seen.add(current)
        current = _defers_to(workspace.at(current))


def _defers_to(workspace: Workspace) -> str | None:
    return workspace.registry.setting(DEFERS_TO)


def _environment(workspace: Workspace) -> Environment:
    size, guarded = _size(workspace.home), workspace.environment in workspace.mesh.guarded
    try:
        registry = workspace.registry
        last = registry.last_attempts().values()
        return Environment(
            name=workspace.environment,
            bytes=size,
            products=tuple(sorted(registry.all_current())),
            releases=registry.release_count(),
            defers_to=registry.setting(DEFERS_TO),
            guarded=guarded,
            last_build=max((attempt.started_at for attempt in last), default=None),
        )
    except MeshError as error:
        name, problem = workspace.environment, error.message
        return Environment(name, size, guarded=guarded, problem=problem)


def _size(folder: Path) -> int:
    """Return the bytes of all files; a file with two names counts once."""
    found: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        try:
            seen = path.lstat()
        except FileNotFoundError:
            continue  # a build tidies up while this looks
        if stat.S_ISREG(seen.st_mode):
            found[seen.st_dev, seen.st_ino] = seen.st_size
    return sum(found.values())
