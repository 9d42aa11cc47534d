"""What was measured, said to people: what, where, why, whether it blocks, and the ways out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.governance.evaluate import Measurement, Outcome, Result, covers
from mesh_platform.governance.policy import State
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.governance.subjects import belongs, home
from mesh_platform.governance.waivers import WAIVERS_FILE, Waiver
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import same_but_major

CANNOT_RUN = "policy.cannot-run"
_ASKED_DAYS = 90
Counts = dict[Outcome, int]
"""How many subjects came out how."""


def policy_findings(mesh: Mesh, measurements: Iterable[Measurement], today: date) -> list[Finding]:
    """Findings for all that is violated, and for each policy that could not judge something."""
    found: list[Finding] = []
    for measurement in measurements:
        objections = list(measurement.objections())
        violated = [r for r in objections if r.outcome is Outcome.VIOLATED]
        found += [_violated(mesh, result, today) for result in violated]
        troubled = [r for r in objections if r.outcome is Outcome.COULD_NOT_RUN]
        if troubled and measurement.rule.problem is None:  # that one is told where it is set
            found.append(_could_not_run(measurement, troubled))
    return found


def waiver_findings(
    waivers: Iterable[Waiver],
    rules: Iterable[PolicyRule],
    measurements: Iterable[Measurement],
    today: date,
) -> Iterator[Finding]:
    """Waivers that have ended, that name no policy, or that nothing needs."""
    known = {rule.code: rule for rule in rules}
    measured = {measurement.rule.code: measurement for measurement in measurements}
    for waiver in waivers:
        rule, measurement = known.get(waiver.policy), measured.get(waiver.policy)
        if rule is None:
            fix = did_you_mean(waiver.policy, known)
            yield _about(
                waiver, "waiver.unknown-policy", "names a policy that does not exist", fix, "error"
            )
        elif waiver.until < today:
            said = f"ended on {waiver.until}; what it excused counts again"
            yield _about(
                waiver, "waiver.expired", said, "mend it, or ask its approver for a new date"
            )
        elif not rule.measured:
            yield _about(
                waiver, "waiver.not-needed", "excuses from a policy that is not switched on"
            )
        elif measurement is not None and _is_idle(waiver, measurement):
            other = _other_major(waiver, measurement)
            way = f"the port is another major now: write `port: {other}`" if other else None
            yield _about(waiver, "waiver.not-needed", "excuses nothing: no violation needs it", way)


def how_to_ask(mesh: Mesh, result: Result, today: date) -> str | None:
    """The entry to add, and the file it belongs to; nobody can excuse the mesh as a whole."""
    folder, where = home(result.subject), belongs(result.subject)
    if folder is None:
        return None
    file = (folder / WAIVERS_FILE).relative_to(mesh.root).as_posix()
    at = {"port": where.port, "column": where.column}
    parts = [f"policy: {result.rule.code}", *(f"{key}: {name}" for key, name in at.items() if name)]
    until = today + timedelta(days=_ASKED_DAYS)
    entry = ", ".join([*parts, "reason: …", "approver: …", f"until: {until}"])
    return f"add to {file}, under `waivers:`\n- {{{entry}}}"


def counted(measurements: Iterable[Measurement]) -> Counts:
    """How many subjects came out how, over all policies; the worst of each subject counts."""
    counts = dict.fromkeys(Outcome, 0)
    for each in measurements:
        objected = [result.outcome for result in each.worst()]
        for outcome in objected:
            counts[outcome] += 1
        counts[Outcome.PASSED] += len(each.subjects) - len(objected)
    return counts


def _violated(mesh: Mesh, result: Result, today: date) -> Finding:
    rule, violation = result.rule, result.violation
    assert violation is not None  # noqa: S101 - the outcome says so
    return Finding(
        rule.code,
        violation.message,
        result.place,
        violation.fix,
        belongs(result.subject).product,
        _severity(rule),
        rule.info.why,
        rule.standing,
        how_to_ask(mesh, result, today),
        asks=rule.info.description,
    )


def _severity(rule: PolicyRule) -> str:
    if rule.state is State.DRAFT:
        return "info"
    return "error" if rule.blocking else "warning"


def _could_not_run(measurement: Measurement, troubled: list[Result]) -> Finding:
    """One finding however often: the cause is the policy, not its subjects."""
    rule, first = measurement.rule, troubled[0]
    trouble = first.trouble
    assert trouble is not None  # noqa: S101 - the outcome says so
    at = "" if measurement.trouble else f" at {_name(first)}"
    more = f" and {len(troubled) - 1} more" if at and len(troubled) > 1 else ""
    draft = rule.state is State.DRAFT
    return Finding(
        CANNOT_RUN,
        f"policy `{rule.code}` could not run{at}{more}: {trouble.message}",
        Place(rule.source.shown, trouble.line or rule.info.place.line),
        "correct the policy; `mesh policy test` tries it",
        severity="info" if draft else "error",
        standing=rule.standing if draft else "yes, nobody knows what it would have said",
        could_not_run=not draft,
    )


def _name(result: Result) -> str:
    where = belongs(result.subject)
    names = (where.product or where.domain or "the mesh", where.port, where.column)
    return " ".join(f"`{name}`" for name in names if name)


def _is_idle(waiver: Waiver, measurement: Measurement) -> bool:
    """Whether all it covers was judged, and nothing of it was violated."""
    if measurement.trouble is not None:
        return False
    covered = (r for r in measurement.objections() if covers(waiver, belongs(r.subject)))
    return not any(True for _ in covered)


def _other_major(waiver: Waiver, measurement: Measurement) -> str | None:
    """The major of the waiver's port that has what it was meant to excuse."""
    for where in (belongs(result.subject) for result in measurement.objections()):
        meant = waiver.model_copy(update={"port": where.port})
        alike = waiver.port and where.port and same_but_major(waiver.port, where.port)
        if alike and covers(meant, where):
            return where.port
    return None


def _about(
    waiver: Waiver, code: str, said: str, fix: str | None = None, severity: str = "warning"
) -> Finding:
    return Finding(
        code,
        f"the waiver of {waiver} {said}",
        waiver.place,
        fix or "remove it",
        waiver.product,
        severity,
    )
