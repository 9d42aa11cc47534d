"""Fills the registry of an environment with what the commits of its lake say.

What the registry still knows stays; one that cannot be opened is set aside, never deleted. Failed
attempts, rows that broke a check and the history of compliance are in no commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mesh_platform.environments.locks import gate, users
from mesh_platform.environments.workspace import DEFERS_TO, Workspace
from mesh_platform.errors import LogError, MeshError
from mesh_platform.release.commit_metadata import ORIGIN_KEY, ReleaseRecord, promises_of, read
from mesh_platform.state.database import RegistryError, look_at_all, open_database
from mesh_platform.state.records import (
    Attempt,
    ContractRecord,
    FileRecord,
    Origin,
    PortRecord,
    State,
)
from mesh_platform.state.store import Registry
from mesh_platform.storage.tables import RELEASE_KEY, UNDONE_KEY, LogEntry, Table, table_folders


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Hold what a registry was given back; `aside` is the damaged one, `problems` what is lost.

    `releases` counts what it did not know, by product; `current` is the release of each of them
    that is read now.
    """

    releases: dict[str, int]
    current: dict[str, int]
    aside: Path | None
    problems: tuple[str, ...]


def rebuild_registry(workspace: Workspace) -> Rebuilt:
    """Restore every release of the lake that the registry does not know.

    Raises:
        MeshError: somebody works in the environment.
    """
    with gate(workspace.home.parent):
        if busy := users(workspace.home):
            raise MeshError(
                f"`{workspace.environment}` is in use by process {busy[0]}",
                fix="wait until it ends, or stop `mesh up`, then try again",
            )
        aside = _set_aside(workspace)
        registry = Registry(open_database(workspace.registry_url))
        lake = _Lake(workspace.lake)
        known = {item.id for item in lake.releases if registry.get(item.id)}
        new = [record for record in lake.records if record.attempt.id not in known]
        products = {record.attempt.product for record in new}
        current = {name: id_ for name, id_ in lake.current.items() if name in products}
        _restore(registry, lake, new, current)
        if aside is not None or not known:
            _defer_again(registry, new)
    return Rebuilt(_counted(new), _numbers(registry, products), aside, tuple(lake.problems))


def _set_aside(workspace: Workspace) -> Path | None:
    """Move a registry away that cannot be used, with what SQLite keeps beside it."""
    file = workspace.registry_file
    try:
        engine = open_database(workspace.registry_url)
        try:
            look_at_all(engine)
            for product in Registry(engine).all_current():
                Registry(engine).releases(product)
        finally:
            engine.dispose()
    except RegistryError:
        aside = file.with_name(f"{file.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        for ending in ("", "-wal", "-shm"):
            part = file.with_name(file.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
        return aside
    return None


def _restore(
    registry: Registry, lake: _Lake, new: list[ReleaseRecord], current: dict[str, str]
) -> None:
    releases = [record.attempt for record in new]
    checks = {record.attempt.id: record.checks for record in new}
    registry.restore(releases, checks, lake.promises.values(), current)


def _defer_again(registry: Registry, records: list[ReleaseRecord]) -> None:
    if records and (name := records[-1].defers_to):
        registry.set(DEFERS_TO, name)


def _counted(records: Iterable[ReleaseRecord]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in records:
        counts[record.attempt.product] = counts.get(record.attempt.product, 0) + 1
    return counts


def _numbers(registry: Registry, products: Iterable[str]) -> dict[str, int]:
    now = registry.all_current()
    return {name: now[name].number or 0 for name in sorted(products) if name in now}


@dataclass(slots=True)
class _Found:
    """A release as it is put together from the logs of its tables."""

    record: ReleaseRecord
    ports: dict[str, PortRecord] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Tell whether each of its ports is in the log of its table."""
        return {port.table_path for port in self.record.attempt.ports} <= self.ports.keys()

    @property
    def whole(self) -> ReleaseRecord:
        ports = sorted(self.ports.values(), key=lambda port: port.port)
        return replace(self.record, attempt=replace(self.record.attempt, ports=tuple(ports)))


class _Lake:
    """Everything that the logs of a lake say of its releases."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.problems = folder, list[str]()
        self._found: dict[str, _Found] = {}
        self._shown: dict[str, tuple[frozenset[str], datetime]] = {}
        self.promises: dict[str, ContractRecord] = {}
        for path in table_folders(folder):
            self._read(path.as_posix())
        complete = [found.whole for found in self._found.values() if found.complete]
        self.records = _numbered(sorted(complete, key=_when))
        self.releases = [record.attempt for record in self.records]

    @property
    def current(self) -> dict[str, str]:
        """The release of each product whose files its tables show; the last that was shown."""
        shown: dict[str, tuple[datetime, int, str]] = {}
        for item in self.releases:
            moments = [self._shown_since(port) for port in item.ports]
            if None not in moments:
                last = max(moment for moment in moments if moment)
                best = shown.get(item.product, (datetime.min.replace(tzinfo=UTC), 0, ""))
                shown[item.product] = max(best, (last, item.number or 0, item.id))
        return {product: best[2] for product, best in shown.items()}

    def _shown_since(self, port: PortRecord) -> datetime | None:
        names, since = self._shown.get(port.table_path, (frozenset(), None))
        return since if names == {file.name for file in port.files} else None

    def _read(self, table_path: str) -> None:
        table, undone = Table(self.folder / table_path), set[str]()
        try:
            entries = table.entries()
            shown = frozenset(file.name for file in table.files())
            self._shown[table_path] = (shown, entries[0].at)
        except LogError as error:
            self.problems.append(error.message)
            return
        for entry in entries:
            self.promises |= {promise.digest: promise for promise in promises_of(entry.metadata)}
            undone.add(entry.metadata.get(UNDONE_KEY, ""))
            release = entry.metadata.get(RELEASE_KEY)
            if release and release not in undone:
                self._add(table, table_path, entry)

    def _add(self, table: Table, table_path: str, entry: LogEntry) -> None:
        try:
            record = read(entry.metadata) or _from_before(table, table_path, entry)
        except (ValueError, LogError) as error:
            self.problems.append(f"{table.folder}, version {entry.version}: {error}")
            return
        found = self._found.setdefault(record.attempt.id, _Found(record))
        for port in record.attempt.ports:
            if port.table_path == table_path:
                found.ports[table_path] = replace(port, table_version=entry.version)


def _from_before(table: Table, table_path: str, entry: LogEntry) -> ReleaseRecord:
    """A release whose commit says little, because an earlier version of the platform made it."""
    said = entry.metadata
    files = (FileRecord(f.name, f.rows, f.bytes) for f in table.files(entry.version))
    port = PortRecord(
        port=said["mesh.port"],
        version=said["mesh.version"],
        table_path=table_path,
        files=tuple(files),
        columns=table.columns(entry.version),
        contract_digest=said["mesh.contract"],
    )
    origin = said.get(ORIGIN_KEY)
    return ReleaseRecord(
        Attempt(
            id=said[RELEASE_KEY],
            product=said["mesh.product"],
            state=State.RELEASED,
            number=None,
            version=port.version,
            fingerprint=said["mesh.fingerprint"],
            code_version="",
            started_at=entry.at,
            ended_at=entry.at,
            ports=(port,),
            origin=Origin(origin, "unknown", 0) if origin else None,
        )
    )


def _when(record: ReleaseRecord) -> tuple[datetime, str]:
    return record.attempt.ended_at or record.attempt.started_at, record.attempt.id


def _numbered(records: list[ReleaseRecord]) -> list[ReleaseRecord]:
    """Give numbers to releases from before they were recorded: those that come before the known."""
    unknown: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for record in records:
        item = record.attempt
        if item.number is None:
            unknown.setdefault(item.product, []).append(item.id)
        else:
            first[item.product] = min(item.number, first.get(item.product, item.number))
    numbers = dict(_counted_back(unknown, first))
    return [
        replace(r, attempt=replace(r.attempt, number=r.attempt.number or numbers[r.attempt.id]))
        for r in records
    ]


def _counted_back(
    unknown: dict[str, list[str]], first: dict[str, int]
) -> Iterator[tuple[str, int]]:
    for product, ids in unknown.items():
        start = max(first.get(product, len(ids) + 1) - len(ids), 1)
        yield from ((release, start + place) for place, release in enumerate(ids))
