"""What became of a product in a build, for the command line and Dagster alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mesh_platform.engine.dbt import NodeResult
from mesh_platform.model.mesh import Product
from mesh_platform.registry.records import Attempt, CheckCounts, CheckRecord


class Verdict(StrEnum):
    """How a product came out of a build."""

    RELEASED = "released"
    UP_TO_DATE = "up_to_date"
    WAITS = "waits"
    FAILED = "failed"


class Step(StrEnum):
    """Where a product is in the life of its release."""

    WAITING = "waiting for another build of the domain"
    MODELS = "building models"
    STAGING = "staging"
    VERIFYING = "verifying"
    PUBLISHING = "publishing"


Watch = Callable[[str, Step], None]
"""Told the product's name and the step it enters."""


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """One product's outcome; `release` is what consumers read now. One that waits keeps its own.

    `checks` are those of this build's attempt, or of the release that is up to date; `model_rows`
    the row count of each dbt model; `notices` what its team should know. `damaged` is true where
    released data that the build reads is not whole: consumers do not read the last good release.
    """

    product: Product
    verdict: Verdict
    seconds: float
    release: Attempt | None = None
    reason: str | None = None
    checks: tuple[CheckRecord, ...] = ()
    nodes: tuple[NodeResult, ...] = ()
    model_rows: dict[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    damaged: bool = False

    @classmethod
    def failed(cls, product: Product, release: Attempt | None, reason: str) -> ProductOutcome:
        """The outcome of a product that keeps its last good release, if it ever had one."""
        return cls(product, Verdict.FAILED, 0.0, release, reason)

    @property
    def counts(self) -> CheckCounts:
        """Checks by outcome."""
        return CheckCounts.of([record.result.outcome for record in self.checks])


@dataclass(frozen=True)
class Listener:
    """Who hears of steps and outcomes while products are built."""

    step: Watch = lambda _product, _step: None
    outcome: Callable[[ProductOutcome], None] = lambda _outcome: None
