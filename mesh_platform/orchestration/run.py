"""Runs a domain's job in this process, on the instance that the UI shows."""

from __future__ import annotations

import os
import platform

import dagster as dg
from dagster._core.events import RunFailureReason

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.orchestration.build_instance import REPOSITORY
from mesh_platform.orchestration.instance import BY, open_instance
from mesh_platform.orchestration.location import domain_definitions, refuse_broken
from mesh_platform.orchestration.names import job_name, op_name
from mesh_platform.release.build import note_failure, unexpected
from mesh_platform.release.in_step import refuse_missing_sources
from mesh_platform.release.models import readable
from mesh_platform.release.outcome import Listener, ProductOutcome
from mesh_platform.release.schedule import Batch

_HOST, _PROCESS = "mesh/host", "mesh/process"


class DagsterRuns:
    """Builds batches as Dagster runs in this process, one after another: a `Crew` of one."""

    def __init__(self, workspace: Workspace, listener: Listener, *, full: bool) -> None:
        self._workspace, self._listener, self._full = workspace, listener, full
        self._instance = open_instance(workspace)
        self._made: list[tuple[Batch, list[ProductOutcome]]] = []

    @property
    def free(self) -> bool:
        """Tell whether the outcome of the last batch was fetched."""
        return not self._made

    def start(self, batch: Batch) -> None:
        """Build the batch to its end before returning."""
        self._made.append((batch, self.build(batch)))

    def finished(self) -> tuple[Batch, list[ProductOutcome]]:
        """Return the last batch, with the outcomes of its products."""
        return self._made.pop()

    def build(self, batch: Batch) -> list[ProductOutcome]:
        """Build the batch, and return the outcome of each product.

        Raises:
            KeyboardInterrupt: somebody stopped it; Dagster has closed the run as failed.
        """
        workspace, heard = self._workspace, _Heard(self._listener)
        domain = workspace.mesh.domain(batch.domain)
        try:
            refuse_broken(domain)
            refuse_missing_sources(workspace.mesh, domain)
            with readable(workspace, domain):
                workspace.dbt.parse(workspace.dbt_places(domain))
            definitions = domain_definitions(workspace, domain, heard.listener)
        except MeshError as error:
            return [_never_began(workspace, p, str(error), heard) for p in batch.products]
        except Exception as error:  # noqa: BLE001 - the boundary: one domain must not stop others
            return [_never_began(workspace, p, unexpected(error), heard) for p in batch.products]
        close_lost_runs(self._instance, batch.domain)
        result = self._executed(definitions, batch)
        if _interrupted(result):
            raise KeyboardInterrupt
        for product in batch.products:
            if product.name not in {outcome.product.name for outcome in heard.outcomes}:
                heard.listener.outcome(_lost(workspace, result, product))
        return heard.outcomes

    def _executed(self, definitions: dg.Definitions, batch: Batch) -> dg.ExecuteInProcessResult:
        names = {op_name(product.name) for product in batch.products}
        selection = [
            key
            for asset in definitions.assets or ()
            if isinstance(asset, dg.AssetsDefinition) and asset.node_def.name in names
            for key in asset.keys
        ]
        return definitions.resolve_job_def(job_name(batch.domain)).execute_in_process(
            instance=self._instance,
            asset_selection=selection,
            raise_on_error=False,
            tags=_tags(batch.domain),
            run_config={
                "ops": {name: {"config": {"full": self._full}} for name in names},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )


class _Heard:
    """Collects the outcomes of one run, and passes them on."""

    def __init__(self, listener: Listener) -> None:
        self.outcomes: list[ProductOutcome] = []
        self._heard = listener.outcome
        self.listener = Listener(listener.step, self._add)

    def _add(self, outcome: ProductOutcome) -> None:
        self.outcomes.append(outcome)
        self._heard(outcome)


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Tell whether the run was interrupted; Dagster does not raise the interrupt."""
    ends = (
        event for event in result.all_events if event.event_type is dg.DagsterEventType.RUN_FAILURE
    )
    return any(
        event.job_failure_data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
        for event in ends
    )


def _tags(domain: str) -> dict[str, str]:
    """Return tags for the place of the run in the UI, and for the process that executes it."""
    return {
        ".dagster/repository": f"{REPOSITORY}@{domain}",
        BY: "mesh build",
        _HOST: platform.node(),
        _PROCESS: str(os.getpid()),
    }


def close_lost_runs(instance: dg.DagsterInstance, domain: str) -> None:
    """Mark build runs on this host as failed if their process is gone; nothing else would."""
    started = dg.RunsFilter(
        job_name=job_name(domain),
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING],
        tags={BY: "mesh build", _HOST: platform.node()},
    )
    for run in instance.get_runs(started):
        if not _alive(int(run.tags[_PROCESS])):
            instance.report_run_failed(run, "the process of this build is gone")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _never_began(
    workspace: Workspace, product: Product, reason: str, heard: _Heard
) -> ProductOutcome:
    note_failure(workspace, product, reason)
    release = workspace.current(str(product.name))
    outcome = ProductOutcome.failed(product, release, reason)
    heard.listener.outcome(outcome)
    return outcome


def _lost(
    workspace: Workspace, result: dg.ExecuteInProcessResult, product: Product
) -> ProductOutcome:
    """Return the outcome of a product whose step ended before it could report one."""
    release = workspace.current(str(product.name))
    reason = _words_of_step(result, op_name(product.name)) or (
        f"{product.name}: the Dagster run {result.run_id} failed; see it in the UI"
    )
    return ProductOutcome.failed(product, release, reason)


def _words_of_step(result: dg.ExecuteInProcessResult, step: str) -> str | None:
    """Return the message with which a step failed, if it left one."""
    failures = (
        event.step_failure_data
        for event in result.all_events
        if event.is_step_failure and event.step_key == step
    )
    said = (failure.user_failure_data for failure in failures)
    return next((data.description for data in said if data and data.description), None)
