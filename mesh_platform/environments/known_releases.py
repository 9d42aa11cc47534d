"""Compares the lake with the registry: a lake may hold releases that the registry does not know.

That is so after the registry was lost, or replaced by an older copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesh_platform.errors import MeshError

if TYPE_CHECKING:
    from mesh_platform.state.store import Registry
    from mesh_platform.storage.tables import Table


def unknown_release(table: Table, registry: Registry) -> str | None:
    """Return the newest release of a Delta log that the registry lacks.

    Walks back to the last commit of a release that was not taken back: entries after it show
    earlier releases again, as a rollback does, and the registry learns of releases in order.

    Raises:
        LogError: an entry on the way cannot be read.
    """
    undone = set[str]()
    for entry in table.walk():
        undone |= {entry.undone} if entry.undone else set()
        about = {entry.release, entry.restored} - undone - {None}
        if unknown := next((name for name in about if name and not registry.get(name)), None):
            return unknown
        if entry.release in about:
            return None
    return None


def registry_too_old(product: str, release: str, environment: str, option: str) -> MeshError:
    """Return the error of who would build on, or read by, a registry that lacks releases.

    Args:
        product: its name.
        release: the one that the registry lacks.
        environment: in which that is so.
        option: names the environment on the command line.
    """
    return MeshError(
        f"the lake of `{environment}` holds release {release} of {product}, "
        "which the registry does not know: the registry is older than the lake",
        fix=f"mesh doctor --rebuild-registry{option}",
    )
