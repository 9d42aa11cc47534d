"""Releases without dbt: the state that a build leaves in registry and lake, made by hand.

The data stands in for what a model would have returned; everything after it is the platform's.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from deltalake import DeltaTable

from mesh_platform.engines.duckdb.session import arrow_schema
from mesh_platform.environments.stored import paths, with_digests
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.contract import digest_of
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.inputs import resolve
from mesh_platform.release.publish import finish
from mesh_platform.release.verification import contract_records
from mesh_platform.state.database import open_database
from mesh_platform.state.records import Attempt, FileRecord, PortRecord, State
from mesh_platform.storage.tables import ArrowSchema
from tests.engines.duckdb.parquet import write_parquet
from tests.sessions import session


def begin(workspace: Workspace, name: str, *, write: bool = True) -> Attempt:
    """An attempt in the state building, one row of data staged for each port."""
    product = workspace.mesh.product(name)
    inputs = resolve(product, workspace.all_current())
    identity = str(uuid.uuid4())
    ports = tuple(
        PortRecord(
            port=port.name.name,
            version=port.version,
            table_path=port.name.table_path(port.version),
            files=(FileRecord(f"part-{identity}.parquet"),),
            columns=("a",),
            contract_digest=port.contract.digest,
        )
        for port in product.ports
    )
    attempt = Attempt(
        id=identity,
        product=name,
        state=State.BUILDING,
        number=None,
        version=product.version,
        fingerprint=fingerprint(workspace, product, inputs.identities),
        code_version="0.1.0",
        started_at=datetime.now(UTC),
        descriptor_digest=digest_of(product.text),
        ports=ports,
        inputs=inputs.records,
    )
    workspace.registry.begin(attempt, contract_records(product))
    for port in ports if write else ():
        (path,) = paths(workspace.lake, port)
        write_parquet(path, "a integer", [(len(workspace.registry.releases(name)) + 1,)])
    return attempt


def verify(workspace: Workspace, name: str) -> Attempt:
    """An attempt in the state verified."""
    attempt = begin(workspace, name)
    ports = tuple(replace(port, files=tuple(_measured(workspace, port))) for port in attempt.ports)
    digested = with_digests(workspace.lake, replace(attempt, ports=ports))
    workspace.registry.record(attempt.id, State.VERIFIED, digested.ports, ())
    found = workspace.registry.get(attempt.id)
    assert found is not None
    return found


def _measured(workspace: Workspace, port: PortRecord) -> Iterator[FileRecord]:
    for path in paths(workspace.lake, port):
        yield FileRecord(path.name, 1, path.stat().st_size)


def release(workspace: Workspace, name: str) -> Attempt:
    """A release, current."""
    attempt = verify(workspace, name)
    finish(workspace, attempt, {port.port: _schema(workspace, port) for port in attempt.ports})
    found = workspace.registry.get(attempt.id)
    assert found is not None
    return found


def _schema(workspace: Workspace, port: PortRecord) -> ArrowSchema:
    """Return what a build has at hand when it stages a file."""
    return arrow_schema(str(paths(workspace.lake, port)[0]), session())


def record_files(workspace: Workspace) -> None:
    """Record the files of all releases as they are now, as if they had been released so."""
    from sqlalchemy import text

    change = text("update port_file set bytes = :bytes, digest = :digest where name = :name")
    with open_database(workspace.registry_url).begin() as connection:
        for name in workspace.registry.products():
            for item in workspace.registry.releases(name):
                for port in with_digests(workspace.lake, item).ports:
                    for path, file in zip(paths(workspace.lake, port), port.files, strict=True):
                        size = path.stat().st_size
                        values = {"name": file.name, "digest": file.digest, "bytes": size}
                        connection.execute(change, values)


def staged_files(workspace: Workspace) -> set[str]:
    """Every data file in the lake, seen or not, with whatever a crash left beside it."""
    files = (path for path in workspace.lake.rglob("*") if path.is_file())
    return {path.name for path in files if "_delta_log" not in path.parts}


def released_files(workspace: Workspace, name: str) -> set[str]:
    """Data files of all releases of a product."""
    ports = (port for item in workspace.registry.releases(name) for port in item.ports)
    return {file.name for port in ports for file in port.files}


def delta_files(workspace: Workspace, table_path: str) -> list[str]:
    """Files that a Delta engine reads in a table now."""
    uris = DeltaTable(str(workspace.lake / table_path)).file_uris()
    return [uri.rsplit("/", 1)[1] for uri in uris]
