"""Say what a change is and whom it reaches, on a terminal and in a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mesh_platform.contract_diff.values import Change, Level, in_words
from mesh_platform.errors import Place, listed
from mesh_platform.lineage.usage import Use
from mesh_platform.model.findings import Finding
from mesh_platform.planning.impact import Affected, Stand
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan

USES = {
    Use.ROWS: "decides by it which rows there are",
    Use.NAMED: "names it in its SQL",
    Use.UNKNOWN: "may read it: its SQL cannot be followed",
}
"""What a consumer does with a column, besides making columns of it."""
STANDS = {Stand.READS: "", Stand.MOVED: " (has moved on)", Stand.AGREED: " (has agreed)"}
NOBODY = "no consumer is known"
"""Said of a break only: one whose files have errors may read it."""
_MOST_COLUMNS = 8
_MOST_CONSUMERS = 10
_MOST_CHARACTERS = 160


def explained(change: Change) -> Iterator[str]:
    """Yield why a change has its level; with what was and is said, where the sentence is silent."""
    if change.level is Level.PATCH:
        return
    harder = f" The data may not keep it yet: {change.producer.word} for the producer."
    is_harder = change.producer > change.level and bool(change.columns)
    yield change.why + (harder if is_harder else "")
    texts = (change.before, change.after)
    if all(isinstance(text, str) and _short(text) not in in_words(change) for text in texts):
        yield f"was: {_short(change.before)}"
        yield f"is:  {_short(change.after)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]} …"


def does(reached: Affected, named: Callable[[str], str]) -> str:
    """Return what a consumer does with what changes, how it gets it, and where it stands to it.

    Args:
        reached: the consumer.
        named: lays out the name of a column or port.
    """
    columns = [named(column.rsplit(".", 1)[-1]) for column in reached.columns]
    makes = [f"makes {listed(columns, _MOST_COLUMNS)} of it"] if columns else []
    uses = [said for use, said in USES.items() if use in reached.uses]
    whole = ["reads the port"] if Use.WHOLE in reached.uses else []
    way = [f"through {named(str(reached.through))}"] if reached.through else []
    return ", ".join((*makes, *uses, *whole, *way)) + STANDS[reached.stand]


def told_once(product: ProductPlan) -> list[PlannedChange]:
    """Its changes without what a contract says again of what the descriptor says."""
    told: set[tuple[str | None, str]] = set()
    found = []
    for planned in product.changes:
        alone = planned.port is None or planned.port == str(planned.product)
        words = (None if alone else planned.port, in_words(planned.change))
        if planned.consumers or words not in told:
            found.append(planned)
        told.add(words)
    return found


def breaks(made: Plan) -> tuple[Finding, ...]:
    """One for each breaking change, at its line: a warning while somebody still relies on it."""
    return tuple(
        _break(planned)
        for product in made.products
        for planned in told_once(product)
        if planned.change.level is Level.MAJOR
    )


def _break(planned: PlannedChange) -> Finding:
    change, consumers = planned.change, planned.consumers
    relied_on = any(reached.stand is Stand.READS for reached in consumers)
    return Finding(
        change.code,
        "\n".join((f"major: {in_words(change)}", *_whom(consumers))),
        planned.place or Place(""),
        product=planned.port or str(planned.product),
        severity="warning" if relied_on else "info",
        why=change.why,
        standing="",  # what stands against it are findings of their own
    )


def _whom(consumers: tuple[Affected, ...]) -> Iterator[str]:
    for reached in consumers[:_MOST_CONSUMERS]:
        team = f"{reached.team} <{reached.email}>"
        yield f"→ {reached.product} ({team}) {does(reached, lambda name: f'`{name}`')}"
    if len(consumers) > _MOST_CONSUMERS:
        yield f"→ and {len(consumers) - _MOST_CONSUMERS} more"
    if not consumers:
        yield f"→ {NOBODY}"
