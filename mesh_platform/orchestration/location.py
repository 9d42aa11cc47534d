"""Defines a domain's code location: its products as assets, their checks, jobs and schedules.

The package `release` does the build: the function of an asset calls it, and reports to Dagster.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from mesh_platform.catalog.markdown import prose
from mesh_platform.engines.dbt.manifest import Manifest, read_manifest
from mesh_platform.engines.dbt.tests import dbt_checks
from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import PromiseBrokenError, several
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.loader import find_root
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.orchestration.assets import (
    check_specs,
    dbt_check_specs,
    landing_specs,
    model_specs,
    policy_check_specs,
    port_specs,
)
from mesh_platform.orchestration.events import Event, Known, events
from mesh_platform.orchestration.failing import DescribedError, in_words
from mesh_platform.orchestration.instance import ENVIRONMENT_TAG
from mesh_platform.orchestration.names import job_name, op_name
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Listener, Step, Verdict
from mesh_platform.release.policies.on_releases import release_rules
from mesh_platform.visible import visible

ENVIRONMENT_VARIABLE = "MESH_ENV"


class BuildConfig(dg.Config):
    """Set the options of a build in the launchpad."""

    full: bool = False


def domain_location(definitions_file: str) -> dg.Definitions:
    """Return the definitions of the domain to whose folder the calling file belongs.

    Raises:
        MeshError: the domain's files are broken, or dbt's manifest was not prepared.
    """
    folder = Path(definitions_file).resolve().parent
    environment = os.environ.get(ENVIRONMENT_VARIABLE, DEFAULT_ENVIRONMENT)
    workspace = Workspace.open(find_root(folder), environment)
    return domain_definitions(workspace, workspace.mesh.domain(folder.name), Listener())


def domain_definitions(workspace: Workspace, domain: Domain, listener: Listener) -> dg.Definitions:
    """Return the definitions of one domain.

    Raises:
        MeshError: the domain's files are broken, or dbt's manifest was not prepared.
    """
    refuse_broken(domain)
    manifest = read_manifest(workspace.dbt_places(domain).manifest)
    rules = release_rules(workspace.mesh, domain.name, datetime.now(UTC).date())
    graphs = [(product, _known(product, manifest, rules)) for product in domain.products]
    products = [_product_asset(workspace, domain, p, g, listener) for p, g in graphs]
    return dg.Definitions(
        assets=[*landing_specs(domain), *products],
        jobs=[
            dg.define_asset_job(
                job_name(domain.name),
                selection=products,
                description=prose(domain.purpose),
                tags={ENVIRONMENT_TAG: workspace.environment},
            )
        ],
        schedules=list(schedules(domain)),
        executor=dg.in_process_executor,
    )


def refuse_broken(domain: Domain) -> None:
    """Raise an error with at most five blocking findings of the domain, if there are any."""
    errors = [finding for finding in domain.findings if finding.blocking]
    if errors:
        shown = "\n".join(str(error) for error in errors[:5])
        raise PromiseBrokenError(
            f"the domain `{domain.name}` has {several(len(errors), 'error')} in its files\n{shown}",
            fix=f"mesh check {domain.name}",
        )


def _known(product: Product, manifest: Manifest, rules: tuple[PolicyRule, ...]) -> Known:
    tests = dbt_checks(manifest, product.name.name)
    return Known(manifest.models_of(product.name.name), tests, rules)


def _product_asset(
    workspace: Workspace, domain: Domain, product: Product, graph: Known, listener: Listener
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=op_name(product.name),
        specs=[*model_specs(domain, product, graph.models), *port_specs(domain, product)],
        check_specs=[
            *check_specs(product),
            *dbt_check_specs(product, graph.tests),
            *policy_check_specs(product, graph.policies),
        ],
        pool=f"duckdb_{domain.name}",
        description=prose(product.purpose or ""),
    )
    def release(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[Event]:
        def note(name: str, step: Step) -> None:
            context.log.info(f"{name}: {step}")
            listener.step(name, step)

        if ENVIRONMENT_TAG not in context.run_tags:  # launched by hand, without the domain's job
            context.instance.add_run_tags(context.run_id, {ENVIRONMENT_TAG: workspace.environment})
        with in_words():
            outcome = release_product(workspace, product, full=config.full, watch=note)
        listener.outcome(outcome)
        for notice in outcome.notices:
            context.log.warning(visible(notice))
        yield from events(outcome, graph)
        if outcome.verdict is Verdict.FAILED:
            raise DescribedError(outcome.reason or outcome.verdict)
        number = outcome.release.number if outcome.release else None
        words = outcome.reason or f"{outcome.verdict}, release {number}"
        context.log.info(visible(f"{product.name}: {words}"))

    return release


def schedules(domain: Domain) -> Iterator[dg.ScheduleDefinition]:
    """Yield a schedule for each product that promises a frequency; it is stopped at first."""
    for product in domain.products:
        if product.schedule:
            keys = [dg.AssetKey(port.name.key) for port in product.ports]
            yield dg.ScheduleDefinition(
                name=f"{product.name.name}_schedule",
                target=dg.AssetSelection.assets(*keys).required_multi_asset_neighbors(),
                cron_schedule=product.schedule,
                execution_timezone=product.time_zone,
                default_status=dg.DefaultScheduleStatus.STOPPED,
                description=f"{product.name}, as often as its contract promises",
            )
