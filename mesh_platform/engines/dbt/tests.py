"""Turns the dbt tests of a product into checks, and the results of dbt into check results.

Only tests that the team wrote count here. The rules of the contract are verified elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from mesh_platform.checks.render import SAMPLE_ROWS
from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.dbt.manifest import DbtTest, Manifest
from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.duckdb.masks import OpenColumns
from mesh_platform.engines.duckdb.session import QueryError, TookTooLongError
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.model.contract import Severity
from mesh_platform.model.naming import identifier

_USUAL = "!= 0"


@dataclass(frozen=True, slots=True)
class DbtCheck:
    """Hold a dbt test as a check at one model, under a name that is unique in its product."""

    name: str
    model: str
    test: DbtTest

    @property
    def blocking(self) -> bool:
        """Tell whether a failure withholds the release."""
        return self.test.severity is Severity.ERROR

    @property
    def description(self) -> str:
        """Return the team's description of the test, else its kind and its file."""
        kind = self.test.kind.replace("_", " ")
        return self.test.description.strip() or f"dbt {kind} in {self.test.path}"

    @property
    def rule(self) -> str:
        """Describe what the test requires, or on how many failures it fails or warns."""
        fails, warns = self.test.fails or _USUAL, self.test.warns or _USUAL
        if self.test.kind == "unit_test":
            return "returns the expected rows"
        if not self.blocking:
            return "no failure" if warns == _USUAL else f"warns if failures {warns}"
        if fails == warns == _USUAL:
            return "no failure"
        return f"fails if failures {fails}, warns if failures {warns}"


def dbt_checks(manifest: Manifest, product: str) -> tuple[DbtCheck, ...]:
    """Return the dbt checks of a product, ordered by name."""
    placed = [(_model(manifest, product, test), test) for test in manifest.tests_of(product)]
    names = _names(placed)
    checks = [DbtCheck(names[test.unique_id], model, test) for model, test in placed]
    return tuple(sorted(checks, key=lambda check: check.name))


def dbt_results(
    checks: tuple[DbtCheck, ...], nodes: tuple[NodeResult, ...]
) -> tuple[CheckResult, ...]:
    """Return the result of each check; a check that dbt did not run is could-not-run."""
    by_id = {node.unique_id: node for node in nodes}
    return tuple(_result(check, by_id.get(check.test.unique_id)) for check in checks)


def blames_rows(result: CheckResult) -> bool:
    """Tell whether a test on data failed or warned, so that it has rows to show."""
    return result.outcome in (Outcome.FAILED, Outcome.WARNED) and result.kind == "dbt_test"


def queries(checks: tuple[DbtCheck, ...], nodes: tuple[NodeResult, ...]) -> dict[str, str]:
    """Return the statement that ran for each check, by check name; it may contain values."""
    ran = {node.unique_id: node.sql for node in nodes}
    return {check.name: sql for check in checks if (sql := ran.get(check.test.unique_id))}


def with_rows(
    result: CheckResult, query: str | None, warehouse: Warehouse, shown: OpenColumns, seconds: float
) -> CheckResult:
    """Add the first failing rows of a test, with what must be hidden masked; keep the outcome."""
    if not (query and blames_rows(result)):
        return result
    try:
        rows = warehouse.first_rows(query, SAMPLE_ROWS, seconds)
    except (QueryError, TookTooLongError):  # what the engine says could quote a value
        return replace(result, message=f"{result.message}, which cannot be read again")
    return replace(result, sample=tuple(shown.row(row, query) for row in rows))


def _model(manifest: Manifest, product: str, test: DbtTest) -> str:
    """Return the model at which a test is shown: where it is written, else the last it needs."""
    own = manifest.models_of(product)
    if test.about in {model.name for model in own}:
        return str(test.about)
    return [
        model.name
        for model in own
        if model.name in test.models
        or set(model.sources) & set(test.sources)
        or set(model.seeds) & set(test.seeds)
    ][-1]


def _names(placed: list[tuple[str, DbtTest]]) -> dict[str, str]:
    """Return a unique name for each test id: tell equal names apart by model, then by number."""
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
    """Return the number of failures that dbt counted, if the test ran."""
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
