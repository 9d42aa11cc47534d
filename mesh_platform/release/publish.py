"""Publish a release as its last step, and repair that step after a crash.

A verified attempt is recorded with its staged files before anything is committed. From then on
`finish` can be repeated: it commits what the Delta logs lack, then makes all ports current in one
transaction. What was not verified is thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mesh_platform.engines.duckdb.session import arrow_schema
from mesh_platform.environments.stored import damages, paths
from mesh_platform.environments.workspace import DEFERS_TO, Workspace
from mesh_platform.errors import LogError, MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.release.commit_metadata import ReleaseRecord, promises_of, written
from mesh_platform.state.records import Attempt, CheckRecord, PortRecord, State
from mesh_platform.storage.tables import RESTORED_KEY, ArrowSchema, LakeFile

_ID_LENGTH = 36
"""Length of an attempt's id, with which the names of its files begin."""


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
    known, at = schemas or {}, datetime.now(UTC)
    seconds = (at - attempt.started_at).total_seconds()
    checks = workspace.registry.checks(attempt.id)
    record = as_released(workspace, replace(attempt, seconds=seconds), checks, at)
    versions = {p.port: commit(workspace, record, p, known.get(p.port)) for p in attempt.ports}
    return workspace.registry.release_now(attempt.id, versions, at)


def as_released(
    workspace: Workspace, attempt: Attempt, checks: Sequence[CheckRecord], at: datetime
) -> ReleaseRecord:
    """Return an attempt as the release that it is about to become, for its commits."""
    number = workspace.registry.next_number(attempt.product)
    released = replace(attempt, state=State.RELEASED, number=number, ended_at=at, reason=None)
    return _record(workspace, released, checks)


def _record(workspace: Workspace, release: Attempt, checks: Sequence[CheckRecord]) -> ReleaseRecord:
    registry = workspace.registry
    digests = [release.descriptor_digest, *(port.contract_digest for port in release.ports)]
    promises = (registry.contract(digest) for digest in dict.fromkeys(digests) if digest)
    kept = tuple(promise for promise in promises if promise)
    return ReleaseRecord(release, tuple(checks), kept, registry.setting(DEFERS_TO))


def recover(workspace: Workspace, product: Product) -> None:
    """Bring a product into a clean state after a crash: finish what was verified, drop the rest.

    Call it as the only builder of the domain.

    Raises:
        MeshError: the lake holds releases of the product that the registry does not know.
    """
    mend_logs(workspace, product)
    for attempt in workspace.registry.unfinished(str(product.name)):
        if attempt.state is State.VERIFIED and _whole(workspace, attempt):
            finish(workspace, attempt)
        else:
            what = "promotion" if attempt.origin else "build"
            reason = f"the {what} was interrupted"
            take_back(workspace, attempt, reason, State.INTERRUPTED)
    _sweep(workspace, product)
    _align(workspace, workspace.registry.current(str(product.name)))


def take_back(
    workspace: Workspace, attempt: Attempt, reason: str, state: State = State.FAILED
) -> None:
    """Undo what an attempt that never became a release has left in the lake."""
    for port in attempt.ports:
        workspace.table(port.table_path).undo(attempt.id)
    discard(workspace, attempt, reason, state=state)


def discard(
    workspace: Workspace,
    attempt: Attempt,
    reason: str,
    checks: tuple[CheckRecord, ...] = (),
    state: State = State.FAILED,
) -> None:
    """Delete what an attempt staged; record why it ended, and checks not recorded before."""
    for port in attempt.ports:
        for path in paths(workspace.lake, port):
            _unlink(path)
    workspace.registry.record(attempt.id, state, (), checks, reason=reason)


def roll_back(workspace: Workspace, product: Product, number: int) -> Attempt:
    """Make an earlier release of a product current again, all its ports together.

    Returns:
        The release.

    Raises:
        MeshError: there is no such release, or the product is being built.
        DamagedError: its data is gone, or not what was released.
    """
    with workspace.only_builder(product.name.domain):
        recover(workspace, product)
        release = workspace.registry.release(str(product.name), number)
        if release is None:
            raise _no_release(workspace, product, number)
        for damage in damages(workspace.lake, [release], deep=True):
            raise workspace.damaged(damage)
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
    """Delete what failed attempts left; keep a file that the registry does not know."""
    for port in product.ports:
        folder = workspace.lake / port.name.table_path(port.version)
        for path in folder.glob("*part-*.parquet"):
            owner = workspace.registry.get(path.stem.split("part-", 1)[1][:_ID_LENGTH])
            if owner is not None and owner.state in (State.FAILED, State.INTERRUPTED):
                path.unlink(missing_ok=True)


def _unlink(path: Path) -> None:
    """Delete a staged file, and the temporary file that the engine writes for it."""
    path.unlink(missing_ok=True)
    path.with_name(f"tmp_{path.name}").unlink(missing_ok=True)


def commit(
    workspace: Workspace, record: ReleaseRecord, port: PortRecord, schema: ArrowSchema | None = None
) -> int:
    """Commit a port's staged files to its Delta log; the registry does not list them yet.

    Returns:
        The Delta version.

    Raises:
        MeshError: the log cannot be written.
    """
    places = paths(workspace.lake, port)
    for path in places:
        _to_disk(path)
    table = workspace.table(port.table_path)
    known = {p.digest for entry in table.entries() for p in promises_of(entry.metadata)}
    files = [LakeFile(file.name, file.rows or 0, file.bytes or 0) for file in port.files]
    columns = schema or arrow_schema(str(places[0]))
    return table.commit(files, columns, written(record, port, known))


def mend_logs(workspace: Workspace, product: Product) -> None:
    """Rewrite a product's Delta logs that cannot be read, from the registry.

    Raises:
        MeshError: a log holds a release that the registry does not know.
    """
    name = str(product.name)
    workspace.refuse_if_behind(name)
    current = workspace.registry.current(name)
    tables = {port.name.table_path(port.version) for port in product.ports}
    tables |= {port.table_path for port in current.ports} if current else set()
    for table_path in sorted(tables):
        try:
            workspace.table(table_path).check()
        except LogError:
            _write_again(workspace, name, table_path)


def _write_again(workspace: Workspace, product: str, table_path: str) -> None:
    workspace.table(table_path).set_log_aside()
    for release in reversed(workspace.registry.releases(product)):
        for port in release.ports:
            if port.table_path == table_path and _is_there(workspace, port):
                _commit_again(workspace, release, port)


def _commit_again(workspace: Workspace, release: Attempt, port: PortRecord) -> int:
    record = _record(workspace, release, workspace.registry.checks(release.id))
    version = commit(workspace, record, port)
    workspace.registry.move(release.id, port.port, version)
    return version


def _align(workspace: Workspace, release: Attempt | None) -> None:
    """Make the Delta tables show the current release of the registry."""
    for port in release.ports if release else ():
        table = workspace.table(port.table_path)
        version = table.version_of(release.id) if release else None
        if release and version is None and _is_there(workspace, port):
            version = _commit_again(workspace, release, port)
        if release and version is not None:
            table.restore(version, {RESTORED_KEY: release.id})


def _is_there(workspace: Workspace, port: PortRecord) -> bool:
    return all(path.is_file() for path in paths(workspace.lake, port))


def _whole(workspace: Workspace, attempt: Attempt) -> bool:
    """Tell whether the staged files are those that were verified; a power cut may damage them."""
    return not any(damages(workspace.lake, [attempt], deep=True))


def _to_disk(path: Path) -> None:
    """Write a file's bytes to disk before the log names it, so that a power cut loses nothing."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
