"""What changed in the promise of one port, as a document of Bitol's draft OMDS."""

from __future__ import annotations

from typing import Any

from mesh_platform.contract_diff.omds import difference_document
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Port
from mesh_platform.model.odcs import newest_document
from mesh_platform.model.selection import Selection
from mesh_platform.planning.promises import product_changes
from mesh_platform.release.plans.baseline import baseline_of


def metadata_difference(workspace: Workspace, port: Port, against: str | None) -> dict[str, Any]:
    """Compare a port's contract with what was promised before.

    Args:
        workspace: the mesh, and the environment whose releases count.
        port: as the files promise it now.
        against: a name that git knows; None compares with the current release.

    Returns:
        The document; without a change its list of differences is empty.

    Raises:
        MeshError: the port is new, or what was promised cannot be read.
    """
    mesh, name = workspace.mesh, port.name.product
    baseline = baseline_of(workspace, against, Selection.of(mesh, [str(name)]))
    before = baseline.products.get(name)
    new = before is None and baseline.looked_at(name)
    changes = product_changes(name, before, mesh.products[name])
    found = next((each for each in changes.ports if each.now == port and each.before), None)
    now, _ = newest_document(port.contract.text, port.contract.place.file)
    if found is not None and found.before is not None:
        then, _ = newest_document(found.before.text, found.before.file)
        return difference_document(then.data, now.data, found.changes)
    if before is not None or new:
        raise MeshError(
            f"`{port.name}` is new: there is nothing in {baseline.known_as} to compare it with",
            fix="`mesh plan` tells what is new",
        )
    return difference_document(now.data, now.data, ())
