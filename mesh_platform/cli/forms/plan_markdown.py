"""A plan as Markdown for who reviews a pull request: what changes, whom it reaches, what it costs.

What stands against it follows as findings do everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mesh_platform.catalog.markdown import bullets, code, fitting, folded, row, table, words
from mesh_platform.cli.forms.plan_reach import STANDS, told_once
from mesh_platform.cli.forms.product_markdown import counted, matters, section
from mesh_platform.cli.output import size
from mesh_platform.contract_diff.values import Level
from mesh_platform.errors import listed, several
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.cost import BuildStep, Cost
from mesh_platform.planning.impact import Stand
from mesh_platform.planning.plan import Plan, ProductPlan

_MOST = 20_000
"""Characters for all products; the whole must fit into one comment of GitHub."""
_MOST_TEAMS = 3_000
_MOST_BUILDS = 6_000
_PRODUCTS_OF_A_TEAM = 10


def review(made: Plan) -> list[str]:
    """Blocks of Markdown that tell everything of a plan but what stands against it."""
    return [*_unknown(made), *_teams(made), *_products(made.products, made.option), *_builds(made)]


def in_short(made: Plan) -> str:
    """The plan in one line: how much changes, how badly, for how many."""
    changes = [planned for product in made.products for planned in told_once(product)]
    builds = several(len(made.builds), "product")
    if not changes:
        return f"no promise changes against {made.against}; {builds} to build"
    consumers = {reached.product for planned in changes for reached in planned.consumers}
    said = f"{several(len(changes), 'promise change')} ({counted(changes)}) against {made.against}"
    return f"{said}; {several(len(consumers), 'consumer')} reached; {builds} to build"


def _teams(made: Plan) -> Iterator[str]:
    """Yield whom to talk to: each team whose products a breaking change reaches."""
    found: dict[tuple[str, str], dict[tuple[ProductName, Stand], None]] = {}
    for product in made.products:
        for planned in product.changes:
            if planned.change.level is Level.MAJOR:
                for reached in planned.consumers:
                    team = found.setdefault((reached.team, reached.email), {})
                    team[reached.product, reached.stand] = None
    if found:
        told = (_team(*who, [*products]) for who, products in found.items())
        lines = fitting(told, _MOST_TEAMS)
        left = len(found) - len(lines)
        yield "Breaking changes reach:"
        yield bullets([*lines, *([f"… and {several(left, 'team')} more"] if left else [])])


def _team(team: str, email: str, products: Sequence[tuple[ProductName, Stand]]) -> str:
    names = [f"{code(str(name))}{STANDS[stand]}" for name, stand in products]
    return f"**{words(team)}** ({code(email)}): {listed(names, _PRODUCTS_OF_A_TEAM)}"


def _unknown(made: Plan) -> Iterator[str]:
    """Yield what the plan cannot tell."""
    if made.unread:
        names = _named(map(str, made.unread))
        yield f"❔ Nothing is known of {names}: the files have errors."
    if made.undescribed:
        names = _named(map(str, made.undescribed))
        yield (
            f"❔ Of {names} only the ports are compared: their releases are older"
            " than the platform's memory of descriptors; the next ones are whole."
        )
    if made.broken:
        way = code(f"mesh check {' '.join(made.broken)}")
        names = _named(made.broken)
        yield f"❔ Nothing of {names} can be built, the files have errors: {way}"


def _named(names: Iterable[str]) -> str:
    return listed([code(name) for name in names])


def _products(products: Sequence[ProductPlan], option: str) -> Iterator[str]:
    """Each product; those that break nothing and have honest versions are folded."""
    ordered = sorted(products, key=lambda product: not matters(product))
    shown = fitting(("\n\n".join(section(product, option)) for product in ordered), _MOST)
    yield from shown
    if left := len(ordered) - len(shown):
        yield f"… and {several(left, 'product')} more: `mesh plan` shows all of them."


def _builds(made: Plan) -> Iterator[str]:
    if not made.builds:
        others = "all other products" if made.broken else "all products"
        yield f"A build would make nothing: {others} are up to date."
        return
    rows = fitting(map(_build, made.builds), _MOST_BUILDS)
    new = made.cost is not None and any(step.cost is None for step in made.builds)
    last = row("together", *_cost(made.cost), "and what is new" if new else "")
    blocks = [table(("product", "#rows", "#size", "#seconds", "because"), (*rows, last))]
    if left := len(made.builds) - len(rows):
        blocks.append(f"… and {several(left, 'product')} more: `mesh plan` shows all of them.")
    yield folded(_together(made), blocks)


def _build(step: BuildStep) -> str:
    return row(code(str(step.product)), *_cost(step.cost), words(step.reason))


def _together(made: Plan) -> str:
    count = several(len(made.builds), "product")
    if made.cost is None:
        return f"A build would make {count}, at a cost not known yet"
    rows, written, seconds = _cost(made.cost)
    return f"A build would make {count}, by the last releases: {rows} rows, {written}, {seconds} s"


def _cost(cost: Cost | None) -> tuple[str, str, str]:
    if cost is None:
        return "?", "?", "?"
    return f"{cost.rows:,}", size(cost.bytes), f"{cost.seconds:.1f}"
