"""Combine a mesh with the registry and folders of one environment, for every use case."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from mesh_platform.engines.dbt.runner import Dbt, DbtHere, DbtPlaces
from mesh_platform.engines.duckdb.limits import memory_limit
from mesh_platform.environments.known_releases import registry_too_old, unknown_release
from mesh_platform.environments.locks import in_use
from mesh_platform.environments.promises import released_ports
from mesh_platform.environments.stored import Damage, DamagedError, paths, port_damages
from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT, option_of
from mesh_platform.errors import LogError, MeshError
from mesh_platform.files import resolved
from mesh_platform.model.dbt_project import SHARED_DBT
from mesh_platform.model.loader import load_mesh, refuse_address
from mesh_platform.model.mesh import Domain, Mesh, Port
from mesh_platform.model.naming import ProductName, major, valid_segment
from mesh_platform.redaction import publish
from mesh_platform.state.records import (
    Attempt,
    CheckCounts,
    CheckRecord,
    Followed,
    InputRecord,
    PortRecord,
)

if TYPE_CHECKING:
    from mesh_platform.state.store import Registry
    from mesh_platform.storage.tables import Table

_LOOK_SECONDS = 0.2
"""Seconds to wait for a domain's lock, because `is_held` takes it for a moment."""
DEFERS_TO = "defers_to"
"""Name of the registry's setting for the environment to read what was not built here."""


def port_of(release: Attempt, name: str) -> PortRecord:
    """Return the record of a port in a release.

    Raises:
        MeshError: the release has none of that name.
    """
    record = release.port(name)
    if record is None:
        raise MeshError(
            f"release {release.number} of {release.product} has no port `{name}`",
            fix=f"mesh releases {release.product}",
        )
    return record


@dataclass(frozen=True)
class Workspace:
    """Hold the mesh at `mesh.root`, seen through one environment."""

    mesh: Mesh
    environment: str
    dbt: Dbt = field(default_factory=DbtHere, repr=False, compare=False)

    @classmethod
    def open(
        cls, root: Path, environment: str = DEFAULT_ENVIRONMENT, *, processes: int = 1
    ) -> Workspace:
        """Read the mesh in up to that many processes; open folders and registry on first use.

        Where files of a product cannot be read, its ports are those of its current release.

        Raises:
            MeshError: the mesh cannot be read, the environment's name is no name, the limit of
                memory no amount, or the mesh's path one that databases read otherwise.
        """
        memory_limit()  # before a worker ends by it
        refuse_address(resolved(root))
        if not valid_segment(environment):
            raise MeshError(
                f"`{environment}` cannot name an environment",
                fix="use lower-case letters, digits and `_`",
            )
        publish([environment])
        found = cls(load_mesh(resolved(root), os.environ, processes=processes), environment)
        return found.with_released(found._of_unread())

    def with_released(self, releases: Iterable[Attempt]) -> Workspace:
        """Return the same with the ports of releases as they were promised, where files differ."""
        ports = released_ports(self, releases)
        return replace(self, mesh=self.mesh.with_released(ports)) if ports else self

    def _of_unread(self) -> Iterator[Attempt]:
        """Yield the current releases of products whose files cannot be read."""
        if self.mesh.unread and self.begun:
            with suppress(MeshError):  # who reads a release is told of the registry
                current = map(self.current, map(str, self.mesh.unread))
                yield from (release for release in current if release is not None)

    @property
    def home(self) -> Path:
        """Return the folder of everything that this environment writes."""
        return self.mesh.root / ".mesh" / self.environment

    @property
    def option(self) -> str:
        """Return the option of a command that names this environment."""
        return option_of(self.environment)

    @property
    def dagster_home(self) -> Path:
        """Return the folder of the environment's Dagster instance."""
        return self.home / "dagster"

    @property
    def lake(self) -> Path:
        """Return the folder of the environment's Delta tables."""
        return self.home / "lake"

    @cached_property
    def registry(self) -> Registry:
        """Return the environment's registry, migrated to the installed version.

        Raises:
            MeshError: it cannot be opened, or it is missing where the lake holds releases.
        """
        from mesh_platform.state.database import open_database
        from mesh_platform.state.store import Registry

        self.home.mkdir(parents=True, exist_ok=True)
        return Registry(open_database(self.registry_url, self._refuse_to_forget))

    @property
    def registry_file(self) -> Path:
        """Return the database file of the environment's registry."""
        return self.home / "registry.db"

    @property
    def registry_url(self) -> str:
        """Return the URL by which the registry opens its database."""
        return f"sqlite:///{self.registry_file}"

    @property
    def begun(self) -> bool:
        """Tell whether anything was ever built here, or tried to."""
        return self.registry_file.is_file() or self._has_tables

    @property
    def _has_tables(self) -> bool:
        """Tell whether a release was ever committed to the lake."""
        return any(self.lake.glob("*/*/*/_delta_log"))

    def _refuse_to_forget(self) -> None:
        """Refuse an empty registry beside a lake with releases: numbers would start again at 1."""
        if self._has_tables:
            raise MeshError(
                f"the registry of `{self.environment}` is missing or empty, but its lake holds "
                f"releases: {self.lake}",
                fix=f"mesh doctor --rebuild-registry{self.option}",
            )

    @cached_property
    def beyond(self) -> Workspace | None:
        """Return the environment that this one defers to: read where nothing was built here.

        Raises:
            MeshError: it is gone.
        """
        name = self.registry.setting(DEFERS_TO)
        if name is None:
            return None
        if not self.at(name).begun:
            raise MeshError(
                f"`{self.environment}` defers to `{name}`, and there is no such environment",
                fix=f"mesh build --env {self.environment} --defer-to OTHER, or --no-defer",
            )
        return self.at(name)

    def at(self, environment: str | None) -> Workspace:
        """Return the same mesh, seen through another environment; None means this one."""
        if environment is None or environment == self.environment:
            return self
        if environment not in self._others:
            self._others[environment] = replace(self, environment=environment)
        return self._others[environment]

    @cached_property
    def _others(self) -> dict[str, Workspace]:
        return {}

    def lend(self, release: Attempt) -> Attempt:
        """Mark a release with its environment, as another environment sees it."""
        return replace(release, environment=release.environment or self.environment)

    def home_of(self, release: Attempt) -> Workspace:
        """Return the environment that a release was found in."""
        return self.at(release.environment)

    def current(self, product: str) -> Attempt | None:
        """Return a product's release that is read here: built here or where this defers to."""
        found = self.registry.current(product)
        if found is None and self.beyond and (there := self.beyond.current(product)):
            found = self.beyond.lend(there)
        return found

    def all_current(self) -> dict[str, Attempt]:
        """Return the release of every product that is read here."""
        other = self.beyond
        there = other.all_current() if other else {}
        lent = {product: other.lend(item) for product, item in there.items() if other}
        return lent | self.registry.all_current()

    def pinned(self, release: Attempt, item: InputRecord | Followed) -> Attempt | None:
        """Return the release that another one read or followed; None where it is unknown now."""
        home = self.home_of(release).at(item.environment)
        found = home.registry.get(item.release_id) if home.begun else None
        return home.lend(found) if found and home.environment != self.environment else found

    def checks(self, release: Attempt | None) -> tuple[CheckRecord, ...]:
        """Return the check results of a release, wherever it was built."""
        return tuple(self.home_of(release).registry.checks(release.id)) if release else ()

    def counts(self, attempts: Iterable[Attempt]) -> dict[str, CheckCounts]:
        """Return the number of checks by outcome for each attempt by id, wherever it was made."""
        found: dict[str | None, list[str]] = {}
        for attempt in attempts:
            found.setdefault(attempt.environment, []).append(attempt.id)
        return {
            attempt_id: counts
            for place, ids in found.items()
            for attempt_id, counts in self.at(place).registry.check_counts(ids).items()
        }

    def work(self, domain: str) -> Path:
        """Return a domain's private folder: warehouse, dbt's target and logs, unpacked sources."""
        return self.home / "domains" / domain

    def warehouse(self, domain: str) -> Path:
        """Return the domain's private DuckDB file."""
        return self.work(domain) / "warehouse.duckdb"

    def dbt_places(self, domain: Domain) -> DbtPlaces:
        """Return where the domain's dbt project is, and where dbt may write."""
        work = self.work(domain.name)
        return DbtPlaces(
            folder=domain.folder,
            shared=self.mesh.root / SHARED_DBT,
            work=work / "dbt",
            warehouse=self.warehouse(domain.name),
            mounts=work / "mounts.json",
            packages_lock=self.home.parent / "dbt-packages" / f"{domain.name}.lock",
        )

    def table(self, table_path: str) -> Table:
        """Return the Delta table at a path of the lake."""
        from mesh_platform.storage.tables import Table

        return Table(self.lake / table_path)

    def release(self, product: ProductName, number: int | None = None) -> Attempt:
        """Return a product's release of that number, or the current one.

        Numbers are those of the environment in which the product is read.

        Raises:
            MeshError: there is none.
        """
        name = str(product)
        current = found = self.current(name)
        way = self.mesh.way_to_build(product) or f"mesh build +{name}{self.option}"
        what = "no release yet"
        if number is not None:
            home = self.home_of(current) if current else self
            found = home.registry.release(name, number)
            if found and home is not self:
                found = home.lend(found)
            what, way = f"no release {number}", f"mesh releases {name}{self.option}"
        if found is None:
            raise MeshError(f"{name} has {what}", fix=way)
        return found

    def find(self, text: str, number: int | None = None) -> tuple[Port, Attempt]:
        """Return a port by its name and a release of it.

        Without `@`, a major that the release lacks gives way to the newest one that it has.

        Raises:
            MeshError: there is no such port or release.
        """
        port = self.mesh.port(text)
        release = self.release(port.name.product, number)
        if "@" not in text and release.port(port.name.name) is None:
            majors = [p for p in self.mesh.ports.values() if p.name.path == port.name.path]
            there = [p for p in majors if release.port(p.name.name) is not None]
            port = max(there, key=lambda p: major(p.version), default=port)
        return port, release

    def files(self, release: Attempt, port: str, *, deep: bool = False) -> tuple[str, ...]:
        """Return the Parquet files of one port of a release, each of the size that was released.

        Args:
            release: the release, also of another environment.
            port: name of the port.
            deep: compare digests, too.

        Raises:
            MeshError: the release has no such port, or the registry is older than the lake.
            DamagedError: a file is gone, or is not what was released.
        """
        record, home = port_of(release, port), self.home_of(release)
        home.refuse_if_behind(release.product)
        for damage in port_damages(home.lake, release, record, deep=deep):
            raise home.damaged(damage)
        return tuple(map(str, paths(home.lake, record)))

    def refuse_if_behind(self, product: str) -> None:
        """Compare the Delta logs of all ports of a product, former majors too, with the registry.

        Raises:
            MeshError: the registry lacks a release of them.
        """
        from mesh_platform.storage.tables import table_folders

        for folder in table_folders(self.lake, product):
            with suppress(LogError):  # the registry knows the files, whatever is wrong with a log
                if unknown := unknown_release(self.table(folder.as_posix()), self.registry):
                    raise registry_too_old(product, unknown, self.environment, self.option)

    def damaged(self, damage: Damage) -> DamagedError:
        """Return the error to raise for a damaged file of this environment."""
        read = self.registry.current(damage.release.product)
        return damage.error(
            self.option,
            others=self.has_others(damage.release),
            current=read is not None and read.id == damage.release.id,
        )

    def has_others(self, release: Attempt) -> bool:
        """Tell whether this environment has another release of the same product."""
        return len(self.registry.releases(release.product)) > 1

    def environments(self) -> list[str]:
        """Return the names of all environments in which something was built."""
        folders = (path.name for path in self.home.parent.glob("*") if path.is_dir())
        return sorted(name for name in folders if valid_segment(name) and self.at(name).begun)

    @contextmanager
    def only_builder(self, domain: str, waits: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the domain for one process and thread.

        Args:
            domain: the domain.
            waits: called once when another build holds the domain, before waiting for it;
                without it the call does not wait.

        Raises:
            MeshError: the domain is held and `waits` is not given.
        """
        with in_use(self.home):
            yield from self._held(domain, waits)

    def is_held(self, domain: str) -> bool:
        """Tell whether a build, a rollback or a promotion works in a domain right now."""
        try:
            FileLock(self._build_lock(domain)).acquire(timeout=0).lock.release()
        except Timeout:
            return True
        return False

    def _build_lock(self, domain: str) -> Path:
        folder = self.work(domain)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / "build.lock"

    def _held(self, domain: str, waits: Callable[[], None] | None) -> Iterator[None]:
        lock = FileLock(self._build_lock(domain))
        try:
            lock.acquire(timeout=_LOOK_SECONDS)
        except Timeout as error:
            if waits is None:
                raise MeshError(
                    f"`{domain}` is being built right now", fix="wait until it ends, then try again"
                ) from error
            waits()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
