"""A plan for people: each change with whom it reaches, the builds, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from mesh_platform.cli.forms.plan_reach import STANDS, does, explained, told_once
from mesh_platform.cli.forms.report import without_repeats
from mesh_platform.cli.output import joined, size, styled, table
from mesh_platform.contract_diff.values import Level, in_words
from mesh_platform.errors import listed
from mesh_platform.lineage.usage import Use
from mesh_platform.model.findings import Finding
from mesh_platform.planning.cost import Cost
from mesh_platform.planning.impact import Affected
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep

_COLOR = {Level.MAJOR: "red", Level.MINOR: "yellow", Level.PATCH: "dim"}
_SHOWN_CONSUMERS = 10


def plan_text(made: Plan) -> RenderableType:
    """The plan as people read it."""
    parts: list[RenderableType] = [styled(f"compared with {made.against}")]
    for product in made.products:
        parts += ["", *_product(product, made.option)]
    parts += [part for line in _unknown(made) for part in ("", line)]
    if not made.products and not made.unread:
        parts += ["", "no promise changes"]
    parts += ["", *_builds(made)]
    for finding in without_repeats(made.findings):
        parts += ["", _finding(finding)]
    parts += ["", _verdict(made)]
    return Group(*parts)


def _finding(finding: Finding) -> Text:
    """Return what blocks, whole; of a warning, what and where: `mesh check` has the rest."""
    if finding.blocking:
        return styled(str(finding), style="red")
    short = replace(finding, why=None, standing=None, waiver=None)
    return styled(f"warning: {short}", style="yellow")


def _unknown(made: Plan) -> Iterator[Text]:
    """Yield what the plan cannot tell."""
    if made.unread:
        names = listed([*map(str, made.unread)])
        yield styled(f"nothing is known of {names}: the files have errors")
    if made.undescribed:
        names = listed([*map(str, made.undescribed)])
        yield styled(
            f"of {names} only the ports are compared: their releases are older than the platform's"
            " memory of descriptors; the next ones are whole"
        )


def _product(product: ProductPlan, option: str) -> Iterator[RenderableType]:
    yield styled(f"{product.name}{_heading(product)}", style="bold")
    for planned in told_once(product):
        change = planned.change
        level = styled(f"{change.level.word:<6}", _COLOR[change.level])
        yield joined("  ", level, f"{_where(planned)}{in_words(change)}")
        yield from (styled(f"         {line}", style="dim") for line in explained(change))
        yield from (styled(f"         → {line}") for line in _reached_lines(planned.consumers))
    for step in product.versions:
        yield _version(product, step)
    if product.gone:
        way = f"mesh product retire {product.name}{option}"
        yield styled(f"  its data stays as it is until `{way}`")


def _heading(product: ProductPlan) -> str:
    if product.known_as is None:
        return "  new: it may change freely until its first release"
    return f"  against {product.known_as}"


def _where(planned: PlannedChange) -> str:
    alone = planned.port is None or planned.port == str(planned.product)
    return "" if alone else f"{planned.port}: "


def _reached_lines(consumers: tuple[Affected, ...]) -> Iterator[str]:
    """One line for each consumer; one for all who read the port as a whole."""
    whole = [reached for reached in consumers if reached.uses == {Use.WHOLE}]
    if whole:
        names = listed([f"{each.product}{STANDS[each.stand]}" for each in whole])
        yield f"everyone who reads the port: {names}"
    others = [reached for reached in consumers if reached.uses != {Use.WHOLE}]
    yield from map(_reached, others[:_SHOWN_CONSUMERS])
    if len(others) > _SHOWN_CONSUMERS:
        yield f"and {len(others) - _SHOWN_CONSUMERS} more: `--output json` names them all"


def _reached(reached: Affected) -> str:
    return f"{reached.product} ({reached.team}) {does(reached, lambda name: f'`{name}`')}"


def _version(product: ProductPlan, step: VersionStep) -> Text:
    of = f"port {step.port}" if step.port else f"product {product.name}"
    if step.enough:
        return styled(f"  version of {of}: {step.before} → {step.now}, enough", style="green")
    return styled(
        f"  version of {of}: was {step.before}, must be {step.required} or more, is {step.now}",
        style="red",
    )


def _builds(made: Plan) -> Iterator[RenderableType]:
    if made.broken:
        names = listed(list(made.broken))
        way = f"mesh check {' '.join(made.broken)}"
        yield styled(f"nothing of {names} can be built, the files have errors: {way}", style="red")
    if not made.builds:
        others = "all other products" if made.broken else "all products"
        yield f"a build would make nothing: {others} are up to date"
        return
    known = made.cost is not None
    yield f"a build would make, {'by the last releases' if known else 'at a cost not known yet'}:"
    rows = [(str(s.product), *_cost(s.cost), s.reason) for s in made.builds]
    new = known and any(step.cost is None for step in made.builds)
    rows.append(("together", *_cost(made.cost), "and what is new" if new else ""))
    yield table(("product", "#rows", "#size", "#seconds", "because"), rows)


def _cost(cost: Cost | None) -> tuple[str, str, str]:
    if cost is None:
        return "?", "?", "?"
    return f"{cost.rows:,}", size(cost.bytes), f"{cost.seconds:.1f}"


def _verdict(made: Plan) -> Text:
    blocking = sum(finding.blocking for finding in made.findings)
    if blocking:
        return styled(f"{blocking} to settle before this is merged", style="bold red")
    return styled("nothing stands against this change", style="bold green")
