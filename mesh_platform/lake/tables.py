"""One Delta table per major version of an output port; a release is one commit in its log.

The files of a commit are written before it, by the engine. The commit's metadata carries the
release, so that the registry could be rebuilt from the lake alone.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deltalake import CommitProperties, DeltaTable, Field, Schema, TableFeatures
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, create_table_with_add_actions

from mesh_platform.errors import MeshError

RELEASE_KEY = "mesh.release"


class ArrowSchema(Protocol):
    """Columns in any library's Arrow form."""

    def __arrow_c_schema__(self) -> object:
        """Export the schema; see the Arrow PyCapsule interface."""


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file of a release: name inside the table's folder, rows, bytes."""

    name: str
    rows: int
    bytes: int


class Table:
    """A Delta table in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def uri(self) -> str:
        """Where Delta engines find the table."""
        return str(self.folder)

    def commit(self, file: LakeFile, columns: ArrowSchema, metadata: dict[str, str]) -> int:
        """Make one staged file the table's whole content; repeating a release changes nothing.

        Args:
            file: the staged file, already in the table's folder.
            columns: its columns, as an Arrow schema; of types that `quality.storage` lets pass.
            metadata: goes into the commit; must name the release under `RELEASE_KEY`.

        Returns:
            The Delta version that holds the release.

        Raises:
            MeshError: the log cannot be written.
        """
        done = self.version_of(metadata[RELEASE_KEY])
        if done is not None:
            return done
        try:
            return self._commit(file, columns, CommitProperties(custom_metadata=dict(metadata)))
        except DeltaError as error:
            raise MeshError(
                f"the release cannot be committed to {self.folder}: {error}",
                fix="build again; nothing was released",
            ) from error

    def version_of(self, release: str) -> int | None:
        """Delta version of a release, or None where it never reached the log."""
        table = self._open()
        for entry in table.history() if table else ():
            if entry.get(RELEASE_KEY) == release:
                version: int = entry["version"]
                return version
        return None

    def restore(self, version: int, metadata: dict[str, str]) -> int:
        """Make an earlier version the table's content again, for engines that read Delta directly.

        Returns:
            The new version, or the current one where its content is already the same.

        Raises:
            MeshError: the version is gone.
        """
        table = self._require()
        try:
            if set(DeltaTable(self.uri, version=version).file_uris()) == set(table.file_uris()):
                return table.version()
            table.restore(version, commit_properties=CommitProperties(custom_metadata=metadata))
        except DeltaError as error:
            raise MeshError(
                f"version {version} of {self.folder} cannot be restored: {error}"
            ) from error
        return table.version()

    def undo(self, release: str) -> None:
        """Take a release that never became current out of the table's content."""
        version = self.version_of(release)
        if version is None:
            return
        if version == 0:
            shutil.rmtree(self.folder / "_delta_log")
        else:
            self.restore(version - 1, {"mesh.undone": release})

    def releases(self) -> dict[str, int]:
        """Every release in the log with its Delta version."""
        table = self._open()
        history = table.history() if table else []
        return {e[RELEASE_KEY]: e["version"] for e in reversed(history) if RELEASE_KEY in e}

    def _commit(self, file: LakeFile, columns: ArrowSchema, properties: CommitProperties) -> int:
        action = AddAction(
            path=file.name,
            size=file.bytes,
            partition_values={},
            data_change=True,
            modification_time=int(time.time() * 1000),
            stats=json.dumps({"numRecords": file.rows}),
        )
        schema = _delta_schema(columns)
        table = self._ready_for(schema)
        if table is None:
            create_table_with_add_actions(
                self.uri,
                schema,
                [action],
                mode="error",
                partition_by=[],
                commit_properties=properties,
            )
            return 0
        table.create_write_transaction(
            [action],
            mode="overwrite",
            schema=schema,
            partition_by=[],
            commit_properties=properties,
        )
        table.update_incremental()
        return table.version()

    def _ready_for(self, schema: Schema) -> DeltaTable | None:
        """The table, which may hold timestamps without a zone where the schema has one.

        A table has to say so. The library sets that by itself only when it creates the table, and
        overlooks maps; then a version without content comes before the first release.
        """
        table, written = self._open(), schema.to_json()
        if '"timestamp_ntz"' not in written:
            return table
        if table is None and '"map"' in written:
            local_time = Schema([Field("at", PrimitiveType("timestamp_ntz"))])
            create_table_with_add_actions(self.uri, local_time, [], mode="error", partition_by=[])
            return self._open()
        if table is not None and "timestampNtz" not in (table.protocol().writer_features or ()):
            table.alter.add_feature(
                TableFeatures.TimestampWithoutTimezone, allow_protocol_versions_increase=True
            )
        return table

    def _open(self) -> DeltaTable | None:
        try:
            return DeltaTable(self.uri)
        except TableNotFoundError:
            return None

    def _require(self) -> DeltaTable:
        table = self._open()
        if table is None:
            raise MeshError(f"there is no Delta table in {self.folder}", fix="run `mesh build`")
        return table


def _delta_schema(columns: ArrowSchema) -> Schema:
    """Columns as the log declares them; types that Delta lacks are refused long before."""
    try:
        return Schema.from_arrow(columns)
    except Exception as error:
        raise MeshError(f"Delta cannot hold these columns: {str(error).splitlines()[0]}") from error
