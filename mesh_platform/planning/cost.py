"""What a build would cost, expected from the last releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh_platform.model.naming import ProductName


@dataclass(frozen=True, slots=True)
class Cost:
    """Rows and bytes written, and seconds; of a last release, or summed over several."""

    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One product that a build would make; `cost` is None where none was ever released."""

    product: ProductName
    reason: str
    cost: Cost | None


def total(steps: Sequence[BuildStep]) -> Cost | None:
    """What is known of all steps together; None where nothing is known of any."""
    known = [step.cost for step in steps if step.cost is not None]
    if steps and not known:
        return None
    return Cost(
        sum(cost.rows for cost in known),
        sum(cost.bytes for cost in known),
        sum(cost.seconds for cost in known),
    )
