"""Reports the outcome of a product as Dagster events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from mesh_platform.catalog.markdown import fenced, prose
from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import Model
from mesh_platform.engines.dbt.tests import DbtCheck
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.contract import Severity
from mesh_platform.model.naming import PortName, model_key
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.policies.on_releases import KIND, check_name
from mesh_platform.state.records import Attempt, PortRecord
from mesh_platform.visible import visible


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what the asset graph contains of a product; events may name nothing else."""

    models: tuple[Model, ...]
    tests: tuple[DbtCheck, ...]
    policies: tuple[PolicyRule, ...] = ()


Event = dg.MaterializeResult[object] | dg.AssetCheckResult


def events(outcome: ProductOutcome, known: Known) -> Iterator[Event]:
    """Yield the events of a product's outcome: models, then ports, then checks.

    Args:
        outcome: the outcome of the product.
        known: the product's part of the asset graph. On success, each model gets a materialization,
            and each dbt test and policy a result.
    """
    name = outcome.product.name
    built = {node.name: node for node in outcome.nodes if node.ok}
    for model in (model.name for model in known.models):
        if outcome.verdict is not Verdict.FAILED or model in built:
            node, rows = built.get(model), outcome.model_rows.get(model)
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(model_key(name, model)),
                metadata={
                    **({"dagster/row_count": rows} if rows is not None else {}),
                    **({"seconds": node.seconds} if node else {}),
                },
            )
    if outcome.release is not None and outcome.verdict is not Verdict.FAILED:
        for port in outcome.release.ports:
            yield _port(outcome, outcome.release, port)
    for record in outcome.checks:
        if record.port is not None and record.result.kind != KIND:
            yield _check(PortName(name, record.port).key, record.result)
    yield from _policies(outcome, known)
    said = {record.result.check: record.result for record in outcome.checks if not record.port}
    for check in known.tests:
        if check.name in said or outcome.verdict is not Verdict.FAILED:
            kind = f"dbt_{check.test.kind}"
            result = said.get(check.name) or _unknown(check.name, kind, check.rule)
            yield _check(model_key(name, check.model), result)


def _policies(outcome: ProductOutcome, known: Known) -> Iterator[dg.AssetCheckResult]:
    """Yield the results of policies at each port; after a failed build, only those recorded."""
    said = {(r.port, r.result.check): r.result for r in outcome.checks if r.result.kind == KIND}
    for port in outcome.product.ports:
        for rule in known.policies:
            name = check_name(rule)
            result = said.get((port.name.name, name))
            if result is None and outcome.verdict is not Verdict.FAILED:
                result = _unknown(name, KIND, rule.info.description)
            if result is not None:
                yield _check(port.name.key, result)


def _port(
    outcome: ProductOutcome, release: Attempt, port: PortRecord
) -> dg.MaterializeResult[object]:
    return dg.MaterializeResult(
        asset_key=dg.AssetKey(PortName(outcome.product.name, port.port).key),
        data_version=dg.DataVersion(release.fingerprint[:16]),
        metadata={
            "dagster/row_count": port.rows or 0,
            "mesh/release": release.number or 0,
            "mesh/outcome": outcome.verdict.value,
            "mesh/version": port.version,
            "mesh/bytes": port.bytes or 0,
            "mesh/delta_version": port.table_version or 0,
            "mesh/table": port.table_path,
            **({"mesh/environment": release.environment} if release.environment else {}),
        },
    )


def _unknown(name: str, kind: str, rule: str) -> CheckResult:
    """Return could-not-run for a check without a result in the release.

    The release may be older than the check, or the asset graph older than the change of a check.
    """
    word = KIND if kind == KIND else "test"
    return CheckResult(
        check=name,
        kind=kind,
        outcome=Outcome.COULD_NOT_RUN,
        severity=Severity.WARNING,
        observed=None,
        threshold=rule,
        message=f"the release does not say how this {word} ended; build it again in full",
    )


def _check(asset: tuple[str, ...], result: CheckResult) -> dg.AssetCheckResult:
    warning = result.severity == "warning"
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(asset),
        check_name=result.check,
        passed=result.outcome is Outcome.PASSED,
        severity=dg.AssetCheckSeverity.WARN if warning else dg.AssetCheckSeverity.ERROR,
        description=prose(result.message),
        metadata=check_metadata(result),
    )


def check_metadata(result: CheckResult) -> dict[str, dg.MetadataValue]:
    """Return what Dagster shows of a check beside its message."""
    metadata: dict[str, dg.MetadataValue] = {
        "outcome": dg.MetadataValue.text(result.outcome.value),
        "promised": dg.MetadataValue.text(visible(result.threshold)),
        "seconds": dg.MetadataValue.float(result.seconds),
    }
    if result.observed is not None:
        metadata["observed"] = dg.MetadataValue.float(result.observed)
    if result.sql:
        metadata["sql"] = dg.MetadataValue.md(fenced(result.sql, "sql"))
    if result.sample:
        records = [dg.TableRecord(_shown(row)) for row in result.sample]
        metadata["broken rows"] = dg.MetadataValue.table(records)
    return metadata


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the control characters in its names and texts made visible."""
    return {
        visible(name): visible(value) if isinstance(value, str) else value
        for name, value in row.items()
    }
