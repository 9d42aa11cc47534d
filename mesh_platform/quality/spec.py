"""What a check is and what it can say, known before any engine runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mesh_platform.errors import Place
from mesh_platform.model.contract import Severity, Threshold


class Kind(StrEnum):
    """What a check measures."""

    SCHEMA = "schema"
    REQUIRED = "required"
    UNIQUE = "unique"
    ALLOWED = "allowed"
    RANGE = "range"
    LENGTH = "length"
    PATTERN = "pattern"
    MULTIPLE = "multiple"
    ROW_COUNT = "row_count"
    SQL = "sql"
    UNSUPPORTED = "unsupported"


class Outcome(StrEnum):
    """The verdict on one check; could-not-run is never passed."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    COULD_NOT_RUN = "could_not_run"


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One promise that can be measured; the number it observes is held against the threshold."""

    name: str
    kind: Kind
    threshold: Threshold
    severity: Severity
    place: Place
    columns: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    query: str | None = None
    percent: bool = False
    description: str | None = None
    dimension: str | None = None
    business_impact: str | None = None

    @property
    def blocking(self) -> bool:
        """Whether a failure withholds the release."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What running one check on one release said."""

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

    @property
    def blocks(self) -> bool:
        """Whether this result withholds the release."""
        failed = self.outcome in (Outcome.FAILED, Outcome.COULD_NOT_RUN)
        return failed and self.severity == Severity.ERROR


def judge(spec: CheckSpec, observed: float) -> Outcome:
    """Hold an observed number against the promise."""
    if spec.threshold.holds(observed):
        return Outcome.PASSED
    return Outcome.FAILED if spec.blocking else Outcome.WARNED
