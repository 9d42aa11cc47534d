"""Runs the cases of all policies of a mesh, each policy in a process apart with a time limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from mesh_platform.governance.cases import Tried, missing, try_policy
from mesh_platform.governance.evaluate import Trouble
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.release.policies.apart import Step, run_apart
from mesh_platform.release.policies.files import policy_behind


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """What became of a policy's cases; `problem` is what is wrong with the policy as a whole."""

    rule: PolicyRule
    tried: tuple[Tried, ...] = ()
    problem: str | None = None
    could_not_run: bool = False

    @property
    def outcome(self) -> str:
        """The worst of all."""
        if self.could_not_run or any(each.could_not_run for each in self.tried):
            return "could_not_run"
        return "failed" if self.problem or any(e.problem for e in self.tried) else "passed"


def try_policies(rules: Iterable[PolicyRule], seconds: float) -> list[PolicyTest]:
    """Try each policy on its cases, whether it is switched on or not."""
    chosen = list(rules)
    steps = [
        Step(partial(_tried, rule), rule.source.file, tuple[Tried, ...], rule.source.of_platform)
        for rule in chosen
    ]
    results = run_apart(steps, seconds)
    return [_test(rule, said) for rule, said in zip(chosen, results, strict=True)]


def _tried(rule: PolicyRule) -> tuple[Tried, ...]:
    return try_policy(policy_behind(rule))


def _test(rule: PolicyRule, said: tuple[Tried, ...] | Trouble) -> PolicyTest:
    if isinstance(said, Trouble):
        return PolicyTest(rule, (), said.message, could_not_run=True)
    return PolicyTest(rule, said, missing(said))
