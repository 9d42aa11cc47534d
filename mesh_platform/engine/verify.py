"""Runs checks on a port's Parquet files: one query per rule, sealed off from everything else."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable
from typing import Any

from mesh_platform.engine.session import (
    Connection,
    QueryError,
    create_views,
    open_session,
    seal,
)
from mesh_platform.engine.views import View, parquet_query
from mesh_platform.model.contract import Contract
from mesh_platform.quality.derive import derive
from mesh_platform.quality.render import Rendered, render
from mesh_platform.quality.spec import CheckResult, CheckSpec, Kind, Outcome, judge
from mesh_platform.quality.types import ActualColumn, mismatches

_OPEN = (None, "public", "internal")
_MASK = "•••"


def verify(
    contract: Contract, files: tuple[str, ...], inputs: Iterable[View], input_files: tuple[str, ...]
) -> tuple[CheckResult, ...]:
    """Check one port.

    Args:
        contract: the promise.
        files: Parquet files of the port, staged or released.
        inputs: the product's pinned inputs, which `sql` rules may read.
        input_files: files behind these inputs.

    Returns:
        A result for each check of the contract, in its order.
    """
    session = open_session()
    try:
        seal(session, (*files, *input_files))
        create_views(session, [View("main", "port", parquet_query(files)), *inputs])
        masked = {c.name for c in contract.columns if c.classification not in _OPEN}
        return tuple(_run(session, spec, contract, masked) for spec in derive(contract))
    finally:
        session.close()


def schema_result(contract: Contract, actual: tuple[ActualColumn, ...]) -> CheckResult:
    """Hold a table's columns against the contract."""
    spec = next(spec for spec in derive(contract) if spec.kind is Kind.SCHEMA)
    said = mismatches(contract, actual)
    message = "; ".join(item.sentence for item in said) or "columns and types are as promised"
    return _result(spec, judge(spec, len(said)), float(len(said)), message)


def _run(session: Connection, spec: CheckSpec, contract: Contract, masked: set[str]) -> CheckResult:
    if spec.kind is Kind.SCHEMA:
        rows = session.execute("describe port").fetchall()
        return schema_result(contract, tuple(ActualColumn(row[0], row[1]) for row in rows))
    rendered = render(spec)
    if rendered is None:
        return _result(
            spec,
            Outcome.COULD_NOT_RUN,
            None,
            f"this kind of rule cannot run yet, see {spec.place}",
        )
    started = time.perf_counter()
    try:
        observed = _number(session, rendered.observed)
        outcome = judge(spec, observed)
        sample = () if outcome is Outcome.PASSED else _sample(session, rendered, masked)
    except (QueryError, ValueError) as error:
        said = str(error).splitlines()[0]
        if masked:  # engines quote the value that would not convert
            said = re.sub(r"'[^']*'", f"'{_MASK}'", said)
        return _result(spec, Outcome.COULD_NOT_RUN, None, said, rendered.observed)
    return CheckResult(
        check=spec.name,
        kind=spec.kind,
        outcome=outcome,
        severity=spec.severity,
        observed=observed,
        threshold=str(spec.threshold),
        message=_sentence(spec, observed),
        sql=rendered.observed,
        sample=sample,
        seconds=time.perf_counter() - started,
    )


def _result(
    spec: CheckSpec, outcome: Outcome, observed: float | None, message: str, sql: str | None = None
) -> CheckResult:
    return CheckResult(
        check=spec.name,
        kind=spec.kind,
        outcome=outcome,
        severity=spec.severity,
        observed=observed,
        threshold=str(spec.threshold),
        message=message,
        sql=sql,
    )


def _number(session: Connection, query: str) -> float:
    """Run one SELECT that must return one number.

    Raises:
        ValueError: it is not one SELECT, or does not return one number.
    """
    statements = session.extract_statements(query)
    if len(statements) != 1 or "SELECT" not in str(statements[0].type):
        raise ValueError("the rule must be exactly one SELECT")
    rows = session.execute(statements[0]).fetchmany(2)
    if len(rows) != 1 or len(rows[0]) != 1:
        raise ValueError("the rule must return one row with one column")
    if rows[0][0] is None:
        raise ValueError("the rule returned null, not a number")
    try:
        observed = float(rows[0][0])
    except TypeError as error:
        kind = type(rows[0][0]).__name__
        raise ValueError(f"the rule returned a {kind}, not a number") from error
    if math.isnan(observed):
        raise ValueError("the rule returned NaN, not a number")
    return observed


def _sample(
    session: Connection, rendered: Rendered, masked: set[str]
) -> tuple[dict[str, Any], ...]:
    if rendered.sample is None:
        return ()
    cursor = session.execute(rendered.sample)
    names = [column[0] for column in cursor.description or []]
    return tuple(
        {n: _MASK if n in masked else _plain(v) for n, v in zip(names, row, strict=True)}
        for row in cursor.fetchall()
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _sentence(spec: CheckSpec, observed: float) -> str:
    unit = " %" if spec.percent else ""
    return f"observed {observed:,.10g}{unit}, {spec.threshold}{unit}"
