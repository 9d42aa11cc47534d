"""Tell how each product is doing, in one word and with the reason, for all that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mesh_platform.environments.reading import first_damage
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Product
from mesh_platform.state.records import Attempt, CheckCounts, State

_UNDER_WAY = (State.BUILDING, State.VERIFIED)
_STOPPED = "the build was interrupted; the next one finishes it or cleans up"


@dataclass(frozen=True, slots=True)
class Condition:
    """Hold how a product is doing.

    `health` is damaged, failing, unreleased, warning or healthy. `state` is that of the last
    attempt, `reason` why it failed; a failure that was withdrawn has none any more. `counts` are
    the checks of the last attempt, or of the release where that attempt was withdrawn.
    """

    product: Product
    health: str
    release: Attempt | None
    last: Attempt | None
    state: State | None
    reason: str | None
    damage: str | None
    counts: CheckCounts


def conditions(workspace: Workspace, products: Iterable[Product]) -> list[Condition]:
    """Look at products: registry, locks, and the size of every current file."""
    released, last = workspace.all_current(), workspace.registry.last_attempts()
    counts = workspace.counts((*released.values(), *last.values()))
    return [
        _condition(workspace, product, released.get(name), last.get(name), counts)
        for product in products
        for name in (str(product.name),)
    ]


def _condition(
    workspace: Workspace,
    product: Product,
    release: Attempt | None,
    last: Attempt | None,
    counts: Mapping[str, CheckCounts],
) -> Condition:
    damage, checked = _damage(workspace, release), last
    if last and last.state is State.WITHDRAWN:
        checked = release
    state = _state(workspace, product, last)
    seen = counts.get(release.id, CheckCounts()) if release else None
    return Condition(
        product=product,
        health="damaged" if damage else _health(state, seen),
        release=release,
        last=last,
        state=state,
        reason=_reason(state, last),
        damage=damage,
        counts=counts.get(checked.id, CheckCounts()) if checked else CheckCounts(),
    )


def _damage(workspace: Workspace, release: Attempt | None) -> str | None:
    found = first_damage(workspace, release) if release else None
    return found.sentence if found else None


def _state(workspace: Workspace, product: Product, last: Attempt | None) -> State | None:
    """Return the state of an attempt; one that no process works at was interrupted."""
    if last is None:
        return None
    if last.state in _UNDER_WAY and not workspace.is_held(product.name.domain):
        return State.INTERRUPTED
    return last.state


def _health(state: State | None, release_counts: CheckCounts | None) -> str:
    if state is State.FAILED:
        return "failing"
    if release_counts is None:
        return "unreleased"
    return "warning" if release_counts.warned or release_counts.could_not_run else "healthy"


def _reason(state: State | None, last: Attempt | None) -> str | None:
    if state is State.INTERRUPTED:
        return (last.reason if last else None) or _STOPPED
    return last.reason if last and state is State.FAILED else None
