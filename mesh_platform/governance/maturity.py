"""Which level of a maturity model a product has reached, and what the next one asks for.

Pure: documents and what policies counted come as arguments. Levels are cumulative, as the draft
wants them: one criterion that is not met ends the climb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mesh_platform.governance.compliance import Tallies, Tally
from mesh_platform.governance.maturity_model import (
    Arguments,
    Criterion,
    MaturityModel,
    compares_words,
    operator_of,
    policy_of,
)
from mesh_platform.model.contract import Operator, Threshold
from mesh_platform.model.odcs_versions import NEWEST as NEWEST_ODCS
from mesh_platform.model.odps import NEWEST as NEWEST_ODPS

_CONTRACT = "[DataContract]."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a product: its descriptor, its contracts by id, what policies counted.

    `measured` are the policies that are switched on and judge what is in the files: what one of
    them has nothing to judge of, it does not object to.
    """

    product: Mapping[str, Any]
    contracts: Mapping[str, Mapping[str, Any]]
    tallies: Tallies
    measured: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a criterion says of a product; `seen` is what was found, in a few words."""

    criterion: Criterion
    met: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Maturity:
    """The level of a product; 0 is below the first. `cap` says what holds it down."""

    level: int
    name: str
    answers: tuple[Answer, ...]
    missing: tuple[Answer, ...]
    cap: str | None = None


def maturity(model: MaturityModel, evidence: Evidence) -> Maturity:
    """Evaluate a product."""
    answers = {level.level: _answers(level.criteria, evidence) for level in model.levels}
    reached = 0
    for number, found in answers.items():
        if not all(answer.met for answer in found):
            break
        reached = number
    cap, why = _cap(model, evidence)
    level = min(reached, cap)
    missing = tuple(a for a in answers.get(level + 1, ()) if not a.met)
    names = {each.level: each.name for each in model.levels}
    return Maturity(
        level,
        names.get(level, ""),
        tuple(answer for found in answers.values() for answer in found),
        missing,
        why if cap <= reached and cap < len(names) else None,
    )


def _answers(criteria: tuple[Criterion, ...], evidence: Evidence) -> tuple[Answer, ...]:
    return tuple(_answer(criterion, evidence) for criterion in criteria)


def _answer(criterion: Criterion, evidence: Evidence) -> Answer:
    if criterion.type == "text":
        return Answer(criterion, True, "for a person to judge")
    if (code := policy_of(criterion)) is not None:
        return _policy(criterion, code, evidence)
    found = _found(criterion, evidence)
    if compares_words(criterion):
        return _words(criterion, [item.value for item in found.kept])
    whole = found.items if criterion.metric == "rowCount" else found.kept
    return _number(criterion, _METRICS[criterion.metric or ""](found), len(whole))


def _policy(criterion: Criterion, code: str, evidence: Evidence) -> Answer:
    tally = evidence.tallies.get(code)
    if tally is None and code not in evidence.measured:
        return Answer(criterion, False, f"{code} was not measured")
    tally = tally or Tally()
    if tally.could_not_run:
        return Answer(criterion, False, f"{code} could not run")
    answer = _number(criterion, tally.violated, tally.all)
    return replace(answer, seen=f"{code}: {answer.seen} open")


def _number(criterion: Criterion, count: int, whole: int) -> Answer:
    percent = criterion.unit == "percent"
    number = (100 * count / whole if whole else 0.0) if percent else count
    operator, operand = operator_of(criterion)
    operands = tuple(operand) if isinstance(operand, tuple | list) else (operand,)
    met = Threshold(operator=operator, operands=operands).holds(number)
    return Answer(criterion, met, f"{number:.0f} %" if percent else str(count))


def _words(criterion: Criterion, values: list[Any]) -> Answer:
    operator, operand = operator_of(criterion)
    newest = NEWEST_ODCS if criterion.arguments.relates_to else NEWEST_ODPS
    wanted = {newest if word == "latest" else word for word in _several(operand)}
    hit = [value in wanted for value in values]
    met = bool(values) and (all(hit) if operator is Operator.MUST_BE else not any(hit))
    seen = ", ".join(sorted({str(v) for v in values if v is not None}))
    return Answer(criterion, met, seen or "nothing")


def _several(operand: Any) -> list[Any]:
    return list(operand) if isinstance(operand, tuple | list) else [operand]


@dataclass(frozen=True, slots=True)
class _Item:
    """A value, and the mapping around it."""

    value: Any
    around: Mapping[str, Any]

    def field(self, name: str) -> Any:
        """A field of the value, or else of what is around it."""
        last = name.rpartition(".")[2]
        inside = self.value if isinstance(self.value, Mapping) else self.around
        return inside.get(last)


@dataclass(frozen=True, slots=True)
class _Found:
    """Items that a criterion is about: all of them, and those that its arguments keep."""

    items: tuple[_Item, ...]
    kept: tuple[_Item, ...]
    arguments: Arguments


def _found(criterion: Criterion, evidence: Evidence) -> _Found:
    arguments = criterion.arguments
    items = list(_walk(evidence.product, criterion.property))
    if arguments.relates_to:
        path = arguments.relates_to.removeprefix(_CONTRACT)
        documents = [evidence.contracts.get(str(item.value), {}) for item in items]
        items = [found for document in documents for found in _walk(document, path)]
    if criterion.metric == "rowCount":
        items = [each for item in items for each in _unfolded(item)]
    kept = [item for item in items if _stays(item, arguments)]
    if criterion.metric == "rowCount" and arguments.valid_values is not None:
        kept = [item for item in kept if _valid(item, arguments)]
    return _Found(tuple(items), tuple(_distinct(kept) if arguments.distinct else kept), arguments)


def _unfolded(item: _Item) -> Iterator[_Item]:
    """The items of a collection; a value that is none is one item, nothing is none."""
    if isinstance(item.value, list):
        yield from (_Item(value, item.around) for value in item.value)
    elif not _is_empty(item.value):
        yield item


def _walk(document: Mapping[str, Any], path: str) -> Iterator[_Item]:
    """All values at a path; `[]` goes through every item of a list, a missing end is None."""
    first, _, rest = path.partition(".")
    value = document.get(first.removesuffix("[]"))
    if first.endswith("[]"):
        for each in value if isinstance(value, list) else ():
            around = each if isinstance(each, Mapping) else document
            if not rest:
                yield _Item(each, around)
            elif isinstance(each, Mapping):
                yield from _walk(each, rest)
    elif not rest:
        yield _Item(value, document)
    else:
        yield from _walk(value if isinstance(value, Mapping) else {}, rest)


def _stays(item: _Item, arguments: Arguments) -> bool:
    having = arguments.having
    needed = (having,) if isinstance(having, str) else having
    if any(_is_empty(item.field(name)) for name in needed):
        return False
    if arguments.any_of and all(_is_empty(item.field(name)) for name in arguments.any_of):
        return False
    where = arguments.where
    if where is not None:
        value = item.field(where.field)
        if where.in_ is not None and value not in where.in_:
            return False
        if where.is_not_null is not None and where.is_not_null is _is_empty(value):
            return False
    return True


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _distinct(items: list[_Item]) -> list[_Item]:
    """One item for each value."""
    return list({str(item.value): item for item in items if not _is_empty(item.value)}.values())


def _valid(item: _Item, arguments: Arguments) -> bool:
    return item.value in (arguments.valid_values or ())


_METRICS: dict[str, Callable[[_Found], int]] = {
    "rowCount": lambda found: len(found.kept),
    "nullValues": lambda found: sum(_is_empty(item.value) for item in found.kept),
    "validValues": lambda found: sum(_valid(item, found.arguments) for item in found.kept),
    "invalidValues": lambda found: sum(
        not _valid(item, found.arguments) and not _is_empty(item.value) for item in found.kept
    ),
}


def _cap(model: MaturityModel, evidence: Evidence) -> tuple[int, str | None]:
    """The highest level that a word of the product allows, and why it is not higher."""
    highest, why = len(model.levels), None
    for policy in model.policies:
        for item in _walk(evidence.product, policy.property):
            cap = policy.arguments.caps.get(str(item.value), highest)
            if cap < highest:
                highest = cap
                why = f"{policy.property} `{item.value}` allows level {cap} at most"
    return highest, why
