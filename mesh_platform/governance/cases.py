"""Tries policies on the cases kept beside them: one each at least that is good, and that is bad."""

from __future__ import annotations

from dataclasses import dataclass

from mesh_platform.governance.evaluate import Judged, Trouble, judge, trouble_of
from mesh_platform.governance.policy import Case, Policy


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy said of a case; `problem` is why the case does not hold."""

    name: str
    good: bool
    line: int
    problem: str | None = None
    could_not_run: bool = False


def try_policy(policy: Policy) -> tuple[Tried, ...]:
    """Run a policy over its cases, with its defaults and what a case gives."""
    return tuple(_try(policy, case) for case in policy.cases)


def missing(tried: tuple[Tried, ...]) -> str | None:
    """What a policy lacks: a rule that nobody saw fail, or pass, is not tested."""
    lacks = [
        word
        for word, good in (("good", True), ("bad", False))
        if not any(each.good is good for each in tried)
    ]
    return f"it has no {' and no '.join(lacks)} case" if lacks else None


def _try(policy: Policy, case: Case) -> Tried:
    try:
        subject = case.build()
    except Exception as error:  # noqa: BLE001 - a case that cannot be built holds nothing
        trouble = trouble_of(error, policy.check.__code__.co_filename)
        return _troubled(case, trouble, "the case cannot be built")
    judged = judge(policy.check, [subject], case.parameters)
    if judged.troubled:
        return _troubled(case, judged.troubled[0], "the policy could not run")
    return Tried(case.name, case.good, case.line, _problem(case, judged))


def _problem(case: Case, judged: Judged) -> str | None:
    if case.good and judged.violated:
        return f"it is good, but: {judged.violated[0][0].message}"
    if not case.good and not judged.violated:
        return "it is bad, but the policy lets it pass"
    return None


def _troubled(case: Case, trouble: Trouble, what: str) -> Tried:
    line = trouble.line or case.line
    return Tried(case.name, case.good, line, f"{what}: {trouble.message}", could_not_run=True)
