"""Holds the mesh against its policies: finds them, runs them apart, applies waivers.

What is judged, and how it is said, is decided in the room `governance`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from mesh_platform.governance.evaluate import Judged, Measurement, Trouble, in_force_at, judge
from mesh_platform.governance.findings import Counts, counted, policy_findings, waiver_findings
from mesh_platform.governance.rules import PolicyRule, in_force
from mesh_platform.governance.subjects import MeshSubject, Subject, belongs, static_subjects
from mesh_platform.governance.waivers import Waiver
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.release.history import days_of
from mesh_platform.release.lineage.reads import Reads
from mesh_platform.release.policies.apart import Step, run_apart
from mesh_platform.release.policies.files import known_policies, policy_behind
from mesh_platform.release.policies.waiver_files import waivers_of

READS_DECLARED = "product.reads-declared"
"""The policy that judges what is read around input ports."""


@dataclass(frozen=True)
class Governance:
    """The policies and waivers of a mesh on a day; `findings` is what is wrong with them.

    `reads` is what models and tests read, as far as somebody followed it.
    """

    mesh: Mesh
    today: date
    rules: tuple[PolicyRule, ...]
    waivers: tuple[Waiver, ...]
    findings: tuple[Finding, ...]
    reads: Reads = field(default_factory=lambda: Reads((), {}))

    @classmethod
    def of(cls, mesh: Mesh, today: date, reads: Reads | None = None) -> Governance:
        """Read policies and waivers; what cannot be read becomes a finding."""
        known, findings = known_policies(mesh)
        rules, more = in_force(known, mesh.policies, today)
        waivers, wrong = waivers_of(mesh)
        found = (*findings, *more, *wrong)
        return cls(mesh, today, rules, waivers, found, reads or Reads((), {}))

    def subject(self) -> MeshSubject:
        """The mesh as policies see it."""
        reads = self.reads
        return MeshSubject(self.mesh, self.today, self.waivers, reads.around, reads.tests)

    def judges(self, code: str) -> bool:
        """Whether the policy of that code is measured."""
        return any(rule.code == code and rule.measured for rule in self.rules)

    def measure(self, subjects: dict[str, list[Subject]]) -> list[Measurement]:
        """Run every policy that is switched on over the subjects of its kind.

        Args:
            subjects: what there is to judge, by the word for it.
        """
        work = [
            (rule, _meant(subjects[rule.info.subject], rule))
            for rule in self.rules
            if rule.measured and rule.info.subject in subjects
        ]
        found = _measured(work, self.waivers, self.mesh.policy_seconds, self.today)
        files = {each.rule.place.file for each in found if _needs_day(each) and each.rule.place}
        days = {file: days_of(self.mesh.root, file) for file in files}
        return [_dated(each, days) if _needs_day(each) else each for each in found]

    def check(
        self,
        domains: Collection[str] | None = None,
        besides: Mapping[str, Sequence[Subject]] | None = None,
    ) -> tuple[list[Finding], Counts]:
        """Hold the files of the mesh, or of some domains, against all policies.

        Args:
            domains: only what belongs to these; None means all.
            besides: what else is judged, by the word for it.

        Returns:
            What was found, and how many results there are of each outcome.
        """
        subjects = static_subjects(self.subject(), domains)
        for word, more in (besides or {}).items():
            subjects[word] = [*subjects[word], *more]
        measurements = self.measure(subjects)
        found = [
            *(f for f in self.findings if self.concerns(f, domains)),
            *policy_findings(self.mesh, measurements, self.today),
            *waiver_findings(self._waivers(domains), self.rules, measurements, self.today),
        ]
        return found, counted(measurements)

    def _waivers(self, domains: Collection[str] | None) -> list[Waiver]:
        """Waivers of which everything that they may excuse is judged."""
        return [w for w in self.waivers if domains is None or w.domain in domains]

    def concerns(self, finding: Finding, domains: Collection[str] | None) -> bool:
        """Whether a finding is about one of these domains, or about no domain."""
        if domains is None:
            return True
        others = (d.folder for d in self.mesh.domains if d.name not in domains)
        files = (f"{folder.relative_to(self.mesh.root).as_posix()}/" for folder in others)
        return not finding.place.file.startswith(tuple(files))


def _needs_day(measurement: Measurement) -> bool:
    """Whether people will ask since when the rule blocks, and no grace tells it."""
    rule = measurement.rule
    return bool(measurement.judged.violated) and rule.blocking and rule.since is None


def _dated(measurement: Measurement, days: Mapping[str, Sequence[date | None]]) -> Measurement:
    """The same, with the day on which git has got the line that puts the rule in force."""
    rule = measurement.rule
    known = days.get(rule.place.file, ()) if rule.place else ()
    line = rule.place.line if rule.place and rule.place.line else 1
    written = known[line - 1] if line <= len(known) else None
    return replace(measurement, rule=replace(rule, written=written))


def _measured(
    work: Sequence[tuple[PolicyRule, Sequence[Subject]]],
    waivers: Sequence[Waiver],
    seconds: float,
    today: date,
) -> list[Measurement]:
    """Run rules over their subjects in a process apart, each with a time limit."""
    sound = [(rule, subjects) for rule, subjects in work if rule.problem is None and subjects]
    steps = [
        Step(partial(_judge, rule, subjects), rule.source.file, Judged, rule.source.of_platform)
        for rule, subjects in sound
    ]
    found = [Measurement(r, s, trouble=Trouble(r.problem)) for r, s in work if r.problem]
    for (rule, subjects), said in zip(sound, run_apart(steps, seconds), strict=True):
        excused = in_force_at(waivers, rule.code, today)
        if not isinstance(said, Trouble) and not said.is_about(len(subjects)):
            said = Trouble("it answered for what it was not asked")  # noqa: PLW2901
        if isinstance(said, Trouble):
            found.append(Measurement(rule, subjects, trouble=said))
        else:
            found.append(Measurement(rule, subjects, said, waivers=excused))
    return found


def _judge(rule: PolicyRule, subjects: Sequence[Subject]) -> Judged:
    return judge(policy_behind(rule).check, subjects, rule.parameters)


def _meant(subjects: list[Subject], rule: PolicyRule) -> Sequence[Subject]:
    """What a rule judges: a domain's own rule judges that domain alone."""
    if rule.source.domain is None:
        return subjects
    return [subject for subject in subjects if belongs(subject).domain == rule.source.domain]
