"""Runs the checks of a port in a process that is killed when a check does not end in time.

An interrupt stops DuckDB between batches of rows, but never inside one call of a function. All
checks share the process. After a check that hangs, a new process runs the rest.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any

from pydantic import TypeAdapter

from mesh_platform.checks.derive import derive
from mesh_platform.checks.foreign_keys import Relation
from mesh_platform.checks.spec import CheckResult, CheckSpec
from mesh_platform.engines.duckdb import limits
from mesh_platform.engines.duckdb.limits import MEMORY_VARIABLE, end_after, limit_memory
from mesh_platform.engines.duckdb.session import TookTooLongError
from mesh_platform.engines.duckdb.verify import TIME_LIMIT, Heard, could_not_run, verify
from mesh_platform.engines.duckdb.views import View
from mesh_platform.engines.great_expectations.runner import import_great_expectations
from mesh_platform.errors import MeshError
from mesh_platform.helper import Answer, HelperGoneError, HelperLateError, Worker, ahead, working
from mesh_platform.model.contract import Contract

_BEFORE = 300.0
"""Seconds that may pass before the next check begins, including the start of the process."""
_GONE = (
    "the process that ran it has ended: it may need more memory than one process may take, "
    f"see the variable {MEMORY_VARIABLE}"
)


def verify_apart(  # noqa: PLR0913, PLR0917 - what a check reads
    contract: Contract,
    files: tuple[str, ...],
    inputs: Iterable[View],
    input_files: tuple[str, ...],
    contracts: Mapping[Relation, Contract] | None = None,
    limit: float = TIME_LIMIT,
    released: Mapping[Relation, Contract] | None = None,
) -> tuple[CheckResult, ...]:
    """Check one port; see `verify` for the arguments.

    Raises:
        MeshError: the process ends before it begins with a check.
    """
    given = (contract, files, tuple(inputs), input_files, contracts, limit)
    check = partial(verify, *given, released=released)
    specs = {spec.name: spec for spec in derive(contract)}
    done = dict[str, CheckResult]()
    while len(done) < len(specs):
        before = len(done)
        _go_on(partial(_run, check, limit, frozenset(done)), specs, done, limit)
        if len(done) == before:
            raise MeshError(
                f"the checks of {contract.id} cannot run: the process that runs them ends",
                fix=f"look for memory that is short; {MEMORY_VARIABLE} limits it",
            )
    return tuple(done[name] for name in specs)


def begin(contracts: Iterable[Contract]) -> None:
    """Start the process that runs checks before there is anything to check: it takes seconds.

    Args:
        contracts: contracts whose checks will run.
    """
    ahead(partial(_begin, any(contract.suite for contract in contracts)))


def _begin(expectations: bool, _answer: Answer) -> None:
    if expectations:
        with contextlib.suppress(Exception):  # the first expectation tells it
            import_great_expectations()


def _go_on(
    work: partial[None],
    specs: Mapping[str, CheckSpec],
    done: dict[str, CheckResult],
    limit: float,
) -> None:
    """Run the checks that are left, until all are done, or one hangs or ends the process."""
    running, since = None, time.perf_counter()
    try:
        with working(work) as worker:
            while (told := _next(worker, limit if running else _BEFORE)) != "end":
                if isinstance(told, CheckResult):
                    done[told.check] = told
                    running = None
                else:
                    running, since = str(told["begins"]), time.perf_counter()
    except HelperLateError:
        why = str(TookTooLongError(limit))
    except HelperGoneError:
        why = _GONE
    else:
        return
    if running is not None:
        result = could_not_run(specs[running], why, specs[running].query)
        done[running] = replace(result, seconds=time.perf_counter() - since)


def _next(worker: Worker, seconds: float) -> Any:
    told = json.loads(worker.answer(seconds + limits.GRACE))
    if isinstance(told, dict) and "result" in told:
        return _adapter().validate_python(told["result"])
    if isinstance(told, dict) and "error" in told:
        raise MeshError(told["error"])
    return told


class _Telling(Heard):
    """Report the begin and the end of each check to the asking process."""

    def __init__(self, skip: frozenset[str], limit: float, answer: Answer) -> None:
        self.skip, self._limit, self._answer = skip, limit, answer

    def begins(self, check: str) -> None:
        end_after(self._limit + limits.ALONE)
        self._answer(json.dumps({"begins": check}).encode())

    def ends(self, result: CheckResult) -> None:
        end_after(None)
        self._answer(json.dumps({"result": asdict(result)}).encode())


def _run(check: Callable[..., object], limit: float, skip: frozenset[str], answer: Answer) -> None:
    """Run the checks inside the process, and send their results."""
    limit_memory()
    try:
        check(heard=_Telling(skip, limit, answer))
        answer(b'"end"')
    except Exception as error:  # noqa: BLE001 - the boundary: the asking process tells it
        said = error.message if isinstance(error, MeshError) else type(error).__name__
        answer(json.dumps({"error": f"the checks cannot run: {said}"}).encode())


@cache
def _adapter() -> TypeAdapter[CheckResult]:
    return TypeAdapter(CheckResult)
