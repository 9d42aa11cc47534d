"""Sets of numbers: which ones a threshold or a pair of bounds lets pass, and which set holds which.

A set is a list of spans that do not touch. Where all numbers are multiples of one step, as whole
numbers are of 1, each end is moved to such a number: `less than 1` and `at most 0` are one set.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mesh_platform.contract_diff.relations import Relation, implied
from mesh_platform.model.contract import Operator, is_number

_EDGE = math.inf


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers between two ends; an open end is not part of them."""

    low: float | Fraction = -_EDGE
    high: float | Fraction = _EDGE
    low_open: bool = False
    high_open: bool = False

    def holds(self, other: Span) -> bool:
        """Tell whether every number of another span is in this one."""
        below = (other.low, other.low_open) >= (self.low, self.low_open)
        above = (other.high, not other.high_open) <= (self.high, not self.high_open)
        return below and above

    @property
    def is_empty(self) -> bool:
        """Tell whether no number lies between the ends."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


@dataclass(frozen=True, slots=True)
class Universe:
    """The numbers that can be seen at all: counts are whole and not negative.

    All are multiples of `step`; of none where it is None.
    """

    low: float | Fraction = -_EDGE
    high: float | Fraction = _EDGE
    step: Fraction | None = None

    def limit(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """The part of the spans that can be seen."""
        cut = (self._cut(span) for span in spans)
        return tuple(span for span in cut if not span.is_empty)

    def _cut(self, span: Span) -> Span:
        if self.step:
            low = -_end(-span.low, self.step, is_open=span.low_open)
            span = Span(low, _end(span.high, self.step, is_open=span.high_open))
        low_open, high_open = span.low_open, span.high_open
        if span.low < self.low:
            low_open = False
        if span.high > self.high:
            high_open = False
        return Span(max(span.low, self.low), min(span.high, self.high), low_open, high_open)


COUNTS = Universe(0, step=Fraction(1))
SHARES = Universe(0, 100)
ANY = Universe()


def compared(old: tuple[Span, ...], new: tuple[Span, ...]) -> Relation:
    """Relation of two promises by what they let pass."""
    return implied(new_holds=_covers(new, old), old_holds=_covers(old, new))


def passing(operator: Operator, operands: Any) -> tuple[Span, ...] | None:
    """The numbers that a threshold lets pass; None where the operands are no numbers."""
    given = operands if isinstance(operands, list) else [operands]
    wanted = 2 if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN) else 1
    if len(given) != wanted or not all(map(is_number, given)):
        return None
    first, last = given[0], given[-1]
    outside = (Span(high=first, high_open=True), Span(low=last, low_open=True))
    return {
        Operator.MUST_BE: (Span(first, first),),
        Operator.BETWEEN: (Span(first, last),),
        Operator.MUST_NOT_BE: outside,
        Operator.NOT_BETWEEN: outside,
        Operator.GREATER: (Span(low=first, low_open=True),),
        Operator.GREATER_OR_EQUAL: (Span(low=first),),
        Operator.LESS: (Span(high=first, high_open=True),),
        Operator.LESS_OR_EQUAL: (Span(high=first),),
    }[operator]


def _covers(outer: tuple[Span, ...], inner: tuple[Span, ...]) -> bool:
    return all(any(span.holds(part) for span in outer) for part in inner)


def _end(value: float | Fraction, step: Fraction, *, is_open: bool) -> float | Fraction:
    """The greatest multiple of a step up to a value, or below it."""
    if math.isinf(value):
        return value
    times = Fraction(str(value)) / step
    return (math.ceil(times) - 1 if is_open else math.floor(times)) * step
