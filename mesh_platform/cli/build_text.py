"""Formats the result of a build, as text for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mesh_platform.cli.output import cell, colored, sign, styled, table, tell
from mesh_platform.environments.ways_out import option_of
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.state.records import Attempt, CheckCounts


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Hold a product with errors in its files, and its release, which consumers still read."""

    name: str
    reason: str
    release: Attempt | None = None


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Hold the outcomes of a build; `reasons` are those that keep a whole domain from building."""

    outcomes: tuple[ProductOutcome, ...]
    unreadable: tuple[Unreadable, ...] = ()
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """Return failed if anything failed, else released if anything was, else up to date."""
        if self.unreadable or self.reasons:
            return Verdict.FAILED
        for verdict in (Verdict.FAILED, Verdict.RELEASED):
            if any(outcome.verdict is verdict for outcome in self.outcomes):
                return verdict
        return Verdict.UP_TO_DATE


def report_json(report: BuildReport, environment: str) -> dict[str, Any]:
    """Return the result of a build for a program."""
    entries = [
        _entry(
            str(outcome.product.name),
            outcome.verdict,
            outcome.counts,
            outcome.reason,
            release=outcome.release.number if outcome.release else None,
            seconds=outcome.seconds,
        )
        | {"notices": list(outcome.notices), "environment": _place(outcome.release, environment)}
        for outcome in report.outcomes
    ]
    entries += [
        _entry(
            each.name,
            Verdict.FAILED,
            CheckCounts(),
            each.reason,
            release=each.release.number if each.release else None,
        )
        | {"environment": _place(each.release, environment)}
        for each in report.unreadable
    ]
    seconds = round(report.seconds, 3)
    outcome, reasons = report.verdict.value, list(report.reasons)
    return {"outcome": outcome, "products": entries, "reasons": reasons, "seconds": seconds}


def _place(release: Attempt | None, environment: str) -> str | None:
    """Return the environment of the release that consumers read, if there is one."""
    return (release.environment or environment) if release else None


def _entry(
    product: str,
    verdict: Verdict,
    counts: CheckCounts,
    reason: str | None,
    *,
    release: int | None = None,
    seconds: float = 0.0,
) -> dict[str, Any]:
    return {
        "product": product,
        "outcome": verdict.value,
        "release": release,
        "checks": asdict(counts),
        "seconds": round(seconds, 3),
        "reason": reason,
        "notices": [],
        "environment": None,
    }


def report_text(report: BuildReport, environment: str) -> RenderableType:
    """Return the result of a build in an environment for a person."""
    columns = ("product", "outcome", "#release", "#rows", "checks", "#seconds")
    rows = [_row(outcome) for outcome in report.outcomes]
    rows += [
        (each.name, colored("failed"), *_released(each.release), "", "0.0")
        for each in report.unreadable
    ]
    became = Counter(outcome.verdict for outcome in report.outcomes)
    kept = [o for o in report.outcomes if o.verdict is Verdict.UP_TO_DATE]
    failed = became[Verdict.FAILED] + len(report.unreadable)
    elsewhere = Counter(word for word in map(_elsewhere, kept) if word)
    words = [f"{became[Verdict.RELEASED]} released", f"{len(kept) - elsewhere.total()} up to date"]
    words += [f"{count} {word}" for word, count in elsewhere.items()]
    words += [f"{count} waiting" for count in (became[Verdict.WAITS],) if count]
    words += [f"{failed} failed"]
    line = ", ".join(words)
    said = f"\n{line} in {report.seconds:.1f} s"
    return Group(table(columns, rows), said, _next(report, environment))


def tell_troubles(report: BuildReport) -> None:
    """Print on standard error what failed, what waits or is held, and notices to the team."""
    told = set[str | None]()
    for outcome in report.outcomes:
        if outcome.verdict is Verdict.FAILED:
            if outcome.reason not in told:  # of a domain it is the same for each of its products
                tell(f"\n{outcome.reason}", style="red")
            told.add(outcome.reason)
            _tell_broken_rows(outcome)
        elif outcome.verdict is Verdict.WAITS or "held" in (outcome.reason or ""):
            tell(f"{outcome.product.name}: {outcome.reason}")
        for notice in outcome.notices:
            tell(notice, style="yellow")
    rest = dict.fromkeys([*(each.reason for each in report.unreadable), *report.reasons])
    for reason in rest:
        if reason not in told:
            tell(f"\n{reason}", style="red")


def _tell_broken_rows(outcome: ProductOutcome) -> None:
    """Print each check that blocks the release, with its sample of failing rows.

    A check that is the whole reason has its message there.
    """
    broken = [record for record in outcome.checks if record.result.blocks]
    told = len(broken) == 1 and broken[0].result.message in (outcome.reason or "")
    for record in broken:
        if not told:
            where = f"{record.port}." if record.port else "dbt test "
            tell(f"  {where}{record.result.check}: {record.result.message}", style="red")
        for row in record.result.sample:
            tell("    " + ", ".join(f"{name}={cell(value)}" for name, value in row.items()))


def _elsewhere(outcome: ProductOutcome) -> str | None:
    """Return `as in prod` for an up-to-date product that is read from another environment."""
    place = outcome.release.environment if outcome.release else None
    return f"as in {place}" if place and outcome.verdict is Verdict.UP_TO_DATE else None


def _row(outcome: ProductOutcome) -> tuple[object, ...]:
    counts = asdict(outcome.counts)
    signs = [sign(word, n) for word, n in counts.items() if n or word == "passed"]
    return (
        str(outcome.product.name),
        colored(_elsewhere(outcome) or outcome.verdict),
        *_released(outcome.release),
        Text(" ").join(signs),
        f"{outcome.seconds:.1f}",
    )


def _released(release: Attempt | None) -> tuple[object, str]:
    """Return the number and the rows of the release that consumers read."""
    if release is None:
        return "-", "-"
    return release.number, " + ".join(f"{port.rows or 0:,}" for port in release.ports)


def _next(report: BuildReport, environment: str) -> str | Text:
    if report.verdict is Verdict.FAILED:
        failed = [o.release for o in report.outcomes if o.verdict is Verdict.FAILED]
        kept = any([*failed, *(each.release for each in report.unreadable)])
        whole = not any(outcome.damaged for outcome in report.outcomes)
        still = "Consumers still read the last good releases. " if kept and whole else ""
        return f"{still}Mend the above and build again."
    if not report.outcomes:
        return (
            "Nothing to build: no product is there yet. Add one under domains/<domain>/products/."
        )
    port = _last_made(report).product.ports[0].name
    words = (f"show {port.product}", f"read {port} --limit 5", "up")
    there = option_of(environment)
    return styled(f"next: {' · '.join(f'mesh {word}{there}' for word in words)}", "dim")


def _last_made(report: BuildReport) -> ProductOutcome:
    """Return the last outcome that this build released, else the last outcome of all."""
    released = [o for o in report.outcomes if o.verdict is Verdict.RELEASED]
    return (released or report.outcomes)[-1]
