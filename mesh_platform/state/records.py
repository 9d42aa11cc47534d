"""Define the frozen records that the registry hands out, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mesh_platform.checks.spec import CheckResult, Outcome


class State(StrEnum):
    """Life of an attempt to release: only a released one was ever seen by a consumer.

    A failed one is withdrawn when a later build finds its cause gone and nothing to do. One that
    somebody stopped, or that a crash ended, is interrupted: it says nothing about the product.
    """

    BUILDING = "building"
    VERIFIED = "verified"
    RELEASED = "released"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a port, by its name in the table's folder; the rest is known once it is staged.

    `digest` is the SHA-256 of its bytes, None for releases from before digests were kept.
    """

    name: str
    rows: int | None = None
    bytes: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class PortRecord:
    """One port of an attempt and its files; `table_version` is known once they are committed."""

    port: str
    version: str
    table_path: str
    files: tuple[FileRecord, ...]
    columns: tuple[str, ...]
    contract_digest: str
    table_version: int | None = None

    @property
    def rows(self) -> int | None:
        """Rows of all files, None before they are staged."""
        return _sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int | None:
        """Bytes of all files, None before they are staged."""
        return _sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """A promise as it was when a build was held against it, so that the verdict can be had again.

    `text` is the file's, `suite` the JSON of its expectations. A descriptor is kept like a
    contract, with the product's name as its id.
    """

    digest: str
    contract_id: str
    version: str
    file: str
    text: str
    suite: str | None = None


@dataclass(frozen=True, slots=True)
class InputRecord:
    """Hold which release of a provider's port was read, and in which other environment."""

    port: str
    release_id: str
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Hold where a promoted release was built; `release_id` is its identity wherever it goes."""

    release_id: str
    environment: str
    number: int


@dataclass(frozen=True, slots=True)
class Followed:
    """The release that was current when another was built, and the other environment it was in."""

    release_id: str
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """Hold the result of a check on a port of an attempt; a dbt test is of the product alone."""

    port: str | None
    result: CheckResult


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """Count checks by outcome."""

    passed: int = 0
    warned: int = 0
    failed: int = 0
    could_not_run: int = 0

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> CheckCounts:
        """Count outcomes."""
        return cls(**{outcome.value: outcomes.count(outcome) for outcome in Outcome})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to release a product; times are UTC, `seconds` is its duration.

    `environment` is set where the release was found in another one than the one that was asked.
    `descriptor_digest` finds the text of its descriptor among those of contracts. `follows` is the
    release of the product that was current when it was built, None for the first.
    """

    id: str
    product: str
    state: State
    number: int | None
    version: str
    fingerprint: str
    code_version: str
    started_at: datetime
    ended_at: datetime | None = None
    seconds: float | None = None
    reason: str | None = None
    ports: tuple[PortRecord, ...] = ()
    inputs: tuple[InputRecord, ...] = ()
    origin: Origin | None = None
    environment: str | None = None
    descriptor_digest: str | None = None
    follows: Followed | None = None

    @property
    def identity(self) -> str:
        """Return what is the same for this release in every environment, as its number is not."""
        return self.origin.release_id if self.origin else self.id

    def port(self, name: str) -> PortRecord | None:
        """The port of that name, if the attempt has it."""
        return next((port for port in self.ports if port.port == name), None)


def _sum(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


@dataclass(frozen=True, slots=True)
class PolicyVersionRecord:
    """Hold the rules of a moment; `rules` is JSON that `governance` understands."""

    digest: str
    rules: dict[str, object]


@dataclass(frozen=True, slots=True)
class ComplianceRecord:
    """Hold the compliance of a product, a domain or the mesh at a moment.

    `tallies` has four numbers for each policy: passed, violated, waived, could not run. `commit`
    is that of the files, with a `+` where they had been changed since; None where nobody knows.
    """

    at: datetime
    scope: str
    name: str
    score: float | None
    state: str
    level: int | None
    tallies: dict[str, list[int]]
    policy_version: str
    commit: str | None = None

    def says_the_same(self, other: ComplianceRecord) -> bool:
        """Tell whether there is no news in it, whenever it was."""
        return replace(self, at=other.at, commit=other.commit) == other
