"""Builds batches in several processes at once; each of them imports Dagster and dbt.

dbt keeps global state, and so does the logging of a Dagster run, so that a process builds one batch
at a time. A worker that dies fails its own batch only. Workers end with the process they serve.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mesh_platform.engines.dbt.process import DbtProcess
from mesh_platform.engines.duckdb.limits import share_memory
from mesh_platform.engines.duckdb.verify_apart import begin
from mesh_platform.engines.processes import serve_only
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Product
from mesh_platform.release.outcome import Listener, ProductOutcome, Step
from mesh_platform.release.schedule import Batch, Crew, batches

if TYPE_CHECKING:
    from mesh_platform.orchestration.run import DagsterRuns

_GRACE_SECONDS = 5
_SPAWN = multiprocessing.get_context("spawn")
_Helpers = TypeVar("_Helpers", DbtProcess, "Workers")


@contextmanager
def crew(
    workspace: Workspace, products: Sequence[Product], listener: Listener, *, full: bool, jobs: int
) -> Iterator[Crew]:
    """Yield what builds: this process, with dbt in another, for one job; else as many workers.

    Args:
        workspace: where the mesh is.
        products: what will be built.
        listener: receives steps and outcomes, in this process.
        full: build even what is up to date.
        jobs: batches at a time, at least 1.
    """
    if jobs > 1:
        with _ended(Workers(workspace, listener, full=full, jobs=jobs)) as workers:
            yield workers
        return
    order = dict.fromkeys(batch.domain for batch in batches(workspace.mesh, products))
    domains = [workspace.mesh.domain(name) for name in order]
    with _ended(DbtProcess()) as dbt:
        dbt.expect(workspace.dbt_places(domain) for domain in domains if not domain.broken)
        begin(port.contract for product in products for port in product.ports)
        yield _dagster_runs(replace(workspace, dbt=dbt), listener, full=full)


@contextmanager
def _ended(helpers: _Helpers) -> Iterator[_Helpers]:
    """Close the helpers when the block ends; at once if it raises."""
    try:
        yield helpers
    except BaseException:
        helpers.close(at_once=True)
        raise
    helpers.close(at_once=False)


def _dagster_runs(workspace: Workspace, listener: Listener, *, full: bool) -> DagsterRuns:
    warnings.filterwarnings("ignore", module=r"dagster(\..*)?")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    from mesh_platform.orchestration.run import DagsterRuns

    return DagsterRuns(workspace, listener, full=full)


@dataclass(frozen=True, slots=True)
class _Order:
    """Name the products that a worker builds; the worker has read the mesh itself."""

    domain: str
    products: tuple[str, ...]


@dataclass(slots=True)
class _Worker:
    """Hold a worker process, its connection, its current batch and the outcomes received so far."""

    process: BaseProcess
    line: Connection
    batch: Batch | None = None
    outcomes: list[ProductOutcome] = field(default_factory=list)


class Workers:
    """Build batches in worker processes, which start when there is something to build."""

    def __init__(self, workspace: Workspace, listener: Listener, *, full: bool, jobs: int) -> None:
        self._workspace, self._listener = workspace, listener
        self._full, self._jobs = full, jobs
        self._workers: list[_Worker] = []

    def close(self, *, at_once: bool) -> None:
        """End all workers; terminate them at once if nobody waits for their work."""
        for worker in self._workers:
            worker.line.close()
            if at_once:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_GRACE_SECONDS)
            worker.process.kill()
            worker.process.join()

    @property
    def free(self) -> bool:
        """Tell whether fewer batches are being built than allowed."""
        return sum(worker.batch is not None for worker in self._workers) < self._jobs

    def start(self, batch: Batch) -> None:
        """Hand a batch to an idle worker, or to a new one."""
        order = _Order(batch.domain, tuple(str(product.name) for product in batch.products))
        worker = self._told(order)
        worker.batch, worker.outcomes = batch, []

    def _told(self, order: _Order) -> _Worker:
        """Send an order to an idle or new worker, and return it; drop workers that died idle."""
        for worker in [worker for worker in self._workers if worker.batch is None]:
            if worker.process.is_alive():
                with contextlib.suppress(BrokenPipeError):
                    worker.line.send(order)
                    return worker
            self._bury(worker)
        worker = self._hired()
        with contextlib.suppress(BrokenPipeError):  # `finished` finds the line's end
            worker.line.send(order)
        return worker

    def finished(self) -> tuple[Batch, list[ProductOutcome]]:
        """Wait until a worker has ended its batch or died; return the batch and its outcomes."""
        while True:
            busy = {worker.line: worker for worker in self._workers if worker.batch}
            for line in wait(list(busy)):
                worker = busy[line]  # type: ignore[index]
                if self._heard(worker):
                    batch, worker.batch = worker.batch, None
                    assert batch is not None  # noqa: S101 - it was busy
                    self._fail_untold(batch, worker)
                    return batch, worker.outcomes

    def _heard(self, worker: _Worker) -> bool:
        """Receive and pass on one message of a worker, and tell whether its batch has ended."""
        try:
            said = worker.line.recv()
        except (EOFError, ConnectionResetError):
            self._bury(worker)
            return True
        match said:
            case ProductOutcome():
                worker.outcomes.append(said)
                self._listener.outcome(said)
            case (str(name), Step() as step):
                self._listener.step(name, step)
        return said is None

    def _hired(self) -> _Worker:
        ours, theirs = _SPAWN.Pipe()
        place = (self._workspace.mesh.root, self._workspace.environment)
        process = _SPAWN.Process(
            target=_serve, args=(theirs, *place, self._full, self._jobs), daemon=True
        )
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _bury(self, worker: _Worker) -> None:
        """Remove a worker that has died."""
        worker.process.join(_GRACE_SECONDS)
        worker.line.close()
        self._workers.remove(worker)

    def _fail_untold(self, batch: Batch, worker: _Worker) -> None:
        """Report a failed outcome for each product without one, so that none counts as done."""
        told = {outcome.product.name for outcome in worker.outcomes}
        for product in batch.products:
            if product.name not in told:
                kept = self._workspace.current(str(product.name))
                reason = f"{product.name}: {_cause(worker.process.exitcode)}"
                outcome = ProductOutcome.failed(product, kept, reason)
                worker.outcomes.append(outcome)
                self._listener.outcome(outcome)


def _cause(code: int | None) -> str:
    if code is None:
        return "the process that built it did not say what became of it"
    if code < 0:
        return (
            f"the process that built it was ended by signal {-code}\n"
            "  try: build again with `--jobs 1`; signal 9 mostly means that memory ran out"
        )
    return (
        f"the process that built it ended with code {code}\n"
        "  try: build again with `--jobs 1 --debug` to see why"
    )


def _serve(line: Connection, root: Path, environment: str, full: bool, jobs: int) -> None:
    """Build the batches that arrive; send steps and outcomes, and None at the end of each batch."""
    serve_only()
    share_memory(jobs)
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        workspace = Workspace.open(root, environment)
        listener = Listener(lambda name, step: line.send((name, step)), line.send)
        runs = _dagster_runs(workspace, listener, full=full)
        while True:
            order: _Order = line.recv()
            products = tuple(workspace.mesh.product(name) for name in order.products)
            runs.build(Batch(order.domain, products))
            line.send(None)
