"""What a build would do with data: the measure of whether two contracts promise the same."""

from __future__ import annotations

import json
from typing import Any

import duckdb

from mesh_platform.checks.derive import derive
from mesh_platform.checks.render import render
from mesh_platform.checks.spec import CheckSpec
from mesh_platform.checks.types import ActualColumn, mismatches
from mesh_platform.model.contract import Contract, Severity
from mesh_platform.model.odcs import contract_as_written
from tests.contract_diff.contracts import Document
from tests.sessions import session


def withheld(document: Document, tables: list[str]) -> list[bool | None]:
    """Tell of each table, written as SQL, whether its release is withheld; None if no one knows."""
    contract = contract_as_written(json.dumps(document), "c")
    specs = [spec for spec in derive(contract) if spec.severity is Severity.ERROR]
    with session() as used:
        return [_withheld(used, contract, specs, each) for each in tables]


def _withheld(
    session: duckdb.DuckDBPyConnection, contract: Contract, specs: list[CheckSpec], table: str
) -> bool | None:
    session.execute(f"create or replace temporary table port as {table}")
    described = session.execute("describe port").fetchall()
    if mismatches(contract, tuple(ActualColumn(name, kind) for name, kind, *_ in described)):
        return True
    found = [_fails(session, spec) for spec in specs]
    return None if None in found else any(found)


def _fails(session: duckdb.DuckDBPyConnection, spec: CheckSpec) -> bool | None:
    rendered = render(spec)
    if rendered is None:
        return None if spec.reason else False
    try:
        row: tuple[Any, ...] | None = session.execute(rendered.observed).fetchone()
    except duckdb.Error:
        return None
    return row is None or row[0] is None or not spec.threshold.holds(float(row[0]))
