"""Runs a domain's job in this process, on the instance that the UI shows."""

from __future__ import annotations

import os
import platform

import dagster as dg

from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Product
from mesh_platform.orchestration.instance import open_instance
from mesh_platform.orchestration.location import Listener, domain_definitions, refuse_broken
from mesh_platform.release.build import note_failure
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.schedule import RunBatch
from mesh_platform.release.workspace import Workspace

_HOST, _PROCESS = "mesh/host", "mesh/process"


def in_dagster(workspace: Workspace, listener: Listener, *, full: bool) -> RunBatch:
    """A batch runner for `release.schedule` whose builds are Dagster runs."""
    instance = open_instance(workspace)

    def run(domain: str, products: tuple[Product, ...]) -> list[ProductOutcome]:
        return _run(workspace, instance, domain, products, _Batch(listener, full=full))

    return run


class _Batch:
    """Collects the outcomes of one run, and passes them on."""

    def __init__(self, listener: Listener, *, full: bool) -> None:
        self.full = full
        self.outcomes: list[ProductOutcome] = []
        self._heard = listener.outcome
        self.listener = Listener(listener.step, self._add)

    def _add(self, outcome: ProductOutcome) -> None:
        self.outcomes.append(outcome)
        self._heard(outcome)


def _run(
    workspace: Workspace,
    instance: dg.DagsterInstance,
    domain_name: str,
    products: tuple[Product, ...],
    batch: _Batch,
) -> list[ProductOutcome]:
    domain = workspace.mesh.domain(domain_name)
    try:
        refuse_broken(domain)
        workspace.dbt(domain).parse()
        definitions = domain_definitions(workspace, domain, batch.listener)
    except MeshError as error:
        return [_never_began(workspace, product, str(error), batch) for product in products]
    close_lost_runs(instance, domain_name)
    job = definitions.resolve_job_def(domain_name)
    names = {product.name.name for product in products}
    selection = [
        key
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition) and asset.node_def.name in names
        for key in asset.keys
    ]
    result = job.execute_in_process(
        instance=instance,
        asset_selection=selection,
        raise_on_error=False,
        tags=_tags(domain_name),
        run_config={
            "ops": {name: {"config": {"full": batch.full}} for name in names},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
    )
    return [*batch.outcomes, *_lost(result, products, batch.outcomes)]


def _tags(domain: str) -> dict[str, str]:
    """Where the run belongs in the UI, and which process answers for it."""
    return {
        ".dagster/repository": f"__repository__@{domain}",
        "mesh/by": "mesh build",
        _HOST: platform.node(),
        _PROCESS: str(os.getpid()),
    }


def close_lost_runs(instance: dg.DagsterInstance, domain: str) -> None:
    """Mark runs of builds on this host as failed whose process is gone: nobody else would."""
    started = dg.RunsFilter(
        job_name=domain,
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING],
        tags={"mesh/by": "mesh build", _HOST: platform.node()},
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
    workspace: Workspace, product: Product, reason: str, batch: _Batch
) -> ProductOutcome:
    note_failure(workspace, product, reason)
    release = workspace.registry.current(str(product.name))
    outcome = ProductOutcome(product, Verdict.FAILED, 0.0, release, reason)
    batch.listener.outcome(outcome)
    return outcome


def _lost(
    result: dg.ExecuteInProcessResult, products: tuple[Product, ...], known: list[ProductOutcome]
) -> list[ProductOutcome]:
    """Products whose step ended before it could say what became of them."""
    told = {outcome.product.name for outcome in known}
    return [
        ProductOutcome(
            product,
            Verdict.FAILED,
            0.0,
            reason=f"{product.name}: the Dagster run {result.run_id} failed; see it in the UI",
        )
        for product in products
        if product.name not in told
    ]
