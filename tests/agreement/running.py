"""Puts the cases before both programs: the same table, the same contract, one verdict each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.model.odcs import read_contract
from tests.agreement.cases import Case

PYTHON = Path(__file__).parents[2] / ".peers" / "bin" / "python"
_THEIRS = Path(__file__).with_name("theirs.py")
_WORST = (Outcome.COULD_NOT_RUN, Outcome.FAILED, Outcome.WARNED, Outcome.PASSED)
_WORDS = {
    "error": "could not run",
    "failed": "failed",
    "warning": "warned",
    "passed": "passed",
}
"""Their results in our words, the worst first."""
NOT_VALID = "not a valid contract"


def need_peer() -> None:
    if not PYTHON.is_file():
        pytest.skip("datacontract-cli is not here; fetch it: make peers")


def write_tables(cases: Iterable[Case], folder: Path) -> Path:
    """One database that both can read, with a table of each case's name, and its Parquet."""
    database = folder / "tables.duckdb"
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'UTC'")
        session.execute(f"attach '{database}' as tables (storage_version 'v1.0.0')")
        session.execute("use tables")
        for case in cases:
            session.execute(f'create table "{case.name}" ({case.columns})')
            if case.rows:
                session.execute(f'insert into "{case.name}" values {case.rows}')
            session.execute(f"copy \"{case.name}\" to '{_parquet(case, folder)}' (format parquet)")
    return database


def write_contract(cases: Iterable[Case], path: Path, database: Path) -> Path:
    """A contract with one table for each case; only the other program reads several at once."""
    place = {"server": "tables", "type": "duckdb", "database": str(database), "schema": "main"}
    said = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "agreement/port",
        "version": "1.0.0",
        "status": "active",
        "servers": [place],
        "schema": [_table(case) for case in cases],
    }
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def _table(case: Case) -> dict[str, Any]:
    table = {
        "name": case.name,
        "properties": case.properties,
        "quality": case.rules,
        "relationships": case.relationships,
    }
    return {key: value for key, value in table.items() if value}


def our_verdict(case: Case, database: Path) -> str:
    """The worst outcome of all checks."""
    path = write_contract([case], database.with_name(f"{case.name}.odcs.yaml"), database)
    read, findings = read_contract(path, path.name)
    if read is None or findings:
        return NOT_VALID
    results = verify(read, (_parquet(case, database.parent),), [], ())
    return next(str(each) for each in _WORST if each in _outcomes(results)).replace("_", " ")


def their_verdicts(cases: Iterable[Case], ours: dict[str, str], database: Path) -> dict[str, str]:
    """What the other program says of each table, in our words.

    Valid tables share one contract, which is fast; the others would spoil it.
    """
    valid = [case for case in cases if ours[case.name] != NOT_VALID]
    paths = [write_contract(valid, database.with_name("valid.odcs.yaml"), database)]
    refused = [case.name for case in cases if ours[case.name] == NOT_VALID]
    paths += [database.with_name(f"{name}.odcs.yaml") for name in refused]
    told = _ask(paths)
    found = {table: said for tables in told.values() for table, said in tables.items() if table}
    for path, tables in told.items():
        if "" in tables:  # the contract as a whole
            found[Path(path).name.removesuffix(".odcs.yaml")] = tables[""]
    return {case.name: _worst_of_theirs(found.get(case.name, [])) for case in cases}


def _ask(paths: list[Path]) -> dict[str, dict[str, list[str]]]:
    done = subprocess.run(
        [str(PYTHON), str(_THEIRS)],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return told


def _worst_of_theirs(results: list[str]) -> str:
    return next((word for said, word in _WORDS.items() if said in results), "nothing to check")


def _outcomes(results: Iterable[CheckResult]) -> set[Outcome]:
    return {result.outcome for result in results}


def _parquet(case: Case, folder: Path) -> str:
    return str(folder / f"{case.name}.parquet")
