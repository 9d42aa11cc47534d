"""A build as it goes on, told on standard error."""

from __future__ import annotations

from types import TracebackType

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mesh_platform.cli.output import console, tell
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
from mesh_platform.visible import visible


class Watching:
    """Steps as they happen: a live list on a terminal, plain lines elsewhere."""

    def __init__(self, names: list[str], *, quiet: bool) -> None:
        self._live: Progress | None = None
        shown = console(stderr=True)
        if shown.is_terminal and not quiet:
            self._live = Progress(
                SpinnerColumn(finished_text=" "),
                TextColumn("{task.description}", markup=False),
                TextColumn("{task.fields[step]}", style="dim", markup=False),
                TimeElapsedColumn(),
                console=shown,
            )
            add = self._live.add_task
            self._tasks = {n: add(n, start=False, total=1, step="waiting") for n in names}

    def __enter__(self) -> Watching:
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
            tell(f"{name}: {step}")

    def done(self, outcome: ProductOutcome) -> None:
        """A product is through."""
        name = str(outcome.product.name)
        if self._live:
            self._live.update(self._tasks[name], step=visible(_became(outcome)), completed=1)
            self._live.stop_task(self._tasks[name])
        else:
            took = f" in {outcome.seconds:.1f} s"
            tell(f"{name}: {_became(outcome, took)}")


def _became(outcome: ProductOutcome, took: str = "") -> str:
    """What became of a product, in words: `failed in 1.2 s; release 1 stays`."""
    release = outcome.release
    match outcome.verdict:
        case Verdict.RELEASED:
            return f"released as {release.number if release else '?'}{took}"
        case Verdict.FAILED:
            place = f" of {release.environment}" if release and release.environment else ""
            stays = f"; release {release.number}{place} stays" if release else ""
            return f"failed{took}{stays}"
        case _:
            return outcome.reason or "up to date"
