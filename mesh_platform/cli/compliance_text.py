"""Compliance for a terminal: one table, then what is open, excused and unclear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from mesh_platform.catalog.compliance_pictures import (
    EntryPicture,
    ScorePicture,
    Snapshot,
    StepPicture,
    ViolationPicture,
)
from mesh_platform.cli.output import joined, styled, table
from mesh_platform.errors import listed, several

_STATES = {
    "compliant": styled("✓ compliant", "green"),
    "with_waivers": styled("◐ with waivers", "cyan"),
    "violating": styled("✗ violating", "yellow"),
    "could_not_run": styled("? could not run", "magenta"),
    "not_measured": styled("not measured", "dim"),
}
_BLOCKING = styled("✗ violating, blocked", "red")
_MOST = 5
"""Places of one policy that are listed; `--output json` has all."""
_DIGITS = 10
"""So many tell two versions of the rules, or two commits, apart."""


def snapshot_text(shown: Snapshot) -> RenderableType:
    """How everything stands."""
    columns = ("", "#score", "state", "#level", "#open", "#waived", "to 100 %")
    rows = [_row(score, shown) for score in shown.scores]
    parts: list[RenderableType] = [table(columns, rows)]
    for lines in (_unclear(shown), _violations(shown), _waivers(shown), _notes(shown)):
        told = list(lines)
        parts += ["", *told] if told else []
    return Group(*parts, "", _last(shown))


def history_text(scope: str, name: str, entries: Sequence[EntryPicture]) -> RenderableType:
    """What was remembered of one scope, newest first."""
    if not entries:
        return styled(f"nothing was remembered of {name} yet: mesh compliance --record")
    rows = [
        (
            entry.at.replace("T", " ")[:19],
            percent(entry.score),
            _STATES[entry.state],
            "-" if entry.level is None else entry.level,
            "\n".join([entry.cause, *entry.rules, *entry.numbers]),
            f"{_short(entry.commit)}\n{entry.policy_version[:_DIGITS]}",
        )
        for entry in entries
    ]
    columns = ("when (UTC)", "#score", "state", "#level", "what changed", "commit, rules")
    return Group(f"{scope} {name}", "", table(columns, rows))


def percent(score: float | None) -> str:
    """A score in words; 100 only where nothing is missing."""
    return "-" if score is None else f"{score:.1f} %"


def _short(commit: str | None) -> str:
    """The first letters of a commit, and whether files had been changed since."""
    return "-" if commit is None else commit[:_DIGITS] + ("+" if commit.endswith("+") else "")


def _row(score: ScorePicture, shown: Snapshot) -> tuple[object, ...]:
    indent = {"mesh": "", "domain": "", "product": "  "}[score.scope]
    level = "-" if score.level is None else joined(f"{score.level} ", _name(score, shown))
    return (
        indent + score.name,
        percent(score.score),
        _BLOCKING if score.blocking and score.state == "violating" else _STATES[score.state],
        level,
        score.violations or "-",
        score.waived or "-",
        listed([_step(step, shown) for step in score.steps], 2),
    )


def _step(step: StepPicture, shown: Snapshot) -> str:
    """What one policy lacks; where it could not run, nobody knows what is violated."""
    lost = any(each.code == step.code for each in shown.unclear)
    return f"{several(step.subjects, 'measurement' if lost else 'violation')} of {step.code}"


def _name(score: ScorePicture, shown: Snapshot) -> Text:
    return styled(next((e.name for e in shown.levels if e.level == score.level), ""), "dim")


def _unclear(shown: Snapshot) -> Iterator[str | Text]:
    for each in shown.unclear:
        yield joined(styled("could not run", "magenta"), f": {each.message}")
        yield f"  at: {each.file}:{each.line or 1}  [{each.code}]"
        if each.fix:
            yield f"  try: {each.fix}"


def _violations(shown: Snapshot) -> Iterator[str | Text]:
    why = {policy.code: policy.why for policy in shown.policies}
    for code, found in _by_code(shown.violations):
        blocks = found[0].blocking
        word = styled("blocking", "red") if blocks else styled("open", "yellow")
        yield joined(word, f": {code}, {several(len(found), 'violation')}")
        yield f"  why: {why.get(code, '')}"
        for each in found[:_MOST]:
            yield f"  - {each.where}: {each.message}"
            yield f"    at: {each.file}:{each.line or 1}"
        if len(found) > _MOST:
            yield f"  … and {len(found) - _MOST} more"
        if found[0].fix:
            yield f"  try: {found[0].fix}"


def _by_code(
    found: Iterable[ViolationPicture],
) -> list[tuple[str, list[ViolationPicture]]]:
    by_code: dict[str, list[ViolationPicture]] = {}
    for each in found:
        by_code.setdefault(each.code, []).append(each)
    return list(by_code.items())


def _waivers(shown: Snapshot) -> Iterator[str | Text]:
    for each in shown.waivers:
        ends = f"until {each.until}, {several(each.days, 'day')}"
        until = styled(f"ends soon: {ends}", "yellow") if each.soon else ends
        yield joined(f"waived: {each.code} at {each.where}, ", until)
        yield f"  {each.reason} ({each.approver})"


def _notes(shown: Snapshot) -> Iterator[str]:
    for each in shown.notes:
        yield f"{each.message}\n  at: {each.file}:{each.line or 1}  [{each.code}]"


def _last(shown: Snapshot) -> str:
    counted = sum(policy.weight > 0 for policy in shown.policies)
    drafts = len(shown.policies) - counted
    told = f"policies that count: {counted}" + (f", drafts: {drafts}" if drafts else "")
    return f"{told} · version of the rules: {shown.policy_version[:_DIGITS]}"
