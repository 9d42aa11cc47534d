"""Write findings as annotations of a pull request, in the workflow commands of GitHub Actions."""

from __future__ import annotations

from collections import Counter

from mesh_platform.cli.forms.report import Report, everything
from mesh_platform.model.findings import Finding

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_SHOWN = 10
"""Annotations of one level that GitHub shows of a step."""


def github(report: Report) -> str:
    """Write the verdict, then what blocks, what breaks a consumer, and the rest.

    GitHub shows the first of each level only: what matters more comes first in its level.
    """
    blocking = [finding for finding in report.findings if finding.blocking]
    rest = [finding for finding in report.findings if not finding.blocking]
    shown = [*blocking, *report.breaks, *rest]
    said = f"{report.headline}. {report.summary}"
    if cut := _cut(shown):
        said = f"{said.rstrip('.')}. {cut}"
    return "\n".join(
        (f"::notice title={_property(report.title)}::{_data(said)}", *map(_annotation, shown))
    )


def _cut(shown: list[Finding]) -> str | None:
    """Say how many findings GitHub leaves out; the verdict counts as a notice."""
    counts = Counter(_COMMANDS[finding.severity] for finding in shown) + Counter(notice=1)
    many = [f"{count} {level}s" for level, count in counts.items() if count > _SHOWN]
    if not many:
        return None
    return f"GitHub shows {_SHOWN} of {' and of '.join(many)}; the log of the step has all."


def _annotation(finding: Finding) -> str:
    place = finding.place
    at = {"file": place.file, "line": place.line, "col": place.column, "title": finding.code}
    named = ",".join(f"{key}={_property(str(value))}" for key, value in at.items() if value)
    return f"::{_COMMANDS[finding.severity]} {named}::{_data(everything(finding))}"


def _data(said: str) -> str:
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _data(said).replace(":", "%3A").replace(",", "%2C")
