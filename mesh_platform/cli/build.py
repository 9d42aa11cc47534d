"""Provides `mesh build`: build, verify and release what is out of date.

The builds run in Dagster, so that its UI shows them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from mesh_platform.cli.arguments import Select
from mesh_platform.cli.build_progress import Watching
from mesh_platform.cli.build_text import (
    BuildReport,
    Unreadable,
    report_json,
    report_text,
    tell_troubles,
)
from mesh_platform.cli.options import Settings, settings
from mesh_platform.cli.output import answer, leave, tell
from mesh_platform.environments.lifecycle import check_deferral, defer
from mesh_platform.environments.locks import in_use
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.selection import Selection
from mesh_platform.model.selection import select as selected
from mesh_platform.release.notices import notices
from mesh_platform.release.outcome import Listener, ProductOutcome, Verdict
from mesh_platform.release.schedule import fitting_jobs, run_in_order
from mesh_platform.release.stale import Need, needs


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
        report = _build_selected(workspace, select or [], said, how)
        remember(workspace)
    report = replace(report, seconds=time.perf_counter() - started)
    if not said.json:
        tell_troubles(report)
    name = workspace.environment
    answer(said, report_json(report, name), lambda: report_text(report, name))
    leave(report.verdict)


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
    """Record how well the mesh keeps its policies now; warn if that fails, and go on."""
    from mesh_platform.release.policies.compliance import measure, record

    try:
        record(workspace, measure(workspace, datetime.now(UTC)))
    except Exception as error:  # noqa: BLE001 - what was released is released
        tell(f"compliance was not remembered: {error}", style="yellow")


@dataclass(frozen=True, slots=True)
class _How:
    """Hold the options of a build that are passed on together."""

    full: bool
    jobs: int | None


def _build_selected(
    workspace: Workspace, expressions: list[str], said: Settings, how: _How
) -> BuildReport:
    """Build what is out of date; leave out and report domains whose files have errors."""
    mesh = workspace.mesh
    broken = {domain.name: domain for domain in mesh.domains if domain.broken}
    asked = Selection.of(mesh, expressions)
    asked.check(mesh.unread)
    whole = [text for text in expressions if _domain_of(text) not in broken]
    products = selected(mesh, whole) if whole or not expressions else ()
    found = needs(workspace, [p for p in products if p.name.domain not in broken], full=how.full)
    stale = [need.product for need in found if need.stale]
    made = {o.product.name: o for o in _run(workspace, stale, said, how)} if stale else {}
    left = [_left_out(workspace, d, asked) for d in broken.values() if asked.reaches(d.name)]
    outcomes = [made[n.product.name] if n.stale else _idle(workspace, n) for n in found]
    return BuildReport(
        (*outcomes, *(outcome for each in left for outcome in each.held)),
        tuple(one for each in left for one in each.unreadable),
        tuple(reason for each in left for reason in each.reasons),
    )


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Hold what a build tells of a domain with errors: its products, and reasons of its own."""

    held: tuple[ProductOutcome, ...]
    unreadable: tuple[Unreadable, ...]
    reasons: tuple[str, ...]


def _left_out(workspace: Workspace, domain: Domain, asked: Selection) -> _LeftOut:
    """Return each product that has errors, and the others that are asked for."""
    blocking = [finding for finding in domain.findings if finding.blocking]
    wrong = {f.product: str(f) for f in reversed(blocking) if f.product}
    reasons = tuple(dict.fromkeys(str(f) for f in blocking if not f.product))[:1]
    rest = f"{domain.name}: nothing is built while its files have errors"
    reason = next(iter(reasons), f"{rest}\n  try: mesh check {domain.name}")
    unread = (str(name) for name in domain.unread if name in asked)
    told = dict.fromkeys(unread, reason) | wrong
    released = workspace.all_current()
    held = (p for p in domain.products if p.name in asked and str(p.name) not in wrong)
    return _LeftOut(
        tuple(ProductOutcome.failed(p, released.get(str(p.name)), reason) for p in held),
        tuple(Unreadable(name, said, released.get(name)) for name, said in told.items()),
        reasons,
    )


def _domain_of(expression: str) -> str:
    return expression.strip("+").split("/")[0]


def _run(
    workspace: Workspace, stale: list[Product], said: Settings, how: _How
) -> list[ProductOutcome]:
    from mesh_platform.orchestration.workers import crew

    jobs = how.jobs or _fitting_jobs(workspace, stale)
    tell(f"{len(stale)} to build; starting dbt and Dagster …")
    with Watching([str(product.name) for product in stale], quiet=said.json) as progress:
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
    """Return the outcome of a product that is up to date or waits; withdraw its past failures."""
    workspace.registry.withdraw_failures(str(need.product.name))
    checks = workspace.checks(need.release)
    told = notices(workspace.mesh, need.product, datetime.now(UTC).date())
    verdict = Verdict.WAITS if need.waits else Verdict.UP_TO_DATE
    return ProductOutcome(
        need.product, verdict, 0.0, need.release, need.reason, checks, notices=told
    )
