"""What became of a product, told as Dagster events."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from mesh_platform.model.naming import PortName, model_key
from mesh_platform.quality.spec import CheckResult, Outcome
from mesh_platform.registry.records import Attempt, CheckRecord, PortRecord
from mesh_platform.release.outcome import ProductOutcome, Verdict

Event = dg.MaterializeResult[object] | dg.AssetCheckResult


def events(outcome: ProductOutcome, model_names: list[str]) -> Iterator[Event]:
    """Events of a product's outcome: models, then ports, then checks.

    Args:
        outcome: what became of the product.
        model_names: models the asset graph knows; each gets a materialization on success.
    """
    name = outcome.product.name
    built = {node.name: node for node in outcome.nodes if node.ok}
    for model in model_names:
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
        yield _check(PortName(name, record.port), record)


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
        },
    )


def _check(port: PortName, record: CheckRecord) -> dg.AssetCheckResult:
    result = record.result
    warning = result.severity == "warning"
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(port.key),
        check_name=result.check,
        passed=result.outcome is Outcome.PASSED,
        severity=dg.AssetCheckSeverity.WARN if warning else dg.AssetCheckSeverity.ERROR,
        description=result.message,
        metadata=_check_metadata(result),
    )


def _check_metadata(result: CheckResult) -> dict[str, dg.MetadataValue]:
    metadata: dict[str, dg.MetadataValue] = {
        "outcome": dg.MetadataValue.text(result.outcome.value),
        "promised": dg.MetadataValue.text(result.threshold),
        "seconds": dg.MetadataValue.float(result.seconds),
    }
    if result.observed is not None:
        metadata["observed"] = dg.MetadataValue.float(result.observed)
    if result.sql:
        metadata["sql"] = dg.MetadataValue.md(f"```sql\n{result.sql}\n```")
    if result.sample:
        records = [dg.TableRecord(dict(row)) for row in result.sample]
        metadata["broken rows"] = dg.MetadataValue.table(records)
    return metadata
