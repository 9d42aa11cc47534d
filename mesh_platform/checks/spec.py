"""Describe a check and its possible results before any engine runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mesh_platform.checks.suites import Expectation
from mesh_platform.checks.targets import Target
from mesh_platform.errors import Place
from mesh_platform.model.contract import Severity, Threshold
from mesh_platform.model.relationships import Reference
from mesh_platform.redaction import redacted


class Kind(StrEnum):
    """Name what a check measures."""

    SCHEMA = "schema"
    REQUIRED = "required"
    UNIQUE = "unique"
    ALLOWED = "allowed"
    RANGE = "range"
    LENGTH = "length"
    PATTERN = "pattern"
    MULTIPLE = "multiple"
    FORMAT = "format"
    ITEMS = "items"
    DISTINCT_ITEMS = "distinct_items"
    PROPERTIES = "properties"
    NORMALIZED = "normalized"
    FOREIGN_KEY = "foreign_key"
    ROW_COUNT = "row_count"
    SQL = "sql"
    EXPECTATION = "expectation"
    UNSUPPORTED = "unsupported"


class Outcome(StrEnum):
    """The verdict on one check; could-not-run is never passed."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    COULD_NOT_RUN = "could_not_run"


@dataclass(frozen=True, slots=True)
class Parent:
    """Hold the table that a foreign key points at, and the key's fields in it."""

    relation: tuple[str, str]
    keys: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One promise that can be measured; the number it observes is held against the threshold.

    `name` is as people write it until `derive` makes it one that Dagster accepts. `reason` says
    why it cannot be measured, and how to go on; such a check could not run.
    """

    name: str
    kind: Kind
    threshold: Threshold
    severity: Severity
    place: Place
    targets: tuple[Target, ...] = ()
    values: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    query: str | None = None
    references: tuple[Reference, ...] = ()
    parent: Parent | None = None
    expectation: Expectation | None = None
    percent: bool = False
    reason: str | None = None
    description: str | None = None
    dimension: str | None = None
    business_impact: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is about, as people write them."""
        return tuple(map(str, self.targets))

    @property
    def promise(self) -> str:
        """Return what must hold as it is written: a threshold, or an expectation with arguments."""
        if self.expectation is None:
            return str(self.threshold)
        told = ", ".join(f"{key}={value!r}" for key, value in self.expectation.kwargs.items())
        return f"{self.expectation.type}({told})"

    @property
    def blocking(self) -> bool:
        """Tell whether a failure withholds the release."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Hold the result of one check on one release."""

    check: str
    kind: str
    outcome: Outcome
    severity: str
    observed: float | None
    threshold: str
    message: str
    sql: str | None = None
    sample: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Keep the values of variables out of registry, Dagster and answers."""
        object.__setattr__(self, "message", redacted(self.message))
        object.__setattr__(self, "sql", redacted(self.sql) if self.sql else self.sql)

    @property
    def blocks(self) -> bool:
        """Tell whether this result withholds the release."""
        failed = self.outcome in (Outcome.FAILED, Outcome.COULD_NOT_RUN)
        return failed and self.severity == Severity.ERROR


def judge(spec: CheckSpec, observed: float) -> Outcome:
    """Hold an observed number against the promise."""
    if spec.threshold.holds(observed):
        return Outcome.PASSED
    return Outcome.FAILED if spec.blocking else Outcome.WARNED
