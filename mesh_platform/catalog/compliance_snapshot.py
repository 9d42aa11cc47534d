"""Takes the picture of how a mesh keeps its policies: results become words and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial

from mesh_platform.catalog.compliance_pictures import (
    EntryPicture,
    Growth,
    LevelPicture,
    NotePicture,
    Owner,
    PolicyPicture,
    ScorePicture,
    Snapshot,
    StepPicture,
    UnclearPicture,
    ViolationPicture,
    WaiverPicture,
)
from mesh_platform.governance.compliance import Scope, Score, ScoreState, Tally, weight
from mesh_platform.governance.compliance_news import Entry, news
from mesh_platform.governance.evaluate import Result
from mesh_platform.governance.findings import how_to_ask
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.governance.subjects import belongs
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.release.policies.compliance import Measured

SOON_DAYS = 30
"""A waiver that ends within so many days is pointed out."""
GOVERNANCE = "the governance group"
"""Who answers for what is true of the whole mesh."""


def take(measured: Measured, scores: Sequence[Score], past: Sequence[Entry]) -> Snapshot:
    """Make the picture.

    Args:
        measured: how the mesh stands.
        scores: those that are shown; what lies in none of them is left out.
        past: what was remembered of the first of them.
    """
    mesh, today = measured.mesh, measured.at.date()
    open_ = _several(score.objections for score in scores)
    excused = _several(score.excused for score in scores)
    return Snapshot(
        mesh=mesh.name,
        description=mesh.description,
        at=measured.at.isoformat(timespec="seconds"),
        environment=measured.environment,
        commit=measured.commit,
        policy_version=measured.version.digest,
        outcome=_outcome(scores),
        scores=tuple(_score(measured, score) for score in scores),
        violations=tuple(_violation(mesh, result, today) for result in open_),
        waivers=tuple(_waiver(mesh, r, today) for r in excused),
        unclear=tuple(_unclear(scores)),
        notes=tuple(_note(finding) for finding in measured.notes),
        policies=tuple(_policy(rule, scores) for rule in measured.rules if rule.measured),
        levels=tuple(_levels(measured, scores)),
        history=history(past),
    )


def history(past: Sequence[Entry]) -> tuple[EntryPicture, ...]:
    """Each entry with what is new in it, newest first."""
    pairs = zip([None, *past], past, strict=False)
    return tuple(_entry(before, after) for before, after in pairs)[::-1]


def _several(results: Iterable[Iterable[Result]]) -> list[Result]:
    """Results of scopes that include each other, each of them once, what blocks first."""
    found = {id(result): result for each in results for result in each}
    return sorted(found.values(), key=lambda r: (not r.rule.blocking, r.rule.code))


def _outcome(scores: Sequence[Score]) -> str:
    if any(score.state is ScoreState.COULD_NOT_RUN for score in scores):
        return "could_not_run"
    return "failed" if any(score.blocking for score in scores) else "passed"


def _score(measured: Measured, score: Score) -> ScorePicture:
    total = score.total
    return ScorePicture(
        scope=score.scope.value,
        name=score.name,
        score=score.percent,
        state=score.state.value,
        blocking=score.blocking,
        level=measured.level(score),
        maturity=_growth(measured, score),
        owner=_owner(measured.mesh, score.name if score.scope is not Scope.MESH else None),
        passed=total.passed,
        violated=total.violated,
        waived=total.waived,
        could_not_run=total.could_not_run,
        violations=len(score.objections),
        steps=tuple(StepPicture(s.rule.code, s.subjects, s.points) for s in score.steps),
    )


def _growth(measured: Measured, score: Score) -> Growth | None:
    reached = measured.maturity.get(score.name) if score.scope is Scope.PRODUCT else None
    if reached is None:
        return None
    steps = tuple(f"{a.criterion.description} ({a.seen})" for a in reached.missing)
    higher = reached.level + 1 if reached.level < len(measured.model.levels) else None
    return Growth(
        level=reached.level, name=reached.name, cap=reached.cap, next_level=higher, next_steps=steps
    )


def _owner(mesh: Mesh, name: str | None) -> Owner:
    """The team of a domain, or of a product's domain."""
    if name is None:
        return Owner(GOVERNANCE)
    domain = mesh.domain(name.partition("/")[0])
    return Owner(domain.team, domain.email)


def _where(mesh: Mesh, result: Result) -> str:
    place = belongs(result.subject)
    words = [place.product or place.domain or mesh.name]
    words += [f"{kind} {name}" for kind, name in _inside(place.port, place.column)]
    return ", ".join(words)


def _inside(port: str | None, column: str | None) -> Iterator[tuple[str, str]]:
    if port:
        yield "port", port
    if column:
        yield "column", column


def _violation(mesh: Mesh, result: Result, today: date) -> ViolationPicture:
    rule, said, place = result.rule, result.violation, belongs(result.subject)
    assert said is not None  # noqa: S101 - it is an open violation
    return ViolationPicture(
        code=rule.code,
        product=place.product,
        where=_where(mesh, result),
        message=said.message,
        fix=said.fix,
        file=result.place.file,
        line=result.place.line,
        blocking=rule.blocking,
        standing=rule.standing,
        owner=_owner(mesh, place.product or place.domain),
        waiver=how_to_ask(mesh, result, today),
    )


def _waiver(mesh: Mesh, result: Result, today: date) -> WaiverPicture:
    waiver, place = result.waiver, belongs(result.subject)
    assert waiver is not None  # noqa: S101 - it is an excused violation
    days = (waiver.until - today).days
    return WaiverPicture(
        code=result.rule.code,
        product=place.product,
        where=_where(mesh, result),
        message=result.violation.message if result.violation else "",
        reason=waiver.reason,
        approver=waiver.approver,
        until=waiver.until.isoformat(),
        days=days,
        soon=days <= SOON_DAYS,
        owner=_owner(mesh, place.product or place.domain),
    )


def _unclear(scores: Sequence[Score]) -> Iterator[UnclearPicture]:
    """Files that could not be read, then policies that could not run: once each."""
    lost = {id(each.finding): each.finding for score in scores for each in score.lost}
    for finding in lost.values():
        where = finding.product or finding.place.file
        yield UnclearPicture(
            code=finding.code,
            where=where,
            message=finding.message,
            file=finding.place.file,
            line=finding.place.line,
            fix=finding.fix,
        )
    by_rule: dict[str, list[Result]] = {}
    for result in _several(score.unclear for score in scores):
        by_rule.setdefault(result.rule.code, []).append(result)
    for code, results in by_rule.items():
        yield _could_not_run(code, results)


def _could_not_run(code: str, results: list[Result]) -> UnclearPicture:
    """One for each policy: the cause is the policy, not what it looked at."""
    first = results[0]
    trouble, rule = first.trouble, first.rule
    assert trouble is not None  # noqa: S101 - it could not run
    where = f"{len(results)} measurements"
    line = trouble.line or rule.info.place.line
    fix = "correct the policy; `mesh policy test` tries it"
    return UnclearPicture(
        code=code, where=where, message=trouble.message, file=rule.source.shown, line=line, fix=fix
    )


def _note(finding: Finding) -> NotePicture:
    place = finding.place
    return NotePicture(
        code=finding.code,
        message=finding.message,
        file=place.file,
        line=place.line,
        fix=finding.fix,
    )


def _policy(rule: PolicyRule, scores: Sequence[Score]) -> PolicyPicture:
    """Counted in the widest scopes that are shown, so that nothing counts twice."""
    tally = sum((s.tallies.get(rule.code, Tally()) for s in _widest(scores)), Tally())
    info = rule.info
    return PolicyPicture(
        code=rule.code,
        description=info.description,
        why=info.why,
        owner=rule.source.owner,
        state=rule.state.value,
        severity=rule.severity.value,
        standing=rule.standing,
        blocking=rule.blocking,
        weight=weight(rule),
        passed=tally.passed,
        violated=tally.violated,
        waived=tally.waived,
        could_not_run=tally.could_not_run,
    )


def _widest(scores: Sequence[Score]) -> list[Score]:
    whole = [score for score in scores if score.scope is Scope.MESH]
    domains = {score.name for score in scores if score.scope is Scope.DOMAIN}
    return whole or [
        score
        for score in scores
        if score.scope is Scope.DOMAIN or score.name.partition("/")[0] not in domains
    ]


def _levels(measured: Measured, scores: Sequence[Score]) -> Iterator[LevelPicture]:
    shown = {score.name for score in scores if score.scope is Scope.PRODUCT}
    at = partial(_at_level, measured, shown)
    if below := at(0):
        yield LevelPicture(
            level=0,
            name="Not yet",
            description="What level 1 asks for is not all there.",
            criteria=(),
            products=below,
        )
    for level in measured.model.levels:
        criteria = tuple(criterion.description for criterion in level.criteria)
        found = at(level.level)
        yield LevelPicture(
            level=level.level,
            name=level.name,
            description=level.description,
            criteria=criteria,
            products=found,
        )


def _at_level(measured: Measured, shown: set[str], level: int) -> tuple[str, ...]:
    reached = measured.maturity.items()
    return tuple(name for name, found in reached if found.level == level and name in shown)


def _entry(before: Entry | None, after: Entry) -> EntryPicture:
    told = news(before, after)
    return EntryPicture(
        at=after.at.isoformat(timespec="seconds"),
        score=after.score,
        state=after.state.value,
        level=after.level,
        policy_version=after.version.digest,
        commit=after.commit,
        cause=told.cause,
        rules=told.rules,
        numbers=told.numbers,
    )
