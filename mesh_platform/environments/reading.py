"""Reads released data: what an engine complains of is held against what was released, first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mesh_platform.environments.stored import Damage, damages
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.naming import ProductName
from mesh_platform.state.records import Attempt


@contextmanager
def reading(workspace: Workspace, *ports: tuple[Attempt, str]) -> Iterator[None]:
    """Wrap what reads ports of releases; where it fails, the files may be the reason.

    Raises:
        DamagedError: a file of one of these ports is not what was released.
    """
    try:
        yield
    except Exception:
        refuse_damaged(workspace, *ports)
        raise


def unread_consumers(workspace: Workspace, name: ProductName) -> tuple[ProductName, ...]:
    """Return the products with errors in their files that read a product.

    Those count whose descriptor can be read and says so, and those whose current release did.
    """
    declared = workspace.mesh.unread_consumers(name)
    others = workspace.mesh.unread - declared if workspace.begun else ()
    return tuple(sorted({*declared, *(n for n in others if _has_read(workspace, n, name))}))


def _has_read(workspace: Workspace, consumer: ProductName, name: ProductName) -> bool:
    release = workspace.current(str(consumer))
    ports = (record.port for record in release.inputs) if release else ()
    return any("/".join(port.partition("@")[0].split("/")[:2]) == str(name) for port in ports)


def first_damage(workspace: Workspace, release: Attempt) -> Damage | None:
    """A file of a release that is gone or has another size, if there is one."""
    home = workspace.home_of(release)
    return next(damages(home.lake, [release], deep=False), None)


def refuse_damaged(workspace: Workspace, *ports: tuple[Attempt, str]) -> None:
    """Compare the digest of every file of some ports.

    Raises:
        DamagedError: a file is not what was released.
    """
    for release, port in ports:
        workspace.files(release, port, deep=True)
