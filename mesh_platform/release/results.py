"""What the checks of a port said, in the form of Bitol's draft OORS 0.8.1.

The standard carries outcomes, never data: failing rows stay here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mesh_platform
from mesh_platform.checks.derive import derive
from mesh_platform.checks.spec import CheckResult, CheckSpec, Kind, Outcome
from mesh_platform.model.contract import Contract
from mesh_platform.state.records import Attempt, CheckRecord

VERSION = "v0.8.1"
_STATUS = {
    Outcome.PASSED: "pass",
    Outcome.WARNED: "warn",
    Outcome.FAILED: "fail",
    Outcome.COULD_NOT_RUN: "error",
}
_WORST_FIRST = ("error", "fail", "warn", "pass")
_METRICS = {
    Kind.ROW_COUNT: "rowCount",
    Kind.REQUIRED: "nullValues",
    Kind.UNIQUE: "duplicateValues",
    Kind.SQL: "sql",
}


def observability_results(
    release: Attempt, contract: Contract, checks: Iterable[CheckRecord]
) -> dict[str, Any]:
    """One document for one port of a release.

    Args:
        release: the release, which says when.
        contract: the promise that the checks came from.
        checks: what they said.

    Source: https://bitol-io.github.io/open-observability-results-standard/latest/
    """
    specs = {spec.name: spec for spec in derive(contract)}
    results = [_result(c.result, specs.get(c.result.check), contract) for c in checks]
    said = {result["status"] for result in results}
    return {
        "apiVersion": VERSION,
        "kind": "ObservabilityResults",
        "id": f"{release.id}/{contract.id}",
        "observedAt": (release.ended_at or release.started_at).isoformat(),
        "source": {
            "process": f"mesh build {release.product}",
            "runId": release.id,
            "vendor": f"mesh-platform {mesh_platform.__version__}",
        },
        "contract": {"contractId": contract.id, "standard": "ODCS", "version": contract.version},
        "status": next((status for status in _WORST_FIRST if status in said), "unknown"),
        "results": results,
        "customProperties": [
            {"property": "release", "value": release.number},
            {"property": "contractDigest", "value": contract.digest},
        ],
    }


def _result(result: CheckResult, spec: CheckSpec | None, contract: Contract) -> dict[str, Any]:
    columns = spec.columns if spec else ()
    names = [f"{contract.table}.{column}" for column in columns]
    found: dict[str, Any] = {
        "id": result.check,
        "type": "check",
        "name": (spec.description if spec else None) or result.check,
        "status": _STATUS[result.outcome],
        "severity": str(result.severity),
        "target": {
            "resourceType": "column" if columns else "table",
            "resourceIdentifier": (names[0] if len(names) == 1 else names) or contract.table,
        },
        "message": result.message,
    }
    if spec and spec.dimension:
        found["dimension"] = spec.dimension
    if result.observed is not None and spec:
        found["measure"] = _measure(result, spec)
    return found


def _measure(result: CheckResult, spec: CheckSpec) -> dict[str, Any]:
    limits: Any = list(spec.threshold.operands)
    return {
        "metric": _METRICS.get(spec.kind, "invalidValues"),
        "value": result.observed,
        "threshold": {spec.threshold.operator.value: limits if len(limits) > 1 else limits[0]},
        "unit": "percent" if spec.percent else "rows",
    }
