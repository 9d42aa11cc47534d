"""Tells Dagster of releases that no run of its made: those that were promoted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.events import Event, Known, events
from mesh_platform.orchestration.instance import open_instance
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.policies.on_releases import release_rules
from mesh_platform.release.promote import Promoted

_DATA_VERSION = "dagster/data_version"


def announce(workspace: Workspace, promoted: Iterable[Promoted]) -> None:
    """Show promoted releases, and what their checks said, in an environment's UI.

    Args:
        workspace: the environment that they were promoted to.
        promoted: what became of each product; those that were there already are left out.
    """
    new = [item for item in promoted if item.new]
    if not new:
        return
    with open_instance(workspace) as instance:
        for item in new:
            for event in _events(workspace, item):
                instance.report_runless_asset_event(_reported(event, item))


def _events(workspace: Workspace, item: Promoted) -> Iterable[Event]:
    checks = workspace.checks(item.release)
    outcome = ProductOutcome(item.product, Verdict.RELEASED, 0.0, item.release, checks=checks)
    today = datetime.now(UTC).date()
    rules = release_rules(workspace.mesh, item.product.name.domain, today)
    return events(outcome, Known((), (), rules))


def _reported(event: Event, item: Promoted) -> dg.AssetMaterialization | dg.AssetCheckEvaluation:
    if isinstance(event, dg.AssetCheckResult):
        assert event.asset_key is not None and event.check_name is not None  # noqa: PT018, S101
        return dg.AssetCheckEvaluation(
            asset_key=event.asset_key,
            check_name=event.check_name,
            passed=event.passed,
            metadata=event.metadata,
            severity=event.severity,
            description=event.description,
        )
    origin = f"release {item.source.number} of {item.source.environment}"
    version = {_DATA_VERSION: event.data_version.value} if event.data_version else {}
    assert event.asset_key is not None  # noqa: S101 - `events` names every asset
    return dg.AssetMaterialization(
        asset_key=event.asset_key,
        description=f"promoted from {origin}",
        metadata={**(event.metadata or {}), "mesh/promoted_from": origin},
        tags=version,
    )
