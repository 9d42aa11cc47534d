"""Define the outcome of a product in a build, for the command line and Dagster alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.model.mesh import Product
from mesh_platform.state.records import Attempt, CheckCounts, CheckRecord


class Verdict(StrEnum):
    """Name how a product came out of a build."""

    RELEASED = "released"
    UP_TO_DATE = "up_to_date"
    WAITS = "waits"
    FAILED = "failed"


class Step(StrEnum):
    """Name where a product is in the life of its release."""

    WAITING = "waiting for another build of the domain"
    MODELS = "building models"
    STAGING = "staging"
    VERIFYING = "verifying"
    PUBLISHING = "publishing"


Watch = Callable[[str, Step], None]
"""Function that receives the product's name and the step that it enters."""


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """Hold one product's outcome; `release` is what consumers read now.

    `checks` are those of this build's attempt, or of the release that is up to date. `model_rows`
    is the row count of each dbt model, `notices` what its team should know. `damaged` is true where
    released data that the build reads, its own or a provider's, is not whole.
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
        """Return the outcome of a product that keeps its last good release, if it ever had one."""
        return cls(product, Verdict.FAILED, 0.0, release, reason)

    @property
    def counts(self) -> CheckCounts:
        """Return the number of checks by outcome."""
        return CheckCounts.of([record.result.outcome for record in self.checks])


@dataclass(frozen=True)
class Listener:
    """Hold the functions that receive steps and outcomes while products are built."""

    step: Watch = lambda _product, _step: None
    outcome: Callable[[ProductOutcome], None] = lambda _outcome: None
