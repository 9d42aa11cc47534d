"""Runs Great Expectations on a port as SQL, in the session that verifies it; loads no table.

Great Expectations is imported only inside the functions that need it, because it costs seconds and
hundreds of megabytes. An expectation that raises or cannot run is could-not-run, never passed.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mesh_platform.checks.suites import Expectation
from mesh_platform.engines.duckdb.session import INTERRUPTED, Connection, TookTooLongError, within
from mesh_platform.engines.great_expectations.answers import (
    SAMPLE_ROWS,
    CannotRunError,
    EngineRaisedError,
    ExpectationAnswer,
    could_not_run,
    from_result,
    from_rows,
    sentence,
    wrong_arguments,
)
from mesh_platform.engines.great_expectations.python_suites import (
    MODULE_PREFIX,
    NOT_INSTALLED,
    WAY_TO_INSTALL,
    compile_suite,
    is_installed,
    line_in,
    load_module,
    module_name,
    open_context,
)

__all__ = ["DATA_SOURCE", "ExpectationAnswer", "compile_suite", "run_expectations"]

DATA_SOURCE = "mesh"
"""Name of the session as a data source, for expectations that compare with one."""
_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE_ROWS}


def import_great_expectations() -> None:
    """Import Great Expectations, if it is installed, before there is an expectation to run."""
    if is_installed():
        open_context()


def run_expectations(
    session: Connection,
    expectations: Iterable[Expectation],
    suite: Path | None = None,
    limit: float = 60.0,
    begins: Callable[[int], None] | None = None,
) -> tuple[ExpectationAnswer, ...]:
    """Run expectations on the view `port` of a session.

    Args:
        session: an open session; it stays open and unchanged.
        expectations: what to run, each on its own.
        suite: the product's `expectations.py`, for the types that it defines.
        limit: seconds that each of them may take.
        begins: called with the index of each expectation before it runs.

    Returns:
        An answer for each expectation, in their order: passed, failed or could not run.
    """
    wanted = tuple(expectations)
    if not wanted:
        return ()
    if not is_installed():
        reason = f"{NOT_INSTALLED}: {WAY_TO_INSTALL}"
        return tuple(could_not_run(each, reason) for each in wanted)
    run = _Run(session, _batch(session), suite, _learn_types(wanted, suite), limit)
    answers = []
    for place, each in enumerate(wanted):
        if begins is not None:
            begins(place)
        answers.append(run.answer(each))
    return tuple(answers)


@dataclass(frozen=True, slots=True)
class _Run:
    """Run the expectations of one port; `trouble` is why the product's own types are missing."""

    session: Connection
    batch: Any
    suite: Path | None
    trouble: str | None
    limit: float

    def answer(self, expectation: Expectation) -> ExpectationAnswer:
        """Run one expectation; an error becomes the answer to it and does not affect others."""
        started = time.perf_counter()
        try:
            with within(self.session, self.limit):
                answer = self._verdict(expectation)
        except EngineRaisedError as error:
            answer = self._raised(expectation, str(error))
        except (CannotRunError, TookTooLongError) as error:
            answer = could_not_run(expectation, str(error))
        except Exception as error:  # noqa: BLE001 - the boundary: one check run
            wrong = wrong_arguments(error)
            answer = (
                could_not_run(expectation, wrong)
                if wrong
                else self._raised(expectation, sentence(error))
            )
        return replace(answer, seconds=time.perf_counter() - started)

    def _raised(self, expectation: Expectation, said: str) -> ExpectationAnswer:
        """Return the answer to an error of the engine; report DuckDB's interrupt as a timeout."""
        if INTERRUPTED in said:
            return could_not_run(expectation, str(TookTooLongError(self.limit)))
        return could_not_run(expectation, said, by_engine=True)

    def _verdict(self, expectation: Expectation) -> ExpectationAnswer:
        from great_expectations.expectations.core.unexpected_rows_expectation import (
            UnexpectedRowsExpectation,
        )

        built = self._built(expectation)
        plain_query = UnexpectedRowsExpectation._validate
        if getattr(type(built), "_validate", None) is plain_query:
            return _unexpected_rows(self.session, expectation, built.unexpected_rows_query)
        result = self.batch.validate(built, result_format=_FORMAT).to_json_dict()
        filled = replace(expectation, kwargs=dict(built))  # defaults of its class too
        return from_result(expectation, filled.columns, result)

    def _built(self, expectation: Expectation) -> Any:
        """Create the expectation as an object of Great Expectations, which checks its arguments."""
        from great_expectations.exceptions.exceptions import ExpectationNotFoundError
        from great_expectations.expectations.registry import get_expectation_impl

        try:
            found = get_expectation_impl(expectation.type)
        except ExpectationNotFoundError as error:
            raise self._unknown(expectation.type) from error
        own = self.suite is not None and found.__module__ == module_name(self.suite)
        if found.__module__.startswith(MODULE_PREFIX) and (self.trouble or not own):
            raise self._unknown(expectation.type)
        with contextlib.redirect_stdout(io.StringIO()):  # it prints advice on queries
            return found(**expectation.kwargs)

    def _unknown(self, name: str) -> CannotRunError:
        return CannotRunError(self.trouble or f"Great Expectations knows no type `{name}`")


def _batch(session: Connection) -> Any:
    """Return the port as a batch of Great Expectations, in a context of its own for each call."""
    from mesh_platform.engines.great_expectations.dialect import URL, TypeNames, engine_options

    source = open_context().data_sources.add_sql(
        DATA_SOURCE,
        connection_string=URL,
        create_temp_table=False,
        kwargs=engine_options(session),
    )
    source.get_execution_engine().dialect_module = TypeNames(session)
    table = source.add_table_asset("port", table_name="port")
    return table.add_batch_definition_whole_table("all").get_batch()


def _learn_types(wanted: Sequence[Expectation], suite: Path | None) -> str | None:
    """Load the product's own types if one is needed; return why that failed, else None.

    The file may add types, but not replace shipped ones, which other products use, too.
    """
    from great_expectations.expectations import registry

    names = registry.list_registered_expectation_implementations()
    known = {name: registry.get_expectation_impl(name) for name in names}
    shipped = [name for name in known if known[name].__module__.startswith("great_expectations.")]
    if suite is None or all(each.type in shipped for each in wanted):
        return None
    try:
        load_module(suite)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a team's code may raise anything
        where = ":".join(str(part) for part in (suite.name, line_in(suite, error)) if part)
        return f"`{where}`: {sentence(error)}"
    replaced = [name for name in shipped if registry.get_expectation_impl(name) != known[name]]
    for name in replaced:
        registry.register_expectation(known[name])
    if not replaced:
        return None
    return (
        f"`{suite.name}` replaces `{replaced[0]}`, which Great Expectations ships: "
        "give the class another name"
    )


def _unexpected_rows(
    session: Connection, expectation: Expectation, query: Any
) -> ExpectationAnswer:
    """Count the rows and fetch a few; Great Expectations would fetch every failing row."""
    from mesh_platform.engines.great_expectations.dialect import BufferedCursor

    try:
        filled = str(query).format(batch="port")
    except (KeyError, IndexError, ValueError) as error:
        raise CannotRunError(
            "`unexpected_rows_query` knows the placeholder {batch} only; write other braces twice"
        ) from error
    cursor = BufferedCursor(session)
    cursor.execute(f"select count(*) from ({filled}\n) as broken")
    number = cursor.fetchall()[0][0]
    cursor.execute(f"select * from ({filled}\n) as broken limit {SAMPLE_ROWS}")
    names = [column[0] for column in cursor.description or []]
    return from_rows(expectation, number, names, cursor.fetchall())
