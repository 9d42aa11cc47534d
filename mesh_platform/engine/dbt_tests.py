"""The dbt tests of a product as checks: known from the manifest, judged by what dbt said of them.

Only tests that the team wrote are here; what the contract promises is verified elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from mesh_platform.engine.dbt import NodeResult
from mesh_platform.engine.manifest import DbtTest, Manifest
from mesh_platform.engine.masks import OpenColumns
from mesh_platform.engine.session import QueryError, TookTooLongError
from mesh_platform.engine.warehouse import Warehouse
from mesh_platform.model.contract import Severity
from mesh_platform.model.naming import identifier
from mesh_platform.quality.render import SAMPLE_ROWS
from mesh_platform.quality.spec import CheckResult, Outcome

_USUAL = "!= 0"


@dataclass(frozen=True, slots=True)
class DbtCheck:
    """A dbt test under the name it has as a check, unique in its product, and at one model."""

    name: str
    model: str
    test: DbtTest

    @property
    def blocking(self) -> bool:
        """Whether a failure withholds the release."""
        return self.test.severity is Severity.ERROR

    @property
    def description(self) -> str:
        """What the team says of it, else where it is."""
        kind = self.test.kind.replace("_", " ")
        return self.test.description.strip() or f"dbt {kind} in {self.test.path}"

    @property
    def rule(self) -> str:
        """When it fails."""
        fails, warns = self.test.fails or _USUAL, self.test.warns or _USUAL
        if self.test.kind == "unit_test":
            return "returns the expected rows"
        if not self.blocking:
            return "no failure" if warns == _USUAL else f"warns if failures {warns}"
        if fails == warns == _USUAL:
            return "no failure"
        return f"fails if failures {fails}, warns if failures {warns}"


def dbt_checks(manifest: Manifest, product: str) -> tuple[DbtCheck, ...]:
    """The checks of a product, in the order of their names."""
    placed = [(_model(manifest, product, test), test) for test in manifest.tests_of(product)]
    names = _names(placed)
    checks = [DbtCheck(names[test.unique_id], model, test) for model, test in placed]
    return tuple(sorted(checks, key=lambda check: check.name))


def dbt_results(
    checks: tuple[DbtCheck, ...], nodes: tuple[NodeResult, ...]
) -> tuple[CheckResult, ...]:
    """What a run of dbt said of each check; one that it did not run has not passed."""
    by_id = {node.unique_id: node for node in nodes}
    return tuple(_result(check, by_id.get(check.test.unique_id)) for check in checks)


def blames_rows(result: CheckResult) -> bool:
    """Whether the check found rows that it could show."""
    return result.outcome in (Outcome.FAILED, Outcome.WARNED) and result.kind == "dbt_test"


def queries(checks: tuple[DbtCheck, ...], nodes: tuple[NodeResult, ...]) -> dict[str, str]:
    """The statement that ran for each check, by its name; it may hold values."""
    ran = {node.unique_id: node.sql for node in nodes}
    return {check.name: sql for check in checks if (sql := ran.get(check.test.unique_id))}


def with_rows(
    result: CheckResult, query: str | None, warehouse: Warehouse, shown: OpenColumns, seconds: float
) -> CheckResult:
    """Add the first rows that a test blames, as they may be shown; dbt's verdict stays."""
    if not (query and blames_rows(result)):
        return result
    try:
        rows = warehouse.first_rows(query, SAMPLE_ROWS, seconds)
    except (QueryError, TookTooLongError):  # what the engine says could quote a value
        return replace(result, message=f"{result.message}, which cannot be read again")
    return replace(result, sample=tuple(shown.row(row, query) for row in rows))


def _model(manifest: Manifest, product: str, test: DbtTest) -> str:
    """The model of the product that a test is shown at: the last one it needs."""
    own = manifest.models_of(product)
    if test.about in {model.name for model in own}:
        return str(test.about)
    return [
        model.name
        for model in own
        if model.name in test.models or set(model.sources) & set(test.sources)
    ][-1]


def _names(placed: list[tuple[str, DbtTest]]) -> dict[str, str]:
    """Names by id; the model tells equal names apart, then a number does."""
    plain = Counter(identifier(test.name) for _, test in placed)
    names: dict[str, str] = {}
    for model, test in placed:
        base = identifier(test.name)
        base = f"{model}_{base}" if plain[base] > 1 else base
        candidates = (base if number == 1 else f"{base}_{number}" for number in count(1))
        names[test.unique_id] = next(name for name in candidates if name not in names.values())
    return names


def _result(check: DbtCheck, node: NodeResult | None) -> CheckResult:
    outcome = _outcome(check, node)
    warned = outcome is Outcome.WARNED
    return CheckResult(
        check=check.name,
        kind=f"dbt_{check.test.kind}",
        outcome=outcome,
        severity=Severity.WARNING if warned else check.test.severity,
        observed=_observed(node, outcome),
        threshold=check.rule,
        message=_message(check, node, outcome),
        sql=None if node is None or outcome is Outcome.PASSED else node.shown,
        seconds=node.seconds if node else 0.0,
    )


def _outcome(check: DbtCheck, node: NodeResult | None) -> Outcome:
    match node.status if node else None:
        case "pass":
            return Outcome.PASSED
        case "warn":
            return Outcome.WARNED
        case "fail":
            return Outcome.FAILED if check.blocking else Outcome.WARNED
        case _:
            return Outcome.COULD_NOT_RUN


def _observed(node: NodeResult | None, outcome: Outcome) -> float | None:
    """Failures that dbt counted."""
    if node is None or node.failures is None or outcome is Outcome.COULD_NOT_RUN:
        return None
    return float(node.failures)


def _message(check: DbtCheck, node: NodeResult | None, outcome: Outcome) -> str:
    if node is None:
        return "dbt did not run it"
    if node.status == "skipped":
        return "skipped, because something before it failed"
    if check.test.kind == "test" and outcome is not Outcome.COULD_NOT_RUN:
        rows = node.failures or 0
        return f"{rows:,} failing row{'' if rows == 1 else 's'}"
    return node.message or check.rule
