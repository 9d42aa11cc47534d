"""Policies that judge a release: checks of its ports like any other, before it is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import groupby

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import Place
from mesh_platform.governance.evaluate import Outcome as Said
from mesh_platform.governance.evaluate import Result
from mesh_platform.governance.policy import State
from mesh_platform.governance.rules import UNKNOWN, PolicyRule
from mesh_platform.governance.subjects import CheckSeen, PortSubject, ReleaseSubject
from mesh_platform.governance.waivers import WAIVERS_FILE
from mesh_platform.model.contract import Severity
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import identifier
from mesh_platform.release.policies.governance import Governance
from mesh_platform.state.records import Attempt, CheckRecord

KIND = "policy"
_FILES = "policy_files"
_GRAVITY = (Outcome.PASSED, Outcome.WARNED, Outcome.FAILED, Outcome.COULD_NOT_RUN)


def policy_checks(
    workspace: Workspace, product: Product, attempt: Attempt, checks: Iterable[CheckRecord]
) -> Iterator[CheckRecord]:
    """Hold what an attempt wrote against all policies that judge releases.

    Args:
        workspace: where the mesh is.
        product: the product.
        attempt: what was written, with the rows of each port.
        checks: what the checks said of it.
    """
    governance = Governance.of(workspace.mesh, attempt.started_at.date())
    before = workspace.registry.current(str(product.name))
    seen = list(checks)
    ports = {port.port.name: port for port in governance.subject().ports}
    subjects = [_subject(ports[port.name], attempt, before, seen) for port in product.ports]
    for measurement in governance.measure({"release": [*subjects]}):
        for _, results in groupby(measurement.results(), key=lambda result: id(result.subject)):
            yield _record(list(results))
    for port in product.ports:
        yield from _lost_files(governance, port.name.name, product.name.domain)


def release_rules(mesh: Mesh, domain: str, today: date) -> tuple[PolicyRule, ...]:
    """The policies that judge the releases of a domain."""
    rules = Governance.of(mesh, today).rules
    return tuple(
        rule
        for rule in rules
        if rule.measured and rule.info.subject == "release" and rule.source.domain in (None, domain)
    )


def policy_way_out(
    mesh: Mesh, product: Product, record: CheckRecord, contract: Place
) -> tuple[Place | None, str]:
    """Return where to look after a policy kept a release back, and how to go on.

    That is the line that puts the policy in force, else the contract; of a policy that could not
    run and that no line puts in force, nothing.
    """
    rules = release_rules(mesh, product.name.domain, datetime.now(UTC).date())
    place = next((rule.place for rule in rules if check_name(rule) == record.result.check), None)
    if record.result.outcome is Outcome.COULD_NOT_RUN:
        if place is None:
            return None, f"`mesh check {product.name}` names what keeps the policy from running"
        way = "correct the policy at that line; `mesh policy test` runs its good and bad cases"
        return place, way
    waivers = (product.folder / WAIVERS_FILE).relative_to(mesh.root).as_posix()
    return place or contract, (
        f"correct the data or the model; where it is right as it is, write a waiver in {waivers};"
        " `mesh policy list` says what the policy asks"
    )


def check_name(rule: PolicyRule) -> str:
    """Name of the check that a policy is at each port."""
    return f"policy_{identifier(rule.code)}"


def _subject(
    port: PortSubject, attempt: Attempt, before: Attempt | None, checks: list[CheckRecord]
) -> ReleaseSubject:
    name = port.port.name.name
    now, then = attempt.port(name), before.port(name) if before else None
    return ReleaseSubject(
        port,
        (now.rows if now else None) or 0,
        attempt.started_at,
        tuple(
            CheckSeen(record.result.check, record.result.outcome.value)
            for record in checks
            if record.port in (None, name)
        ),
        then.rows if then else None,
        before.ended_at if before and then else None,
    )


def _record(results: list[Result]) -> CheckRecord:
    """One check of a port, however often a policy objects to it."""
    rule, subject = results[0].rule, results[0].subject
    assert isinstance(subject, ReleaseSubject)  # noqa: S101 - nothing else was measured
    return CheckRecord(
        subject.port.port.name.name,
        CheckResult(
            check=check_name(rule),
            kind=KIND,
            outcome=max((_outcome(result) for result in results), key=_GRAVITY.index),
            severity=Severity.ERROR if rule.blocking else Severity.WARNING,
            observed=None,
            threshold=rule.info.description,
            message="; ".join(_message(result) for result in results),
        ),
    )


def _outcome(result: Result) -> Outcome:
    match result.outcome:
        case Said.PASSED:
            return Outcome.PASSED
        case Said.COULD_NOT_RUN:
            return Outcome.COULD_NOT_RUN
        case Said.VIOLATED if result.rule.blocking:
            return Outcome.FAILED
    return Outcome.WARNED


def _message(result: Result) -> str:
    if result.trouble is not None:
        return f"the policy could not run: {result.trouble.message}"
    if result.violation is None:
        return "as the policy asks"
    said = result.violation.message
    if result.waiver is not None:
        said += f" (waived until {result.waiver.until} by {result.waiver.approver})"
    elif result.violation.fix:
        said += f" ({result.violation.fix})"
    return f"draft: {said}" if result.rule.state is State.DRAFT else said


def _lost_files(governance: Governance, port: str, domain: str) -> Iterator[CheckRecord]:
    """Nobody knows what a policy asks that cannot be loaded or found: it may be about releases."""
    lost = [
        finding
        for finding in governance.findings
        if (finding.could_not_run or finding.code == UNKNOWN)
        and governance.concerns(finding, {domain})
    ]
    if lost:
        yield CheckRecord(
            port,
            CheckResult(
                check=_FILES,
                kind=KIND,
                outcome=Outcome.COULD_NOT_RUN,
                severity=Severity.ERROR,
                observed=None,
                threshold="All policies can be found and loaded.",
                message=f"{lost[0].message} ({lost[0].place})",
            ),
        )
