"""`mesh build`: what is out of date is built, verified and released; Dagster shows it."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mesh_platform.cli.options import Settings, settings
from mesh_platform.cli.output import answer, colored, table, tell
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.model.mesh import Product
from mesh_platform.model.selection import select
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
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
) -> None:
    """Materialize, verify and release what is out of date.

    A product whose check fails keeps its last good release. Exit code 1 if any product failed.

    Example: mesh build +punctuality/daily
    """
    said = settings(context)
    started = time.perf_counter()
    workspace = said.workspace()
    outcomes = build_products(workspace, _chosen(workspace, select or []), said, full=full)
    seconds = time.perf_counter() - started
    answer(said, _json(outcomes, seconds), lambda: _rendered(outcomes, seconds))
    if any(outcome.verdict is Verdict.FAILED for outcome in outcomes):
        raise typer.Exit(1)


def _chosen(workspace: Workspace, expressions: list[str]) -> tuple[Product, ...]:
    """Products to build; files that cannot be read are an error, other domains build."""
    broken = [domain for domain in workspace.mesh.domains if domain.broken]
    named = {text.strip("+").split("/")[0] for text in expressions}
    for domain in broken:
        errors = [finding for finding in domain.findings if finding.blocking]
        if domain.name in named:
            raise PromiseBrokenError(
                f"the domain `{domain.name}` cannot be built, its files have {len(errors)} error(s)"
                f"\n{errors[0]}",
                fix=f"mesh check {domain.name}",
            )
    return select(workspace.mesh, expressions)


def build_products(
    workspace: Workspace, products: tuple[Product, ...], said: Settings, *, full: bool
) -> list[ProductOutcome]:
    """Build what is out of date; outcomes in the order of `products`."""
    broken = _broken(workspace, products)
    found = needs(workspace, products, full=full)
    stale = [need.product for need in found if need.stale and need.product.name not in broken]
    made = {o.product.name: o for o in _run(workspace, stale, said, full=full)} if stale else {}
    made |= broken
    return [made.get(need.product.name) or _idle(workspace, need) for need in found] + [
        outcome for name, outcome in broken.items() if name not in {n.product.name for n in found}
    ]


def _broken(workspace: Workspace, products: tuple[Product, ...]) -> dict[Any, ProductOutcome]:
    outcomes = {}
    for product in products:
        domain = workspace.mesh.domain(product.name.domain)
        errors = [finding for finding in domain.findings if finding.blocking]
        if errors:
            outcomes[product.name] = ProductOutcome(
                product, Verdict.FAILED, 0.0, reason=str(errors[0])
            )
    return outcomes


def _run(
    workspace: Workspace, stale: list[Product], said: Settings, *, full: bool
) -> list[ProductOutcome]:
    warnings.filterwarnings("ignore", module=r"dagster(\..*)?")
    with _Progress([str(product.name) for product in stale], quiet=said.json) as progress:
        from mesh_platform.orchestration.location import Listener
        from mesh_platform.orchestration.run import in_dagster
        from mesh_platform.release.schedule import run_in_order

        logging.getLogger("alembic").setLevel(logging.ERROR)
        listener = Listener(progress.step, progress.done)
        run = in_dagster(workspace, listener, full=full)
        return run_in_order(workspace.mesh, stale, run)


def _idle(workspace: Workspace, need: Need) -> ProductOutcome:
    release = workspace.registry.current(str(need.product.name))
    checks = tuple(workspace.registry.checks(release.id)) if release else ()
    return ProductOutcome(
        need.product, Verdict.UP_TO_DATE, 0.0, release, need.reason, checks=checks
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


def _json(outcomes: list[ProductOutcome], seconds: float) -> dict[str, Any]:
    return {
        "outcome": str(_worst(outcomes)),
        "products": [
            {
                "product": str(outcome.product.name),
                "outcome": str(outcome.verdict),
                "release": outcome.release.number if outcome.release else None,
                "checks": {
                    "passed": outcome.counts.passed,
                    "warned": outcome.counts.warned,
                    "failed": outcome.counts.failed,
                    "could_not_run": outcome.counts.could_not_run,
                },
                "seconds": round(outcome.seconds, 3),
                "reason": outcome.reason,
            }
            for outcome in outcomes
        ],
        "seconds": round(seconds, 3),
    }


def _worst(outcomes: list[ProductOutcome]) -> Verdict:
    for verdict in (Verdict.FAILED, Verdict.RELEASED):
        if any(outcome.verdict is verdict for outcome in outcomes):
            return verdict
    return Verdict.UP_TO_DATE


def _rendered(outcomes: list[ProductOutcome], seconds: float) -> RenderableType:
    rows = [_row(outcome) for outcome in outcomes]
    columns = ("product", "outcome", "#release", "#rows", "checks", "#seconds")
    for outcome in outcomes:
        if outcome.verdict is Verdict.FAILED and outcome.reason:
            tell(f"\n{outcome.reason}", style="red")
    made = sum(outcome.verdict is Verdict.RELEASED for outcome in outcomes)
    kept = sum(outcome.verdict is Verdict.UP_TO_DATE for outcome in outcomes)
    line = f"{made} released, {kept} up to date, {len(outcomes) - made - kept} failed"
    return Group(table(columns, rows), f"\n{line} in {seconds:.1f} s", _next(outcomes))


def _row(outcome: ProductOutcome) -> tuple[object, ...]:
    counts = outcome.counts
    marks = [f"[green]✓ {counts.passed}[/green]"]
    marks += [f"[yellow]! {counts.warned}[/yellow]"] if counts.warned else []
    marks += [f"[red]✗ {counts.failed}[/red]"] if counts.failed else []
    marks += [f"[magenta]? {counts.could_not_run}[/magenta]"] if counts.could_not_run else []
    release = outcome.release
    rows = " + ".join(f"{port.rows or 0:,}" for port in release.ports) if release else "-"
    return (
        str(outcome.product.name),
        colored(outcome.verdict),
        release.number if release else "-",
        rows,
        " ".join(marks),
        f"{outcome.seconds:.1f}",
    )


def _next(outcomes: list[ProductOutcome]) -> str:
    if _worst(outcomes) is Verdict.FAILED:
        return "Consumers still read the last good releases. Mend the above and build again."
    name = outcomes[-1].product.name if outcomes else None
    if name is None:
        return "There is no product yet."
    return f"[dim]next: mesh show {name} · mesh read {name} --limit 5 · mesh up[/dim]"
