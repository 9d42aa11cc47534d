"""Measures how well a mesh keeps its policies today, and remembers it.

The one place where files, policies, releases, the maturity model and the registry come together;
what is scored, and what is news, is decided in `governance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import mesh_platform
from mesh_platform.checks.spec import Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.governance.compliance import (
    Compliance,
    Lost,
    Scope,
    Score,
    ScoreState,
    Tally,
    comply,
)
from mesh_platform.governance.compliance_news import Entry
from mesh_platform.governance.evaluate import Judged, Measurement, Trouble, in_force_at
from mesh_platform.governance.findings import waiver_findings
from mesh_platform.governance.maturity import Maturity
from mesh_platform.governance.maturity_model import MaturityModel
from mesh_platform.governance.policy import Violation
from mesh_platform.governance.policy_version import PolicyVersion, version_of
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.governance.subjects import (
    MeshSubject,
    PortSubject,
    ReleaseSubject,
    static_subjects,
)
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.release.history import History
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.policies.governance import Governance
from mesh_platform.release.policies.maturity import maturities, model_in_force
from mesh_platform.release.policies.on_releases import KIND, check_name
from mesh_platform.state.records import Attempt, CheckRecord, ComplianceRecord, PolicyVersionRecord


@dataclass(frozen=True)
class Measured:
    """Hold the compliance of a mesh at a moment, frozen: what is shown, exported and kept.

    `maturity` is by product; `notes` are findings about waivers; `commit` is that of the files.
    """

    mesh: Mesh
    environment: str
    at: datetime
    rules: tuple[PolicyRule, ...]
    compliance: Compliance
    model: MaturityModel
    maturity: Mapping[str, Maturity]
    version: PolicyVersion
    notes: tuple[Finding, ...] = ()
    commit: str | None = None

    def level(self, score: Score) -> int | None:
        """The level of a product, or the lowest of all products of a domain or mesh."""
        if score.scope is Scope.PRODUCT:
            reached = self.maturity.get(score.name)
            return reached.level if reached else None
        inside = [
            self.level(other)
            for other in self.compliance.scores
            if other.scope is Scope.PRODUCT
            and (score.scope is Scope.MESH or other.name.startswith(f"{score.name}/"))
        ]
        known = [level for level in inside if level is not None]
        return min(known) if known and len(known) == len(inside) else None


def measure(workspace: Workspace, now: datetime) -> Measured:
    """Hold the mesh and its current releases against all policies, and write nothing.

    Raises:
        MeshError: the mesh has a maturity model of its own that cannot be read.
    """
    mesh, today = workspace.mesh, now.date()
    governance = Governance.of(mesh, today, reads_of(MeshSql(workspace), list(mesh.products)))
    model, text = model_in_force(mesh, governance.rules)
    subject = governance.subject()
    measurements = [
        *governance.measure(static_subjects(subject)),
        *_of_releases(workspace, governance, subject),
    ]
    compliance = comply(mesh, measurements, _lost(governance))
    return Measured(
        mesh,
        workspace.environment,
        now,
        governance.rules,
        compliance,
        model,
        maturities(mesh, governance.rules, compliance, model),
        version_of(governance.rules, mesh.dictionary, text, mesh_platform.__version__),
        tuple(waiver_findings(governance.waivers, governance.rules, measurements, today)),
        _commit(mesh),
    )


def record(workspace: Workspace, measured: Measured) -> list[ComplianceRecord]:
    """Remember how everything stands where that is news; without policies nothing is.

    Returns:
        What was news.
    """
    if not any(rule.measured for rule in measured.rules):
        return []
    version = PolicyVersionRecord(measured.version.digest, measured.version.json)
    scores = measured.compliance.scores
    records = [_record(measured, score, version.digest) for score in scores]
    return workspace.registry.compliance.record(records, version)


def past(workspace: Workspace, scope: Scope, name: str) -> list[Entry]:
    """Return what was ever remembered of a scope, oldest first."""
    if not workspace.begun:
        return []
    reader = workspace.registry.compliance
    records = reader.history(scope, name)
    kept = reader.versions(record.policy_version for record in records)
    versions = {digest: PolicyVersion.of_json(found.rules) for digest, found in kept.items()}
    return [_entry(record, versions[record.policy_version]) for record in records]


def _entry(kept: ComplianceRecord, version: PolicyVersion) -> Entry:
    tallies = {code: Tally(*numbers) for code, numbers in kept.tallies.items()}
    state = ScoreState(kept.state)
    return Entry(kept.at, kept.score, state, kept.level, tallies, version, kept.commit)


def _record(measured: Measured, score: Score, version: str) -> ComplianceRecord:
    numbers = {
        code: [tally.passed, tally.violated, tally.waived, tally.could_not_run]
        for code, tally in sorted(score.tallies.items())
    }
    level = measured.level(score)
    return ComplianceRecord(
        measured.at,
        score.scope,
        score.name,
        score.percent,
        score.state,
        level,
        numbers,
        version,
        measured.commit,
    )


def _of_releases(
    workspace: Workspace, governance: Governance, mesh: MeshSubject
) -> Iterator[Measurement]:
    """Yield what policies said of the releases that are current, when these were built."""
    rules = [r for r in governance.rules if r.measured and r.info.subject == "release"]
    if not rules or not workspace.begun:
        return
    current = workspace.all_current()
    said = _recorded(workspace, current)
    ports = {(port.product.name, port.port.name.name): port for port in mesh.ports}
    for rule in rules:
        found = [
            (_released(port, current[product]), record)
            for product, records in said.items()
            for record in records
            if record.result.check == check_name(rule)
            and (port := ports.get((product, record.port or "")))
        ]
        excused = in_force_at(governance.waivers, rule.code, governance.today)
        subjects = [subject for subject, _ in found]
        judged = _judged([record for _, record in found])
        yield Measurement(rule, subjects, judged, waivers=excused)


def _recorded(workspace: Workspace, current: Mapping[str, Attempt]) -> dict[str, list[CheckRecord]]:
    """Checks that are policies, by product, wherever its release was built."""
    found: dict[str, list[CheckRecord]] = {}
    for place in {attempt.environment for attempt in current.values()}:
        ids = {a.id: name for name, a in current.items() if a.environment == place}
        kept = workspace.at(place).registry.checks_of_kind(KIND, ids)
        found |= {ids[attempt_id]: records for attempt_id, records in kept.items()}
    return found


def _released(port: PortSubject, release: Attempt) -> ReleaseSubject:
    kept = release.port(port.port.name.name)
    return ReleaseSubject(port, (kept.rows if kept else None) or 0, release.started_at)


def _judged(records: Sequence[CheckRecord]) -> Judged:
    violated, troubled = dict[int, tuple[Violation, ...]](), dict[int, Trouble]()
    for index, record in enumerate(records):
        if record.result.outcome is Outcome.COULD_NOT_RUN:
            troubled[index] = Trouble(record.result.message)
        elif record.result.outcome is not Outcome.PASSED:
            fix = "mend what it says, and build the product again"
            violated[index] = (Violation(record.result.message, fix),)
    return Judged(violated, troubled)


def _lost(governance: Governance) -> Iterator[Lost]:
    """Files that cannot be read, of products and of policies: nobody knows what they would say."""
    for finding in governance.findings:
        if finding.blocking and finding.code.startswith("policy."):
            yield Lost(finding, _domain_of(governance.mesh, finding))
    for domain in governance.mesh.domains:
        yield from (Lost(each, domain.name) for each in domain.findings if each.blocking)


def _domain_of(mesh: Mesh, finding: Finding) -> str | None:
    folders = {d.name: f"{d.folder.relative_to(mesh.root).as_posix()}/" for d in mesh.domains}
    return next((n for n, folder in folders.items() if finding.place.file.startswith(folder)), None)


def _commit(mesh: Mesh) -> str | None:
    """The commit of the files, with a `+` where they were changed since; None without git."""
    history = History(mesh.root)
    try:
        commit = history.commit("HEAD")
        changed = any(not f.startswith(".mesh/") for f in history.touched(commit, "."))
    except MeshError:
        return None
    return f"{commit}+" if changed else commit
