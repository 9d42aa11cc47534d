"""Compare the files of releases with what was recorded when they were released.

The size is compared whenever a file is read. The digest is compared on request, or where an engine
could not read the file: reading all bytes costs about as much as a query over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.state.records import Attempt, PortRecord
from mesh_platform.storage.files import CLOSED, GONE, damage, digest_of_file


@dataclass(frozen=True, slots=True)
class Damage:
    """Hold a file of a release that is not what was released; `what` completes the sentence."""

    release: Attempt
    port: str
    path: Path
    what: str

    @property
    def sentence(self) -> str:
        """Return what is damaged, without the way out."""
        there = f" in `{self.release.environment}`" if self.release.environment else ""
        number = f"release {self.release.number} of {self.release.product}{there}"
        if self.what == GONE:
            return f"the data of {number} is gone: {self.path}"
        if self.closed:
            return f"the data of {number} {CLOSED}: {self.path}"
        return f"the data of {number} is damaged: {self.path} {self.what}"

    @property
    def closed(self) -> bool:
        """Tell whether the state of the file is unknown, because this user may not read it."""
        return self.what == CLOSED

    def error(self, option: str, *, others: bool, current: bool) -> DamagedError:
        """Return the error to raise when the file is read; see `way_out`."""
        if current or self.closed:
            return DamagedError(self.sentence, fix=self.way_out(option, others=others))
        others_are = f"`mesh releases {self.release.product}{option}` lists the others"
        return DamagedError(self.sentence, fix=f"restore this file from a backup; {others_are}")

    def way_out(self, option: str, *, others: bool, deep: bool = True) -> str:
        """Return what to do about the damage.

        Args:
            option: names the environment of the release.
            others: whether the product has another release to go back to.
            deep: name the command that shows all damage.
        """
        if self.closed:
            return f"let this user read {self.path.parent} and the files in it"
        name = self.release.product
        more = f"; `mesh doctor --deep{option}` shows everything that is damaged" if deep else ""
        back = f", `mesh rollback {name} --to N{option}` goes back to another one" if others else ""
        return f"`mesh build {name} --full{option}` makes a new release{back}{more}"


class DamagedError(MeshError):
    """Data of a release is not what was released."""


def paths(lake: Path, port: PortRecord) -> tuple[Path, ...]:
    """Return the paths of the files of a port of a release."""
    return tuple(lake / port.table_path / file.name for file in port.files)


def with_digests(lake: Path, attempt: Attempt) -> Attempt:
    """Return an attempt with the digests of its staged files.

    Raises:
        MeshError: a file cannot be read.
    """
    try:
        ports = tuple(_digested(lake, port) for port in attempt.ports)
    except OSError as error:
        raise MeshError(f"what was staged cannot be read again: {error}") from error
    return replace(attempt, ports=ports)


def _digested(lake: Path, port: PortRecord) -> PortRecord:
    found = zip(paths(lake, port), port.files, strict=True)
    return replace(
        port, files=tuple(replace(file, digest=digest_of_file(path)) for path, file in found)
    )


def damages(lake: Path, releases: Iterable[Attempt], *, deep: bool) -> Iterator[Damage]:
    """Yield the damage in releases of one environment.

    Args:
        lake: folder of its Delta tables.
        releases: the releases to look at.
        deep: compare digests, too; it reads every byte.
    """
    for release in releases:
        for port in release.ports:
            yield from port_damages(lake, release, port, deep=deep)


def port_damages(lake: Path, release: Attempt, port: PortRecord, *, deep: bool) -> Iterator[Damage]:
    """Yield the damage in one port of a release; see `damages`."""
    for path, file in zip(paths(lake, port), port.files, strict=True):
        if what := damage(path, file.bytes, file.digest if deep else None):
            yield Damage(release, port.port, path, what)
