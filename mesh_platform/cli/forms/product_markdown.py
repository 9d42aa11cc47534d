"""One product of a plan as Markdown: its changes with whom they reach, and its versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mesh_platform.catalog.markdown import code, fitting, folded, folded_in_cell, row, table, words
from mesh_platform.cli.forms.plan_reach import NOBODY, does, explained, told_once
from mesh_platform.contract_diff.values import Level, in_words
from mesh_platform.planning.impact import Affected
from mesh_platform.planning.plan import PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep

_MARKS = {Level.MAJOR: "🔴", Level.MINOR: "🟡", Level.PATCH: "⚪"}
_OPEN_CHANGES = 10
_OPEN_CONSUMERS = 5
_MOST_OF_A_PRODUCT = 12_000
"""Characters for the changes of one product."""
_MOST_OF_A_CHANGE = 4_000
"""Characters for the consumers that one change reaches."""


def matters(product: ProductPlan) -> bool:
    """Tell whether a product breaks something, or its versions are not honest."""
    return product.level is Level.MAJOR or any(not step.enough for step in product.versions)


def section(product: ProductPlan, option: str) -> Iterator[str]:
    """The blocks of one product; one that does not matter much is folded."""
    if matters(product):
        yield f"#### {code(str(product.name))} {words(_heading(product))}"
        yield from _body(product, option)
    else:
        title = f"`{product.name}` {_heading(product)}: {counted(told_once(product))}"
        yield folded(title, _body(product, option))


def _heading(product: ProductPlan) -> str:
    if product.known_as is None:
        return "is new and may change freely until its first release"
    return f"against {product.known_as}"


def counted(changes: Sequence[PlannedChange]) -> str:
    """Return how many changes there are of each level: `1 major, 2 patch`."""
    counts = Counter(planned.change.level for planned in changes)
    found = [f"{counts[level]} {level.word}" for level in _MARKS if counts[level]]
    return ", ".join(found) or "no promise changes"


def _body(product: ProductPlan, option: str) -> Iterator[str]:
    yield from _changes(product)
    if product.versions:
        rows = [_version(product, step) for step in product.versions]
        yield table(("version of", "was", "must be", "is"), rows)
    if product.gone:
        way = code(f"mesh product retire {product.name}{option}")
        yield f"Its data stays as it is until {way}."


def _changes(product: ProductPlan) -> Iterator[str]:
    """The changes, the greatest first; many of them are folded."""
    changes = told_once(product)
    rows = fitting(map(_change, changes), _MOST_OF_A_PRODUCT)
    columns = ("level", "what changes", "whom it reaches")
    if rows:
        yield table(columns, rows[:_OPEN_CHANGES])
    if folds := rows[_OPEN_CHANGES:]:
        title = f"and {counted(changes[_OPEN_CHANGES : len(rows)])} more"
        yield folded(title, [table(columns, folds)])
    if left := changes[len(rows) :]:
        yield f"… and {counted(left)} more: `mesh plan` shows all of them."


def _change(planned: PlannedChange) -> str:
    change = planned.change
    alone = planned.port is None or planned.port == str(planned.product)
    said = words(in_words(change))
    lines = [said if alone else f"{code(planned.port or '')}: {said}"]
    lines += map(words, explained(change))
    if planned.place:
        file = planned.place.file.rsplit("/", 1)[-1]
        lines.append(code(f"{file}:{planned.place.line or 1}"))
    level = f"{_MARKS[change.level]}&nbsp;{change.level.word}"
    nobody = NOBODY if change.level is Level.MAJOR else ""
    return row(level, "<br>".join(lines), _whom(planned.consumers) or nobody)


def _whom(consumers: Sequence[Affected]) -> str:
    """One line for each consumer; many of them are folded."""
    lines = fitting(map(_who, consumers), _MOST_OF_A_CHANGE)
    shown, folds = lines[:_OPEN_CONSUMERS], lines[_OPEN_CONSUMERS:]
    if left := len(consumers) - len(lines):
        folds.append(f"and {left} more: <code>mesh plan --output json</code> names them all")
    more = folded_in_cell(f"and {len(consumers) - len(shown)} more", folds) if folds else ""
    return "<br>".join(shown) + more


def _who(reached: Affected) -> str:
    return f"{code(str(reached.product))} ({words(reached.team)}) {does(reached, code)}"


def _version(product: ProductPlan, step: VersionStep) -> str:
    of = f"port {code(str(step.port))}" if step.port else f"product {code(str(product.name))}"
    mark, said = ("🟢", "enough") if step.enough else ("🔴", "not enough")
    required = f"{words(step.required)} or more"
    return row(of, words(step.before), required, f"{mark} {words(step.now)}, {said}")
