"""Ten million order lines as in TPC-H's `lineitem`, ten of its columns, in a domain's warehouse.

DuckDB makes them from row numbers and their hashes: nothing to download, the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import mesh_platform
from mesh_platform.engines.duckdb.session import Connection, open_session
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.environments.stored import paths, with_digests
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.release.publish import finish
from mesh_platform.state.records import Attempt, FileRecord, PortRecord, State

ROWS = 10_000_000
TABLE = "lineitem"
_PORT = PortName(ProductName("bench", TABLE), TABLE)
_GENERATE = f"""
create table {TABLE} as
select
    (i // 4 + 1)::integer as orderkey,
    (hash(i) % 2000000 + 1)::integer as partkey,
    (hash(i + 1) % 100000 + 1)::integer as suppkey,
    (i % 4 + 1)::integer as linenumber,
    (hash(i + 2) % 50 + 1)::decimal(15, 2) as quantity,
    ((hash(i + 2) % 50 + 1) * (90000 + hash(i) % 110000) / 100)::decimal(15, 2) as extendedprice,
    (hash(i + 3) % 11 / 100)::decimal(15, 2) as discount,
    substr('ANNR', (hash(i + 4) % 4 + 1)::integer, 1) as returnflag,
    substr('FO', (hash(i + 5) % 2 + 1)::integer, 1) as linestatus,
    date '1992-01-02' + (hash(i + 6) % 2526)::integer as shipdate
from range({ROWS}) as numbers(i)
"""


@dataclass(frozen=True, slots=True)
class Lineitem:
    """The table and an empty mesh around it that can release it."""

    workspace: Workspace
    warehouse: Path
    columns: tuple[str, ...]

    @classmethod
    def generate(cls, folder: Path) -> Lineitem:
        """Make the table; the environment's registry and lake are made by its first release."""
        mesh = Mesh(
            name="bench", description="", root=folder, folder=folder, domains=(), findings=()
        )
        workspace = Workspace(mesh, "bench")
        path = workspace.warehouse(_PORT.product.domain)
        path.parent.mkdir(parents=True)
        session = open_session(path)
        session.execute(_GENERATE)
        session.close()
        with Warehouse(path) as warehouse:
            columns = tuple(column.name for column in warehouse.columns(TABLE))
        return cls(workspace, path, columns)

    @contextmanager
    def opened(self) -> Iterator[Connection]:
        """A session on the warehouse file, as the platform opens it."""
        session = open_session(self.warehouse)
        try:
            yield session
        finally:
            session.close()

    def release(self) -> Attempt:
        """Release the table the way a build does, but for the checks."""
        attempt = self._begin()
        record = attempt.ports[0]
        (target,) = paths(self.workspace.lake, record)
        with Warehouse(self.warehouse) as warehouse:
            warehouse.columns(TABLE)
            staged = warehouse.stage(TABLE, record.columns, target)
            warehouse.row_counts()
        file = FileRecord(target.name, staged.rows, staged.bytes)
        attempt = replace(attempt, ports=(replace(record, files=(file,)),))
        attempt = with_digests(self.workspace.lake, attempt)
        self.workspace.registry.record(attempt.id, State.VERIFIED, attempt.ports, ())
        finish(self.workspace, attempt, {record.port: staged.schema})
        return attempt

    def forget(self, release: Attempt) -> None:
        """Delete a release's data, so that turns do not fill the disk."""
        for file in self.files(release):
            Path(file).unlink()

    def files(self, release: Attempt) -> tuple[str, ...]:
        """Parquet files of a release."""
        return self.workspace.files(release, _PORT.name)

    def _begin(self) -> Attempt:
        name = str(uuid4())
        port = PortRecord(
            port=_PORT.name,
            version="1.0.0",
            table_path=_PORT.table_path("1.0.0"),
            files=(FileRecord(f"part-{name}.parquet"),),
            columns=self.columns,
            contract_digest="",
        )
        attempt = Attempt(
            id=name,
            product=str(_PORT.product),
            state=State.BUILDING,
            number=None,
            version=port.version,
            fingerprint=name,
            code_version=mesh_platform.__version__,
            started_at=datetime.now(UTC),
            ports=(port,),
        )
        self.workspace.registry.begin(attempt)
        return attempt
