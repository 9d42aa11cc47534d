"""`mesh build`: what is out of date is built, verified and released; Dagster shows it."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mesh_platform.cli.options import Settings, settings
from mesh_platform.cli.output import answer, colored, sign, table, tell
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.model.selection import select as selected
from mesh_platform.registry.records import CheckCounts
from mesh_platform.release.environments.lifecycle import check_deferral, defer
from mesh_platform.release.in_use import in_use
from mesh_platform.release.notices import notices
from mesh_platform.release.outcome import Listener, ProductOutcome, Step, Verdict
from mesh_platform.release.schedule import fitting_jobs, run_in_order
from mesh_platform.release.stale import Need, needs
from mesh_platform.release.workspace import Workspace

Select = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SELECT]...", help="Domains or products, with `+` for what is around them."
    ),
]


def build(
    context: typer.Context,
    select: Select = None,
    full: Annotated[bool, typer.Option("--full", help="Build what is up to date, too.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Domains to build at a time; else what pays."),
    ] = None,
    defer_to: Annotated[
        str | None,
        typer.Option(metavar="ENV", help="Build only what differs from ENV; remembered."),
    ] = None,
    no_defer: Annotated[
        bool, typer.Option("--no-defer", help="Read no other environment any more.")
    ] = False,
) -> None:
    """Materialize, verify and release what is out of date.

    A product whose check fails keeps its last good release. Exit code 1 if any product failed.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    `--defer-to` is for an environment of your own: `mesh build --env alice --defer-to prod` builds
    what differs from prod, and reads the rest there.

    Example: mesh build +punctuality/daily
    """
    said = settings(context)
    started = time.perf_counter()
    workspace = said.workspace()
    how = _How(full=full, jobs=jobs)
    with _deferring(workspace, defer_to, no_defer=no_defer):
        report = build_selected(workspace, select or [], said, how)
        remember(workspace)
    report = replace(report, seconds=time.perf_counter() - started)
    answer(said, _json(report, workspace.environment), lambda: _rendered(report))
    if report.verdict is Verdict.FAILED:
        raise typer.Exit(1)


@contextmanager
def _deferring(workspace: Workspace, to: str | None, *, no_defer: bool) -> Iterator[None]:
    """Keep the environment from being dropped, and note what it defers to from now on."""
    if to and no_defer:
        raise MeshError("`--defer-to` and `--no-defer` contradict", fix="leave one out")
    if to:
        check_deferral(workspace, to)
    with in_use(workspace.home):
        if to or no_defer:
            defer(workspace, to)
        if workspace.beyond:
            there = workspace.beyond.environment
            tell(f"{workspace.environment} defers to {there}: what is the same is read there")
        yield


def remember(workspace: Workspace) -> None:
    """Note how well the mesh keeps its policies now; that this failed is told, and no more."""
    from mesh_platform.release.policies.compliance import measure, record

    try:
        record(workspace, measure(workspace, datetime.now(UTC)))
    except Exception as error:  # noqa: BLE001 - what was released is released
        tell(f"compliance was not remembered: {error}", style="yellow")


@dataclass(frozen=True, slots=True)
class _How:
    full: bool
    jobs: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a build; `unreadable` are errors in files, by the product they keep away."""

    outcomes: tuple[ProductOutcome, ...]
    unreadable: dict[str, str]
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The worst of all outcomes."""
        if self.unreadable:
            return Verdict.FAILED
        for verdict in (Verdict.FAILED, Verdict.RELEASED):
            if any(outcome.verdict is verdict for outcome in self.outcomes):
                return verdict
        return Verdict.UP_TO_DATE


def build_selected(
    workspace: Workspace, expressions: list[str], said: Settings, how: _How
) -> Report:
    """Build what is out of date; domains whose files have errors are left out and reported."""
    mesh = workspace.mesh
    broken = {domain.name: domain for domain in mesh.domains if domain.broken}
    whole = [text for text in expressions if _domain_of(text) not in broken]
    products = selected(mesh, whole) if whole or not expressions else ()
    named = {_domain_of(text) for text in expressions} or set(broken)
    named |= {product.name.domain for product in products}
    found = needs(workspace, [p for p in products if p.name.domain not in broken], full=how.full)
    stale = [need.product for need in found if need.stale]
    made = {o.product.name: o for o in _run(workspace, stale, said, how)} if stale else {}
    return Report(
        tuple(made[n.product.name] if n.stale else _idle(workspace, n) for n in found),
        {
            finding.product or domain.name: str(finding)
            for domain in broken.values()
            for finding in reversed(domain.findings)
            if finding.blocking and domain.name in named
        },
    )


def _domain_of(expression: str) -> str:
    return expression.strip("+").split("/")[0]


def _run(
    workspace: Workspace, stale: list[Product], said: Settings, how: _How
) -> list[ProductOutcome]:
    from mesh_platform.orchestration.workers import crew

    jobs = how.jobs or _fitting_jobs(workspace, stale)
    tell(f"{len(stale)} to build; starting dbt and Dagster …")
    with _Progress([str(product.name) for product in stale], quiet=said.json) as progress:
        listener = Listener(progress.step, progress.done)
        with crew(workspace, stale, listener, full=how.full, jobs=jobs) as builders:
            return run_in_order(workspace.mesh, stale, builders)


def _fitting_jobs(workspace: Workspace, stale: list[Product]) -> int:
    newest = workspace.all_current() | workspace.registry.newest()
    known = [newest[str(product.name)] for product in stale if str(product.name) in newest]
    domains = len({product.name.domain for product in stale})
    seconds = sum(attempt.seconds or 0.0 for attempt in known)
    return fitting_jobs(domains, seconds, os.cpu_count() or 1)


def _idle(workspace: Workspace, need: Need) -> ProductOutcome:
    """The outcome of a product that is up to date."""
    workspace.registry.withdraw_failures(str(need.product.name))
    checks = workspace.checks(need.release)
    told = notices(workspace.mesh, need.product, datetime.now(UTC).date())
    return ProductOutcome(
        need.product, Verdict.UP_TO_DATE, 0.0, need.release, need.reason, checks, notices=told
    )


class _Progress:
    """Steps as they happen: a live list on a terminal, plain lines elsewhere."""

    def __init__(self, names: list[str], *, quiet: bool) -> None:
        self._live: Progress | None = None
        console = Console(stderr=True)
        if console.is_terminal and not quiet:
            self._live = Progress(
                SpinnerColumn(finished_text=" "),
                TextColumn("{task.description}"),
                TextColumn("{task.fields[step]}", style="dim"),
                TimeElapsedColumn(),
                console=console,
            )
            add = self._live.add_task
            self._tasks = {n: add(n, start=False, total=1, step="waiting") for n in names}

    def __enter__(self) -> _Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def step(self, name: str, step: Step) -> None:
        """A product enters a step."""
        if self._live:
            self._live.start_task(self._tasks[name])
            self._live.update(self._tasks[name], step=str(step))
        elif step in (Step.MODELS, Step.WAITING):
            sys.stderr.write(f"{name}: {step}\n")

    def done(self, outcome: ProductOutcome) -> None:
        """A product is through."""
        name, words = str(outcome.product.name), outcome.verdict.replace("_", " ")
        if self._live:
            self._live.update(self._tasks[name], step=words, completed=1)
            self._live.stop_task(self._tasks[name])
        else:
            number = f" {outcome.release.number}" if outcome.release else ""
            sys.stderr.write(f"{name}: {words}{number} in {outcome.seconds:.1f} s\n")


def _json(report: Report, environment: str) -> dict[str, Any]:
    entries = [
        _entry(
            str(outcome.product.name),
            outcome.verdict,
            outcome.counts,
            outcome.reason,
            release=outcome.release.number if outcome.release else None,
            seconds=outcome.seconds,
        )
        | {"notices": list(outcome.notices), "environment": _place(outcome, environment)}
        for outcome in report.outcomes
    ]
    entries += [
        _entry(name, Verdict.FAILED, CheckCounts(), reason)
        for name, reason in report.unreadable.items()
    ]
    seconds = round(report.seconds, 3)
    return {"outcome": report.verdict.value, "products": entries, "seconds": seconds}


def _place(outcome: ProductOutcome, environment: str) -> str | None:
    """Where the release is that consumers read."""
    return (outcome.release.environment or environment) if outcome.release else None


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


def _rendered(report: Report) -> RenderableType:
    columns = ("product", "outcome", "#release", "#rows", "checks", "#seconds")
    rows = [_row(outcome) for outcome in report.outcomes]
    rows += [(name, colored("failed"), "-", "-", "", "0.0") for name in report.unreadable]
    for outcome in report.outcomes:
        if outcome.verdict is Verdict.FAILED:
            tell(f"\n{outcome.reason}", style="red")
            _tell_broken_rows(outcome)
        elif outcome.reason and re.search(r"held|^waits", outcome.reason):
            tell(f"{outcome.product.name}: {outcome.reason}")
        for notice in outcome.notices:
            tell(notice, style="yellow")
    for reason in report.unreadable.values():
        tell(f"\n{reason}", style="red")
    made = sum(outcome.verdict is Verdict.RELEASED for outcome in report.outcomes)
    kept = [o for o in report.outcomes if o.verdict is Verdict.UP_TO_DATE]
    failed = len(rows) - made - len(kept)
    elsewhere = Counter(word for word in map(_elsewhere, kept) if word)
    words = [f"{made} released", f"{len(kept) - elsewhere.total()} up to date"]
    words += [f"{count} {word}" for word, count in elsewhere.items()] + [f"{failed} failed"]
    line = ", ".join(words)
    return Group(table(columns, rows), f"\n{line} in {report.seconds:.1f} s", _next(report))


def _tell_broken_rows(outcome: ProductOutcome) -> None:
    """What broke the release, with at most five rows for each rule."""
    for record in outcome.checks:
        if record.result.blocks:
            where = f"{record.port}." if record.port else "dbt test "
            tell(f"  {where}{record.result.check}: {record.result.message}", style="red")
            for row in record.result.sample:
                tell("    " + ", ".join(f"{name}={value}" for name, value in row.items()))


def _elsewhere(outcome: ProductOutcome) -> str | None:
    """`as in prod`, where the release of another environment is read."""
    place = outcome.release.environment if outcome.release else None
    return f"as in {place}" if place and outcome.verdict is Verdict.UP_TO_DATE else None


def _row(outcome: ProductOutcome) -> tuple[object, ...]:
    counts = asdict(outcome.counts)
    signs = [sign(word, n) for word, n in counts.items() if n or word == "passed"]
    release = outcome.release
    rows = " + ".join(f"{port.rows or 0:,}" for port in release.ports) if release else "-"
    return (
        str(outcome.product.name),
        colored(_elsewhere(outcome) or outcome.verdict),
        release.number if release else "-",
        rows,
        " ".join(signs),
        f"{outcome.seconds:.1f}",
    )


def _next(report: Report) -> str:
    if report.verdict is Verdict.FAILED:
        kept = any(outcome.release for outcome in report.outcomes) or report.unreadable
        still = "Consumers still read the last good releases. " if kept else ""
        return f"{still}Mend the above and build again."
    if not report.outcomes:
        return (
            "Nothing to build: no product is there yet. Add one under domains/<domain>/products/."
        )
    port = report.outcomes[-1].product.ports[0].name
    return f"[dim]next: mesh show {port.product} · mesh read {port} --limit 5 · mesh up[/dim]"
