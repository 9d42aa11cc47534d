"""Compares the lake with the registry: a lake may hold releases that the registry does not know.

That is so after the registry was lost, or replaced by an older copy.
"""

from __future__ import annotations

from mesh_platform.errors import MeshError
from mesh_platform.lake.tables import RELEASE_KEY, RESTORED_KEY, UNDONE_KEY
from mesh_platform.release.workspace import Workspace


def unknown_release(workspace: Workspace, table_path: str) -> str | None:
    """The release that the newest entry of a Delta log is about, where the registry lacks it.

    Raises:
        LogError: the entry cannot be read.
    """
    newest = workspace.table(table_path).newest()
    metadata = newest.metadata if newest else {}
    for key in (RELEASE_KEY, RESTORED_KEY, UNDONE_KEY):
        if (release := metadata.get(key)) and not workspace.registry.get(release):
            return release
    return None


def registry_too_old(workspace: Workspace, product: str, release: str) -> MeshError:
    """The error of who would build on a registry that lacks releases."""
    return MeshError(
        f"the lake of `{workspace.environment}` holds release {release} of {product}, "
        "which the registry does not know: the registry is older than the lake",
        fix=f"mesh doctor --rebuild-registry{workspace.option}",
    )
