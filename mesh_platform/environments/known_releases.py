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
    """Return the release that the newest entry of a Delta log is about, if the registry lacks it.

    Raises:
        LogError: the entry cannot be read.
    """
    newest = table.newest()
    about = newest.releases if newest else ()
    return next((release for release in about if not registry.get(release)), None)


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
