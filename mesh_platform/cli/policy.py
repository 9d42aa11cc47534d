"""Provides `mesh policy list` and `mesh policy test`: the policies and their own cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mesh_platform.cli.options import MeshCommand, MeshGroup, settings
from mesh_platform.cli.output import (
    answer,
    finding_json,
    joined,
    leave,
    sign,
    styled,
    table,
    tell,
)
from mesh_platform.errors import UnknownNameError, several
from mesh_platform.governance.policy import State
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.findings import Finding, outcome_of
from mesh_platform.model.mesh import Mesh
from mesh_platform.release.policies.governance import Governance
from mesh_platform.release.policies.trials import PolicyTest, try_policies

policy = typer.Typer(
    cls=MeshGroup,
    help="The rules of the mesh.\n\nExample: mesh policy list column",
    no_args_is_help=True,
)
_STATES = {
    State.AVAILABLE: styled("available", "dim"),
    State.DRAFT: styled("draft", "cyan"),
    State.GRACE: styled("grace", "yellow"),
    State.ENABLED: styled("enabled", "green"),
}


@policy.command("list", cls=MeshCommand)
def list_policies(
    context: typer.Context,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[CODE]...", help="Codes, or how they begin.")
    ] = None,
) -> None:
    """List policies with what they ask, why, and whether they are switched on.

    Those that are `available` come with the platform; `policies` in mesh.yaml switches them on. A
    `draft` is measured and shown for information, in `grace` one warns until a day, and `enabled`
    it is in force: with the severity `error` it blocks. What the platform's `change.…` ask, `mesh
    plan` asks of every change, switched on or not.

    CODE is one code, or how codes begin: `column` stands for all `column.…`. Without it: all.

    Example: mesh policy list column product.readme
    """
    said = settings(context)
    mesh = said.workspace().mesh
    found, findings = _policies(mesh)
    rules = _named(found, codes or [])
    answer(said, [_rule_json(rule) for rule in rules], lambda: _rules_text(rules))
    for finding in findings:
        tell(str(finding), style="red")
    leave(_worst(findings, ()))


@policy.command("test", cls=MeshCommand)
def run_cases(context: typer.Context) -> None:
    """Run the good and bad cases kept beside each policy.

    Exit code 1 if a case does not hold, or a policy lacks a good or a bad one; 2 if a policy could
    not run.

    Example: mesh policy test
    """
    said = settings(context)
    mesh = said.workspace().mesh
    rules, findings = _policies(mesh)
    tests = try_policies(rules, mesh.policy_seconds)
    worst = _worst(findings, tests)
    data = {
        "outcome": worst,
        "policies": [_test_json(test) for test in tests],
        "findings": [finding_json(finding) for finding in findings],
    }
    answer(said, data, lambda: _tests_text(tests, findings))
    leave(worst)


def _named(rules: Sequence[PolicyRule], codes: Iterable[str]) -> list[PolicyRule]:
    """Return the policies that the codes name, in the order of the list; without codes, all.

    Raises:
        UnknownNameError: a code names no policy, and no policy begins with it.
    """
    for code in (asked := [code.removesuffix("*").removesuffix(".") for code in codes]):
        if not any(_begins(rule, code) for rule in rules):
            known = {rule.code for rule in rules}
            raise UnknownNameError("policy", code, known | {c.split(".")[0] for c in known})
    return [r for r in rules if not asked or any(_begins(r, code) for code in asked)]


def _begins(rule: PolicyRule, code: str) -> bool:
    return rule.code == code or rule.code.startswith(f"{code}.")


def _policies(mesh: Mesh) -> tuple[tuple[PolicyRule, ...], list[Finding]]:
    """Return the policies, and the findings in their files and settings."""
    governance = Governance.of(mesh, datetime.now(UTC).date())
    return governance.rules, [f for f in governance.findings if f.code.startswith("policy.")]


def _worst(findings: Iterable[Finding], tests: Iterable[PolicyTest]) -> str:
    said = {outcome_of(findings), *(test.outcome for test in tests)}
    return next((word for word in ("could_not_run", "failed") if word in said), "passed")


def _rule_json(rule: PolicyRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "description": rule.info.description,
        "why": rule.info.why,
        "subject": rule.info.subject,
        "severity": rule.severity.value,
        "state": rule.state.value,
        "since": str(rule.since) if rule.since else None,
        "blocking": rule.blocking,
        "standing": rule.standing,
        "parameters": [
            {"name": p.name, "default": p.default, "value": rule.parameters.get(p.name, p.default)}
            for p in rule.info.parameters
        ],
        "owner": rule.source.owner,
        "file": rule.info.place.file,
        "line": rule.info.place.line,
    }


def _rules_text(rules: Iterable[PolicyRule]) -> RenderableType:
    shown = list(rules)
    rows = [
        (rule.code, rule.info.subject, _STATES[rule.state], rule.standing, _words(rule))
        for rule in sorted(shown, key=lambda rule: (not rule.measured, rule.code))
    ]
    count = sum(rule.measured for rule in shown)
    all_of_them = several(len(shown), "policy", "policies")
    last = f"{all_of_them}, {count} switched on; --output json has parameters and files"
    return Group(table(("code", "judges", "state", "blocking", "what must hold"), rows), "", last)


def _words(rule: PolicyRule) -> Text:
    info = rule.info
    given = [f"{p.name}={_plain(rule.parameters.get(p.name, p.default))}" for p in info.parameters]
    told = f"  [{', '.join(given)}]" if given and rule.measured else ""
    return joined(info.description, styled(f"{told}\nWhy: {info.why}", "dim"))


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _test_json(test: PolicyTest) -> dict[str, Any]:
    return {
        "code": test.rule.code,
        "outcome": test.outcome,
        "problem": test.problem,
        "file": test.rule.info.place.file,
        "line": test.rule.info.place.line,
        "cases": [
            {"name": e.name, "good": e.good, "line": e.line, "problem": e.problem}
            for e in test.tried
        ],
    }


def _tests_text(tests: list[PolicyTest], findings: list[Finding]) -> RenderableType:
    rows = [(sign(test.outcome), test.rule.code, _counted(test)) for test in tests]
    problems = [line for test in tests for line in _problems(test)]
    passed = sum(test.outcome == "passed" for test in tests)
    tried = several(len(tests), "policy", "policies")
    last = f"{tried} tried: {passed} passed, {len(tests) - passed} not"
    said = [*problems, *map(str, findings)]
    return Group(table(("", "policy", "cases"), rows), *said, "", last)


def _counted(test: PolicyTest) -> str:
    if test.could_not_run:
        return "not counted"
    good = sum(each.good for each in test.tried)
    return f"{good} good, {len(test.tried) - good} bad"


def _problems(test: PolicyTest) -> Iterator[str]:
    """Yield each problem of a policy and of its cases, with its place."""
    place = test.rule.info.place
    if test.problem:
        yield f"\n{test.rule.code}: {test.problem}\n  at: {place}"
    for each in test.tried:
        if each.problem:
            at = f"{place.file}:{each.line}"
            yield f"\n{test.rule.code}: case `{each.name}`: {each.problem}\n  at: {at}"
