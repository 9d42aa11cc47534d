"""Keep one Delta table per major version of an output port; a release is one commit in its log.

The files of a commit are written before it, by the engine. The commit's metadata carries the
release, so that the registry can be rebuilt from the lake alone: entries of the log are never
deleted, however old they are.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from deltalake import CommitProperties, DeltaTable, Field, Schema, TableFeatures
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, PostCommitHookProperties, create_table_with_add_actions

from mesh_platform.errors import LogError, MeshError

RELEASE_KEY = "mesh.release"
RESTORED_KEY = "mesh.restored"
UNDONE_KEY = "mesh.undone"
_PREPARED = "mesh.prepared"
"""Marks a commit that only makes a table ready for its first release."""
_OURS = "mesh."
_LOG = "_delta_log"
_KEEP_LOG = PostCommitHookProperties(cleanup_expired_logs=False)


class ArrowSchema(Protocol):
    """Describe columns in any library's Arrow form."""

    def __arrow_c_schema__(self) -> object:
        """Export the schema; see the Arrow PyCapsule interface."""


@dataclass(frozen=True, slots=True)
class LakeFile:
    """Hold a Parquet file of a release: name inside the table's folder, rows, bytes."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Hold one commit: its Delta version, its time, and the platform's own metadata.

    `only_told` tells whether it leaves the table as it is, as the commits of a vacuum do.
    """

    version: int
    at: datetime
    metadata: Mapping[str, str]
    only_told: bool = False

    @property
    def ours(self) -> bool:
        """Tell whether this platform made the commit, and no other program that knows Delta."""
        return bool(self.metadata)

    @property
    def release(self) -> str | None:
        """Return the id of the release that it holds."""
        return self.metadata.get(RELEASE_KEY)

    @property
    def restored(self) -> str | None:
        """Return the id of the earlier release that it shows again."""
        return self.metadata.get(RESTORED_KEY)

    @property
    def undone(self) -> str | None:
        """Return the id of the attempt that it takes back."""
        return self.metadata.get(UNDONE_KEY)


class Table:
    """Read and write a Delta table in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def uri(self) -> str:
        """Return where Delta engines find the table."""
        return str(self.folder)

    def commit(
        self, files: Sequence[LakeFile], columns: ArrowSchema, metadata: dict[str, str]
    ) -> int:
        """Make staged files the table's whole content; repeating a release changes nothing.

        Args:
            files: the staged files, already in the table's folder.
            columns: their columns, as an Arrow schema; of types that `quality.storage` lets pass.
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
            return self._commit(files, columns, _fenced(metadata))
        except DeltaError as error:
            raise MeshError(
                f"the release cannot be committed to {self.folder}: {error}",
                fix="build again; nothing was released",
            ) from error

    def version_of(self, release: str) -> int | None:
        """Return the Delta version of a release, or None where it never reached the log."""
        found = (entry.version for entry in self.walk() if entry.release == release)
        return next(found, None)

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
            table.restore(
                version,
                commit_properties=_fenced(metadata),
                post_commithook_properties=_KEEP_LOG,
            )
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
            shutil.rmtree(self.folder / _LOG)
        else:
            self.restore(version - 1, {UNDONE_KEY: release})

    def releases(self) -> dict[str, int]:
        """Return every release in the log with its Delta version."""
        entries = reversed(self.entries())
        found = ((entry.release, entry.version) for entry in entries)
        return {release: version for release, version in found if release}

    def entries(self) -> list[LogEntry]:
        """Return all commits, newest first; none where there is no table.

        Raises:
            LogError: the log cannot be read.
        """
        return list(self.walk())

    def walk(self) -> Iterator[LogEntry]:
        """Yield all commits, newest first; each is read only when it is asked for.

        Raises:
            LogError: one cannot be read.
        """
        return map(_read_entry, self._entry_files())

    def newest(self) -> LogEntry | None:
        """Return the newest commit that changed the table; None where there is no log.

        Raises:
            LogError: an entry that is newer, or this one, cannot be read.
        """
        return next((entry for entry in self.walk() if not entry.only_told), None)

    def _entry_files(self) -> list[Path]:
        """Return the files of the log, newest first; the library miscounts past a damaged one."""
        found = (path for path in (self.folder / _LOG).glob("*.json") if path.stem.isdigit())
        return sorted(found, reverse=True)

    def check(self) -> None:
        """Read the whole log, as other engines would.

        Raises:
            LogError: an entry is damaged or missing.
        """
        self.refuse_gaps()
        self._open()
        self.entries()

    def refuse_gaps(self) -> None:
        """Refuse a log that lacks entries, by the names of its files alone.

        Those before the newest checkpoint are not needed to read the table.

        Raises:
            LogError: an entry is missing.
        """
        versions = {int(path.stem) for path in self._entry_files()}
        checkpoints = (self.folder / _LOG).glob("*.checkpoint*.*")
        whole = (name for path in checkpoints if (name := path.name.split(".")[0]).isdigit())
        first = max(map(int, whole), default=-1) + 1
        needed = range(first, max(versions, default=-1) + 1)
        lost = next((version for version in needed if version not in versions), None)
        if lost is not None:
            raise LogError(self.folder, f"its entry {lost:020}.json is missing")

    def files(self, version: int | None = None) -> list[LakeFile]:
        """Return the files of a version, or of the newest, as the log has them.

        Raises:
            LogError: the log cannot be read, or the version is gone.
        """
        try:
            actions = DeltaTable(self.uri, version=version).get_add_actions(flatten=True)
        except DeltaError as error:
            raise LogError(self.folder, _first_line(error)) from error
        columns = (actions.column(name) for name in ("path", "num_records", "size_bytes"))
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return [LakeFile(name, count or 0, size) for name, count, size in rows]

    def columns(self, version: int) -> tuple[str, ...]:
        """Return the names of the columns of a version.

        Raises:
            LogError: the log cannot be read, or the version is gone.
        """
        try:
            return tuple(f.name for f in DeltaTable(self.uri, version=version).schema().fields)
        except DeltaError as error:
            raise LogError(self.folder, _first_line(error)) from error

    def set_log_aside(self) -> Path:
        """Move the log away, so that its releases can be committed again; returns where it is."""
        aside = self.folder / f"{_LOG}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        (self.folder / _LOG).rename(aside)
        return aside

    def _commit(
        self, files: Sequence[LakeFile], columns: ArrowSchema, properties: CommitProperties
    ) -> int:
        actions: list[Any] = list(map(_action, files))
        schema = _delta_schema(columns)
        table = self._ready_for(schema)
        if table is None:
            create_table_with_add_actions(
                self.uri,
                schema,
                actions,
                mode="error",
                partition_by=[],
                commit_properties=properties,
                post_commithook_properties=_KEEP_LOG,
            )
            return 0
        table.create_write_transaction(
            actions,
            mode="overwrite",
            schema=schema,
            partition_by=[],
            commit_properties=properties,
            post_commithook_properties=_KEEP_LOG,
        )
        table.update_incremental()
        return table.version()

    def _ready_for(self, schema: Schema) -> DeltaTable | None:
        """Return the table, able to hold timestamps without a zone where the schema has one.

        A table has to say so. The library sets that by itself only when it creates the table, and
        overlooks maps; then a version without content comes before the first release.
        """
        table, written = self._open(), schema.to_json()
        if '"timestamp_ntz"' not in written:
            return table
        if table is None and '"map"' in written:
            local_time = Schema([Field("at", PrimitiveType("timestamp_ntz"))])
            create_table_with_add_actions(
                self.uri,
                local_time,
                [],
                mode="error",
                partition_by=[],
                commit_properties=_fenced(),
                post_commithook_properties=_KEEP_LOG,
            )
            return self._open()
        if table is not None and "timestampNtz" not in (table.protocol().writer_features or ()):
            table.alter.add_feature(
                TableFeatures.TimestampWithoutTimezone,
                allow_protocol_versions_increase=True,
                commit_properties=_fenced(),
            )
        return table

    def _open(self) -> DeltaTable | None:
        try:
            return DeltaTable(self.uri)
        except TableNotFoundError:
            return None
        except DeltaError as error:
            raise LogError(self.folder, _first_line(error)) from error

    def _require(self) -> DeltaTable:
        table = self._open()
        if table is None:
            raise MeshError(f"there is no Delta table in {self.folder}", fix="run `mesh build`")
        return table


def _fenced(metadata: Mapping[str, str] | None = None) -> CommitProperties:
    """Return the properties of a commit that fails where another writer was first.

    By default the library tries again on the newer version, and the table then holds the files of
    both writers.
    """
    own = dict(metadata or {_PREPARED: "true"})
    return CommitProperties(custom_metadata=own, max_commit_retries=0)


def _delta_schema(columns: ArrowSchema) -> Schema:
    """Return columns as the log declares them; types that Delta lacks are refused long before."""
    try:
        return Schema.from_arrow(columns)
    except Exception as error:
        raise MeshError(f"Delta cannot hold these columns: {str(error).splitlines()[0]}") from error


def table_folders(lake: Path, product: str = "*/*") -> list[Path]:
    """Return the folders of all tables of a lake, or of one product, as paths below the lake."""
    return sorted(path.parent.relative_to(lake) for path in lake.glob(f"{product}/*/{_LOG}"))


def _action(file: LakeFile) -> AddAction:
    return AddAction(
        path=file.name,
        size=file.bytes,
        partition_values={},
        data_change=True,
        modification_time=int(time.time() * 1000),
        stats=json.dumps({"numRecords": file.rows}),
    )


def _read_entry(path: Path) -> LogEntry:
    try:
        actions = [json.loads(line) for line in path.read_bytes().splitlines()]
        found = next(action["commitInfo"] for action in actions if "commitInfo" in action)
        at = datetime.fromtimestamp(found["timestamp"] / 1000, UTC)
        ours = {key: value for key, value in found.items() if key.startswith(_OURS)}
        only_told = not any(set(action) - {"commitInfo"} for action in actions)
        return LogEntry(int(path.stem), at, ours, only_told)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise LogError(path.parent.parent, f"its entry {path.name} is damaged") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
