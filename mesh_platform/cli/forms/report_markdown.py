"""A report as Markdown for a pull request: the verdict first, what blocks next, the rest folded.

All of it fits into one comment of GitHub, which takes 65,536 characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mesh_platform.catalog.markdown import (
    bullets,
    code,
    command,
    fenced,
    fitting,
    folded,
    item,
    words,
)
from mesh_platform.cli.forms.report import Report, without_repeats
from mesh_platform.model.findings import Finding

_SIGNS = {"passed": "🟢", "failed": "🔴", "could_not_run": "❔"}
_MARKS = {"error": "🔴", "warning": "🟡", "info": "⚪"}
_MOST = 18_000
"""Characters for what blocks."""
_MOST_FOLDED = 6_000
"""Characters for the warnings, and as many for what is there for information."""
_MOST_LINES = 20


def markdown(report: Report) -> str:
    """A summary for a pull request."""
    blocks = [
        f"### {_SIGNS[report.outcome]} {code(report.title)}: {words(report.headline)}",
        words(report.summary),
        *report.review,
        *_findings(report),
    ]
    return "\n\n".join(blocks)


def _findings(report: Report) -> Iterator[str]:
    found = [*without_repeats(sorted(report.findings, key=lambda finding: not finding.blocking))]
    if blocking := [finding for finding in found if finding.blocking]:
        yield "#### To settle"
        yield from _those_that_fit(blocking, _MOST, report.title)
    for severity, name in (("warning", "warning"), ("info", "finding for information")):
        if some := [finding for finding in found if finding.severity == severity]:
            title = f"1 {name}" if len(some) == 1 else f"{len(some)} {_plural(name)}"
            yield folded(title, _those_that_fit(some, _MOST_FOLDED, report.title))


def _plural(name: str) -> str:
    first, *rest = name.split(" ", 1)
    return " ".join((f"{first}s", *rest))


def _those_that_fit(findings: Sequence[Finding], most: int, title: str) -> Iterator[str]:
    shown = fitting((item([*_finding(finding)]) for finding in findings), most)
    if shown:
        yield "\n\n".join(shown)
    if left := len(findings) - len(shown):
        yield f"… and {left} more: {code(title)} shows all of them."


def _finding(finding: Finding) -> Iterator[str]:
    """The blocks of one finding: what, where, why, the way out, how to be excused."""
    mark = "❔" if finding.could_not_run else _MARKS[finding.severity]
    owner = f"**{code(finding.product)}**: " if finding.product else ""
    place = f"{finding.place.file}:{finding.place.line or 1}"
    about = f"{code(place)} · {code(finding.code)} · blocking: {words(finding.standing or 'no')}"
    yield f"{mark} {owner}{words(finding.message)}<br>{about}"
    if finding.why:
        yield f"**Why:** {words(finding.why)}"
    if finding.fix:
        yield from _fix(finding.fix)
    if finding.waiver:
        where, _, entry = finding.waiver.partition("\n")
        yield folded("How to ask for a waiver", (words(where), fenced(entry, "yaml")))


def _fix(fix: str) -> Iterator[str]:
    """What to do: lines that begin with a dash are a choice, the line before asks for it."""
    lines = [line.strip() for line in fix.splitlines() if line.strip()][:_MOST_LINES]
    if len(lines) < 2:
        yield from (f"**Fix:** {command(line)}" for line in lines)
        return
    asks = not lines[0].startswith("- ") and lines[1].startswith("- ")
    yield f"**Fix:** {words(lines.pop(0))}" if asks else "**Fix:**"
    yield bullets(command(line.removeprefix("- ")) for line in lines)
