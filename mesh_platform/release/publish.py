"""The last step of a release, and its repair after a crash.

A verified attempt is noted with its staged files before anything is committed. From then on
`finish` can be repeated until it is through: it commits what the Delta logs lack, then makes all
ports current in one transaction. What was not verified is thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mesh_platform.engine.session import arrow_schema
from mesh_platform.errors import MeshError
from mesh_platform.lake.tables import RELEASE_KEY, ArrowSchema, LakeFile
from mesh_platform.model.mesh import Product
from mesh_platform.registry.records import Attempt, CheckRecord, PortRecord, State
from mesh_platform.release.workspace import Workspace


def finish(
    workspace: Workspace, attempt: Attempt, schemas: Mapping[str, ArrowSchema] | None = None
) -> int:
    """Release a verified attempt.

    Args:
        workspace: where the mesh is.
        attempt: what to release.
        schemas: columns of each port where they are known; else they are read from its file.

    Returns:
        The number of the release.

    Raises:
        MeshError: a Delta log cannot be written.
    """
    known = schemas or {}
    versions = {p.port: commit(workspace, attempt, p, known.get(p.port)) for p in attempt.ports}
    return workspace.registry.release_now(attempt.id, versions)


def recover(workspace: Workspace, product: Product) -> None:
    """Bring a product into a clean state after a crash: finish what was verified, drop the rest.

    Call it as the only builder of the domain.
    """
    for attempt in workspace.registry.unfinished(str(product.name)):
        if attempt.state is State.VERIFIED and _all_staged(workspace, attempt):
            finish(workspace, attempt)
        else:
            what = "promotion" if attempt.origin else "build"
            take_back(workspace, attempt, f"the {what} was interrupted")
    _sweep(workspace, product)
    _align(workspace, workspace.registry.current(str(product.name)))


def take_back(workspace: Workspace, attempt: Attempt, reason: str) -> None:
    """Undo what an attempt that never became a release has left in the lake."""
    for port in attempt.ports:
        workspace.table(port.table_path).undo(attempt.id)
    discard(workspace, attempt, reason)


def discard(
    workspace: Workspace, attempt: Attempt, reason: str, checks: tuple[CheckRecord, ...] = ()
) -> None:
    """Delete what an attempt staged; note why it ended, and checks that were not noted before."""
    for port in attempt.ports:
        _unlink(_path(workspace, port))
    workspace.registry.record(attempt.id, State.FAILED, (), checks, reason=reason)


def roll_back(workspace: Workspace, product: Product, number: int) -> Attempt:
    """Make an earlier release of a product current again, all its ports together.

    Returns:
        The release.

    Raises:
        MeshError: there is no such release, its data is gone, or the product is being built.
    """
    with workspace.only_builder(product.name.domain):
        recover(workspace, product)
        release = workspace.registry.release(str(product.name), number)
        if release is None:
            raise _no_release(workspace, product, number)
        if not _all_staged(workspace, release):
            raise MeshError(f"the data of release {number} of {product.name} is gone")
        workspace.registry.point_to(release)
        _align(workspace, release)
        return release


def _no_release(workspace: Workspace, product: Product, number: int) -> MeshError:
    known = ", ".join(str(r.number) for r in workspace.registry.releases(str(product.name)))
    way = f"its releases are: {known}" if known else "it was never released"
    read = workspace.current(str(product.name))
    if read is not None and read.environment is not None:
        way = f"it is read from `{read.environment}`, where you may roll it back"
    return MeshError(f"{product.name} has no release {number}", fix=way)


def _sweep(workspace: Workspace, product: Product) -> None:
    """Delete what failed attempts left; a file that the registry does not know stays."""
    for port in product.ports:
        folder = workspace.lake / port.name.table_path(port.version)
        for path in folder.glob("*part-*.parquet"):
            owner = workspace.registry.get(path.stem.split("part-", 1)[1])
            if owner is not None and owner.state is State.FAILED:
                path.unlink(missing_ok=True)


def _unlink(path: Path) -> None:
    """Delete a staged file, and what the engine calls it while it writes."""
    path.unlink(missing_ok=True)
    path.with_name(f"tmp_{path.name}").unlink(missing_ok=True)


def commit(
    workspace: Workspace, attempt: Attempt, port: PortRecord, schema: ArrowSchema | None = None
) -> int:
    """Put a port's staged file into its Delta log; the registry does not speak of it yet.

    Returns:
        The Delta version.

    Raises:
        MeshError: the log cannot be written.
    """
    path = _path(workspace, port)
    _to_disk(path)
    metadata = {
        RELEASE_KEY: attempt.id,
        "mesh.product": attempt.product,
        "mesh.port": port.port,
        "mesh.version": port.version,
        "mesh.fingerprint": attempt.fingerprint,
        "mesh.contract": port.contract_digest,
    }
    if attempt.origin:
        metadata["mesh.origin"] = attempt.origin.release_id
    file = LakeFile(port.file, port.rows or 0, path.stat().st_size)
    return workspace.table(port.table_path).commit(
        file, schema or arrow_schema(str(path)), metadata
    )


def _align(workspace: Workspace, release: Attempt | None) -> None:
    """Let the Delta tables show the current release; the registry decides which that is."""
    for port in release.ports if release else ():
        if port.table_version is not None:
            metadata = {"mesh.restored": release.id if release else ""}
            workspace.table(port.table_path).restore(port.table_version, metadata)


def _all_staged(workspace: Workspace, attempt: Attempt) -> bool:
    return all(_path(workspace, port).is_file() for port in attempt.ports)


def _path(workspace: Workspace, port: PortRecord) -> Path:
    return workspace.lake / port.table_path / port.file


def _to_disk(path: Path) -> None:
    """A release survives a power cut: its bytes are on disk before the log speaks of them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
