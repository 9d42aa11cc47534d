"""What a command found, as one value that each form lays out; and the form for a terminal.

Everything that is said comes with the findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh_platform.cli.output import finding_json
from mesh_platform.model.findings import Finding, outcome_of


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found, in the order in which it is shown.

    `title` is the command; `nothing` is what to say when there is no finding, `note` what to say
    after the findings. A pull request is shown more: `verdict_there` is its first line if not
    the verdict, `breaks` are changes that break consumers, for the lines where they stand, and
    `review` is Markdown that comes before the findings.
    """

    title: str
    findings: Sequence[Finding]
    nothing: str
    note: str = ""
    verdict_there: str = ""
    breaks: Sequence[Finding] = ()
    review: Sequence[str] = ()

    @property
    def outcome(self) -> str:
        """The worst of all findings."""
        return outcome_of(self.findings)

    @property
    def json(self) -> dict[str, Any]:
        """For a program."""
        return {"outcome": self.outcome, "findings": [finding_json(f) for f in self.findings]}

    @property
    def verdict(self) -> str:
        """The last line: how many findings block, and whether anything could not run."""
        lost = sum(finding.could_not_run for finding in self.findings)
        blocking = sum(f.blocking and not f.could_not_run for f in self.findings)
        words = [f"{lost} could not run: nobody knows what it would have found"] if lost else []
        if blocking:
            words.append("1 finding blocks" if blocking == 1 else f"{blocking} findings block")
        return "; ".join(words) or "nothing blocks"

    @property
    def headline(self) -> str:
        """The first line of a pull request."""
        return self.verdict_there or self.verdict

    @property
    def summary(self) -> str:
        """How many findings there are of each kind, and the note."""
        warnings = sum(f.severity == "warning" for f in self.findings)
        counts = {
            "could not run": sum(f.could_not_run for f in self.findings),
            "blocking": sum(f.blocking and not f.could_not_run for f in self.findings),
            "warning" if warnings == 1 else "warnings": warnings,
            "for information": sum(f.severity == "info" for f in self.findings),
        }
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        parts = (said and said + ".", self.note)
        return " ".join(part for part in parts if part) or self.nothing


def text(report: Report) -> str:
    """For a terminal; why is told once for each code, the way to a waiver once a product."""
    shown = "\n\n".join(map(str, without_repeats(report.findings)))
    last = "\n".join(part for part in (report.note, report.verdict) if part)
    return "\n\n".join((shown or report.nothing, last))


def without_repeats(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that tell why once for each code, and the way to a waiver once a product.

    The platform's own reasons are told where something blocks. Each says whether it does.
    """
    told: set[tuple[str, str | None]] = set()
    for finding in findings:
        code, of_product = (finding.code, None), (finding.code, finding.product or "")
        reason = finding.reason if finding.blocking else finding.why
        why = None if code in told else reason
        asked = None if of_product in told else finding.waiver
        told |= {code, of_product} if reason else {of_product}
        yield replace(finding, why=why, waiver=asked, standing=finding.stands)


def everything(finding: Finding) -> str:
    """All of a finding but the place and the code, which tools show by themselves."""
    owner = f"{finding.product}: " if finding.product else ""
    parts = [
        owner + finding.message,
        f"why: {finding.reason}" if finding.reason else "",
        f"blocking: {finding.stands}" if finding.stands else "",
        f"try: {finding.fix}" if finding.fix else "",
        f"waiver: {finding.waiver}" if finding.waiver else "",
    ]
    return "\n".join(part for part in parts if part)
