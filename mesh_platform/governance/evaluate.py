"""Runs policies over subjects. What a policy could not judge is never passed.

`judge` runs the policy's function; the caller gives it a process and a time limit, because a
function that was written elsewhere may never end. `Measurement` holds what came of it, and the
waivers.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any

from mesh_platform.errors import MeshError, Place
from mesh_platform.governance.policy import Check, Violation
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.governance.subjects import Belongs, Subject, belongs
from mesh_platform.governance.waivers import Waiver

_MOST = 100
"""Violations that one policy may find at one subject."""


class Outcome(StrEnum):
    """What a policy says of a subject."""

    PASSED = "passed"
    VIOLATED = "violated"
    WAIVED = "waived"
    COULD_NOT_RUN = "could_not_run"

    @property
    def gravity(self) -> int:
        """0 where nothing is wrong, most where nobody knows."""
        return _WORST_LAST.index(self)


_WORST_LAST = (Outcome.PASSED, Outcome.WAIVED, Outcome.VIOLATED, Outcome.COULD_NOT_RUN)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not run, and the line at which it ended, if that is known."""

    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a policy found, by the position of the subject; all others passed."""

    violated: Mapping[int, tuple[Violation, ...]] = field(default_factory=dict)
    troubled: Mapping[int, Trouble] = field(default_factory=dict)

    def is_about(self, subjects: int) -> bool:
        """Whether all positions are those of so many subjects."""
        return all(0 <= index < subjects for index in (*self.violated, *self.troubled))


@dataclass(frozen=True, slots=True)
class Result:
    """What one policy says of one subject."""

    rule: PolicyRule
    subject: Subject
    outcome: Outcome
    violation: Violation | None = None
    waiver: Waiver | None = None
    trouble: Trouble | None = None

    @property
    def place(self) -> Place:
        """Where to look."""
        if self.violation is not None and self.violation.place is not None:
            return self.violation.place
        return self.subject.place


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one policy says of all its subjects; with a `trouble` it says nothing of any."""

    rule: PolicyRule
    subjects: Sequence[Subject]
    judged: Judged = field(default_factory=Judged)
    trouble: Trouble | None = None
    waivers: tuple[Waiver, ...] = ()

    def results(self) -> Iterator[Result]:
        """One result for each subject, or for each violation where there are several."""
        for index, subject in enumerate(self.subjects):
            yield from self._of(index, subject)

    def objections(self) -> Iterator[Result]:
        """The results that are not simply passed."""
        if self.trouble is not None:
            yield from self.results()
            return
        for index in sorted({*self.judged.violated, *self.judged.troubled}):
            yield from self._of(index, self.subjects[index])

    def worst(self) -> Iterator[Result]:
        """One result for each subject that is not simply passed: its worst."""
        same = groupby(self.objections(), key=lambda result: id(result.subject))
        yield from (max(results, key=lambda r: r.outcome.gravity) for _, results in same)

    def _of(self, index: int, subject: Subject) -> Iterator[Result]:
        trouble = self.trouble or self.judged.troubled.get(index)
        if trouble is not None:
            yield Result(self.rule, subject, Outcome.COULD_NOT_RUN, trouble=trouble)
            return
        violations = self.judged.violated.get(index, ())
        for violation in violations:
            waiver = next((w for w in self.waivers if covers(w, belongs(subject))), None)
            outcome = Outcome.WAIVED if waiver else Outcome.VIOLATED
            yield Result(self.rule, subject, outcome, violation, waiver)
        if not violations:
            yield Result(self.rule, subject, Outcome.PASSED)


def judge(check: Check, subjects: Iterable[Subject], parameters: Mapping[str, Any]) -> Judged:
    """Run a policy's function over subjects; an error of one does not spoil the others."""
    violated, troubled = dict[int, tuple[Violation, ...]](), dict[int, Trouble]()
    for index, subject in enumerate(subjects):
        try:
            found = check(subject, **parameters)
            if found is not None and (violations := _violations(found)):
                violated[index] = violations
        except BaseException as error:  # noqa: BLE001 - whatever it raises, it did not pass
            troubled[index] = trouble_of(error, check.__code__.co_filename)
    return Judged(violated, troubled)


def trouble_of(error: BaseException, file: str) -> Trouble:
    """Say what an error of a file's code was, and at which of its lines."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    said = f"{type(error).__name__}: {error}".strip(": ")
    if isinstance(error, MeshError):
        said = "; ".join(part for part in (error.message, error.fix) if part)
    return Trouble(" ".join(said.split())[:300], line)


def in_force_at(waivers: Iterable[Waiver], code: str, today: date) -> tuple[Waiver, ...]:
    """Waivers of a policy that have not ended."""
    return tuple(w for w in waivers if w.policy == code and w.until >= today)


def covers(waiver: Waiver, subject: Belongs) -> bool:
    """Whether a subject lies within what a waiver excuses."""
    if subject.domain != waiver.domain:
        return False
    asked = ((waiver.product, subject.product), (waiver.port, subject.port))
    return all(want in (None, have) for want, have in (*asked, (waiver.column, subject.column)))


def _violations(found: object) -> tuple[Violation, ...]:
    """What a policy returned, as plain values that can leave its process."""
    each = list(_first(found)) if isinstance(found, Iterable) else [found]
    for violation in each:
        if not isinstance(violation, Violation):
            raise TypeError(
                f"it returned a {type(violation).__name__}, not a Violation, several, or None"
            )
    return tuple(_plain(violation) for violation in each)


def _first(found: Iterable[Any]) -> Iterator[Any]:
    for index, violation in enumerate(found):
        if index == _MOST:
            return
        yield violation


def _plain(violation: Violation) -> Violation:
    place = violation.place
    return Violation(
        str(violation.message),
        None if violation.fix is None else str(violation.fix),
        None if place is None else Place(str(place.file), place.line, place.column),
    )
