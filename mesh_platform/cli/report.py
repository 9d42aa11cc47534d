"""Findings in the forms that people and their tools read: text, GitHub, SARIF, Markdown, JSON.

Everything that is said comes with the findings; here it is laid out and escaped.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from typing import Annotated, Any
from urllib.parse import quote

import typer

import mesh_platform
from mesh_platform.cli.options import Settings
from mesh_platform.cli.output import EXIT_CODES, finding_json
from mesh_platform.errors import MeshError
from mesh_platform.model.findings import Finding

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_MARKS = {"error": "🔴", "warning": "🟡", "info": "⚪"}
_MOST_ROWS = 200
"""Findings in a Markdown table; GitHub refuses a summary that is too long."""


class Format(StrEnum):
    """In which form findings are written."""

    TEXT = "text"
    GITHUB = "github"
    SARIF = "sarif"
    MARKDOWN = "markdown"


Form = Annotated[
    Format, typer.Option("--format", help="For a person, or for what shows a pull request.")
]


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found, in the order in which it is shown.

    `title` is the command; `nothing` is what to say when there is no finding, `note` what to say
    after the findings.
    """

    title: str
    findings: Sequence[Finding]
    nothing: str
    note: str = ""

    @property
    def outcome(self) -> str:
        """The worst of all: could-not-run is never passed."""
        if any(finding.could_not_run for finding in self.findings):
            return "could_not_run"
        return "failed" if any(finding.blocking for finding in self.findings) else "passed"

    @property
    def exit_code(self) -> int:
        """The exit code of a command that found this."""
        return EXIT_CODES[self.outcome]

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


def write(report: Report, form: Format, said: Settings) -> None:
    """Write a report to standard output in a form that is not for a terminal's colours.

    Raises:
        MeshError: JSON was asked for, too.
    """
    if said.json:
        raise MeshError("`--output json` is a form of its own", fix="leave out `--format`")
    writers = {Format.GITHUB: github, Format.SARIF: sarif, Format.MARKDOWN: markdown}
    sys.stdout.write(writers.get(form, text)(report) + "\n")


def text(report: Report) -> str:
    """For a terminal; the why of a policy is told once, the way to a waiver once a product."""
    shown = "\n\n".join(map(str, without_repeats(report.findings)))
    last = "\n".join(part for part in (report.note, report.verdict) if part)
    return "\n\n".join((shown or report.nothing, last))


def github(report: Report) -> str:
    """Annotations of a pull request, in the workflow commands of GitHub Actions."""
    lines = [_annotation(finding) for finding in report.findings]
    lines.append(f"::notice title={_property(report.title)}::{_data(_summary(report))}")
    return "\n".join(lines)


def sarif(report: Report) -> str:
    """A log in SARIF 2.1.0 for tools that show findings at their lines."""
    rules = {finding.code: finding for finding in reversed(report.findings)}
    codes = sorted(rules)
    driver = {
        "name": "mesh",
        "version": mesh_platform.__version__,
        "rules": [_sarif_rule(rules[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.outcome != "could_not_run"}],
        "results": [_sarif_result(finding, codes) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def markdown(report: Report) -> str:
    """A summary for a pull request."""
    lines = [f"### `{report.title}`: {report.outcome.replace('_', ' ')}", "", _summary(report)]
    if report.findings:
        lines += ["", "| | what | where | way out |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in report.findings[:_MOST_ROWS]]
    if len(report.findings) > _MOST_ROWS:
        lines += ["", f"… and {len(report.findings) - _MOST_ROWS} more."]
    return "\n".join([*lines, *_details(report.findings)])


def without_repeats(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that tell the why of a policy once, and the way to a waiver once a product.

    Each says whether it blocks, also one that is not a policy's.
    """
    told: set[tuple[str, str | None]] = set()
    for finding in findings:
        why = None if (finding.code, None) in told else finding.why
        asked = None if (finding.code, finding.product or "") in told else finding.waiver
        told |= {(finding.code, None), (finding.code, finding.product or "")}
        yield replace(finding, why=why, waiver=asked, standing=_standing(finding))


def _standing(finding: Finding) -> str:
    """Whether it blocks, in words: a colour is lost in a log."""
    if finding.standing or finding.could_not_run:
        return finding.standing or "yes, it could not run"
    return {"error": "yes", "warning": "no, a warning"}.get(finding.severity, "no, for information")


def _summary(report: Report) -> str:
    counts = {
        "could not run": sum(f.could_not_run for f in report.findings),
        "blocking": sum(f.blocking and not f.could_not_run for f in report.findings),
        "warning(s)": sum(f.severity == "warning" for f in report.findings),
        "for information": sum(f.severity == "info" for f in report.findings),
    }
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return " ".join(part for part in (said and said + ".", report.note) if part) or report.nothing


def _annotation(finding: Finding) -> str:
    place = finding.place
    at = {"file": place.file, "line": place.line, "col": place.column, "title": finding.code}
    words = ",".join(f"{key}={_property(str(value))}" for key, value in at.items() if value)
    return f"::{_COMMANDS[finding.severity]} {words}::{_data(_said(finding))}"


def _said(finding: Finding) -> str:
    """Everything but the place and the code, which tools show by themselves."""
    owner = f"{finding.product}: " if finding.product else ""
    parts = [
        owner + finding.message,
        f"why: {finding.why}" if finding.why else "",
        f"blocking: {finding.standing}" if finding.standing else "",
        f"try: {finding.fix}" if finding.fix else "",
        f"waiver: {finding.waiver}" if finding.waiver else "",
    ]
    return "\n".join(part for part in parts if part)


def _data(said: str) -> str:
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _data(said).replace(":", "%3A").replace(",", "%2C")


def _sarif_rule(finding: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": finding.code}
    if finding.why:
        rule["fullDescription"] = {"text": finding.why}
    return rule


def _sarif_result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    place = finding.place
    region = {"startLine": place.line, "startColumn": place.column}
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.file, errors="surrogateescape")}
    }
    if place.line:
        physical["region"] = {key: value for key, value in region.items() if value}
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": _said(finding)},
        "locations": [{"physicalLocation": physical}],
        "properties": {"blocking": finding.blocking, "product": finding.product},
    }


def _row(finding: Finding) -> str:
    mark = "❔" if finding.could_not_run else _MARKS[finding.severity]
    owner = f"**{_cell(finding.product)}** " if finding.product else ""
    what = f"{owner}{_cell(finding.message)} <sub>`{finding.code}`</sub>"
    where = _cell(f"{finding.place.file}:{finding.place.line or 1}")
    return f"| {mark} | {what} | {where} | {_cell(finding.fix or '')} |"


def _cell(said: str) -> str:
    """Plain words: no row is broken, no HTML gets through; backticks stay what they are."""
    parts = re.split(r"(`[^`\n]*`)", " ".join(said.split()))
    safe = (part if part.startswith("`") else _plain(part) for part in parts)
    return "".join(safe).replace("|", "\\|")


def _plain(said: str) -> str:
    return re.sub(r"([*_\[\]\\])", r"\\\1", escape(said, quote=False))


def _details(findings: Sequence[Finding]) -> Iterator[str]:
    """Why each policy exists, and how to ask for a waiver, folded away."""
    first = {f.code: f for f in reversed(findings) if f.why}
    for code, finding in sorted(first.items()):
        yield f"\n<details><summary>{code}: why, and how to ask for a waiver</summary>\n"
        yield f"{_plain(finding.why or '')}\n"
        yield f"Blocking: {_plain(finding.standing or 'no')}\n"
        if finding.waiver:
            where, _, entry = finding.waiver.partition("\n")
            yield f"{_plain(where)}\n\n```yaml\n{entry}\n```\n"
        yield "</details>"
