"""Runs checks on a port's Parquet files: one query per rule, sealed off from everything else."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from mesh_platform.checks.derive import derive
from mesh_platform.checks.foreign_keys import OWN, PREVIOUS, Relation
from mesh_platform.checks.lint import bound
from mesh_platform.checks.render import Rendered, render
from mesh_platform.checks.spec import CheckResult, CheckSpec, Kind, Outcome, judge
from mesh_platform.checks.sql import quoted
from mesh_platform.checks.types import ActualColumn, mismatches
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.masks import MASK, Masks, names_made
from mesh_platform.engines.duckdb.session import (
    Connection,
    QueryError,
    TookTooLongError,
    create_views,
    open_session,
    seal,
    within,
)
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.engines.great_expectations.runner import ExpectationAnswer, run_expectations
from mesh_platform.model.contract import Contract

TIME_LIMIT = 60.0
"""Seconds that one check may take."""
_KINDS = {str: "a text", bytes: "bytes", date: "a date", datetime: "a time", timedelta: "a length"}
"""Words for what a rule returns in place of a number."""
_OF_A_VALUE = frozenset(f"expect_column_{part}_to_be_between" for part in ("max", "median", "min"))
"""Expectations that observe a value of the column itself."""


class Heard:
    """Is told of checks while they run, and says which to leave out; this one says nothing."""

    skip: frozenset[str] = frozenset()

    def begins(self, check: str) -> None:
        """A check is about to run."""

    def ends(self, result: CheckResult) -> None:
        """A check has run."""


def verify(  # noqa: PLR0913, PLR0917 - what a check reads, and who is told
    contract: Contract,
    files: tuple[str, ...],
    inputs: Iterable[View],
    input_files: tuple[str, ...],
    contracts: Mapping[Relation, Contract] | None = None,
    limit: float = TIME_LIMIT,
    heard: Heard | None = None,
    released: Mapping[Relation, Contract] | None = None,
) -> tuple[CheckResult, ...]:
    """Check one port, in this process; see `verify_apart` for one that can be killed.

    Args:
        contract: the promise.
        files: Parquet files of the port, staged or released.
        inputs: other ports that its rules and foreign keys may read, each pinned to one release.
        input_files: files behind these ports.
        contracts: their promises by schema and view, by which a foreign key finds its table.
        limit: seconds that each check may take.
        heard: told of each check.
        released: what releases of these ports promised, where that differs: it protects, too.

    Returns:
        A result for each check of the contract that was not left out, in its order.
    """
    session = open_session()
    try:
        seal(session, (*files, *input_files))
        run = _Run(session, contract, contracts or {}, limit, released or {})
        others = (view for view in inputs if (view.schema, view.name) != OWN)
        run.mount([View(*OWN, parquet_query(files)), *others])
        run.call_port(contract.table_names)
        specs = [bound(s, contract, contracts or {}, run.relations) for s in derive(contract)]
        return run.results(specs, heard or Heard())
    finally:
        session.close()


def schema_result(contract: Contract, actual: tuple[ActualColumn, ...]) -> CheckResult:
    """Hold a table's columns against the contract."""
    spec = next(spec for spec in derive(contract) if spec.kind is Kind.SCHEMA)
    said = mismatches(contract, actual)
    message = "; ".join(item.sentence for item in said) or "columns and types are as promised"
    return _result(spec, judge(spec, len(said)), float(len(said)), message)


class _Run:
    """The checks of one port in one session."""

    def __init__(
        self,
        session: Connection,
        contract: Contract,
        others: Mapping[Relation, Contract],
        limit: float,
        released: Mapping[Relation, Contract],
    ) -> None:
        self.session, self.contract, self.limit = session, contract, limit
        self.others, self.released = others, released
        self.masks = Masks(contract)
        self.words = EngineWords([contract, *others.values(), *released.values()])
        self.relations: list[Relation] = []
        self.unreadable: dict[Relation, str] = {}

    def mount(self, views: Iterable[View]) -> None:
        """Make port and inputs readable; a broken file stops only the checks that read it."""
        for view in views:
            relation = (view.schema, view.name)
            self.relations.append(relation)
            try:
                create_views(self.session, [view])
            except QueryError as error:
                self.unreadable[relation] = self.words.told(error)

    def call_port(self, names: Iterable[str]) -> None:
        """Let rules call the port by the names that the contract has for its table."""
        port = f"from {'.'.join(map(quoted, OWN))}"
        for name in names:
            schema, _, table = name.rpartition(".")
            relation = (schema or OWN[0], table)
            taken = {tuple(map(str.lower, known)) for known in self.relations}
            if (
                '"' not in name
                and "." not in schema
                and tuple(map(str.lower, relation)) not in taken
            ):
                with contextlib.suppress(QueryError):  # the port itself cannot be read
                    create_views(self.session, [View(*relation, port)])

    def results(self, specs: list[CheckSpec], heard: Heard) -> tuple[CheckResult, ...]:
        """Run all checks; expectations go last and together, because their engine starts slowly."""
        wanted = [spec for spec in specs if spec.name not in heard.skip]
        done = dict[str, CheckResult]()
        for spec in wanted:
            if not spec.expectation:
                heard.begins(spec.name)
                done[spec.name] = self.check(spec)
                heard.ends(done[spec.name])
        for result in self._expectations([spec for spec in wanted if spec.expectation], heard):
            done[result.check] = result
            heard.ends(result)
        return tuple(done[spec.name] for spec in wanted)

    def _expectations(self, specs: list[CheckSpec], heard: Heard) -> Iterable[CheckResult]:
        if not specs:
            return []
        if broken := self.unreadable.get(OWN):
            reason = f"the port's files cannot be read: {broken}"
            return [could_not_run(spec, reason) for spec in specs]
        wanted = [spec.expectation for spec in specs if spec.expectation]
        suite = self.contract.suite
        try:
            python = suite.python if suite else None
            answers = run_expectations(
                self.session, wanted, python, self.limit, lambda at: heard.begins(specs[at].name)
            )
        except Exception as error:  # noqa: BLE001 - the boundary: one engine's checks
            return [could_not_run(spec, self.words.told(error)) for spec in specs]
        return map(self._answered, specs, answers)

    def _answered(self, spec: CheckSpec, answer: ExpectationAnswer) -> CheckResult:
        """An answer as a result; of classified columns only numbers are told."""
        outcome = answer.outcome
        if outcome is Outcome.FAILED and not spec.blocking:
            outcome = Outcome.WARNED
        number = answer.observed if isinstance(answer.observed, int | float) else None
        if self._hides(spec) and spec.expectation and spec.expectation.type in _OF_A_VALUE:
            number = None
        message = answer.message
        if answer.outcome is Outcome.COULD_NOT_RUN:
            message = self.words.told(message, spec.promise) if answer.by_engine else message
        elif self._hides(spec):
            seen = "" if number is None else f": observed {number:,.10g}"
            message = f"{outcome.replace('_', ' ')}{seen} (classified columns are not shown)"
        sample = self._shown(spec, answer.sample)
        result = _result(spec, outcome, number, message)
        return replace(result, sample=sample, seconds=answer.seconds)

    def _hides(self, spec: CheckSpec) -> bool:
        """Tell whether what an expectation tells may be a classified value."""
        if spec.targets:
            return any(target.classified for target in spec.targets)
        return self.words.hidden

    def _shown(
        self, spec: CheckSpec, rows: tuple[dict[str, Any], ...]
    ) -> tuple[dict[str, Any], ...]:
        """Rows that an expectation names as it likes: a name of its query's own is not shown."""
        if not self.words.hidden:
            return tuple(self.masks.row(list(row), tuple(row.values())) for row in rows)
        made = frozenset[str]() if spec.targets else _names_made(spec)
        return tuple(self.masks.strict_row(row, made) for row in rows)

    def check(self, spec: CheckSpec) -> CheckResult:
        """Run one check; whatever goes wrong in it is its own result."""
        rendered = render(spec)
        if broken := self._unreadable(rendered):
            return could_not_run(spec, broken)
        if spec.kind is Kind.SCHEMA:
            rows = self.session.execute("describe port").fetchall()
            return schema_result(self.contract, tuple(ActualColumn(r[0], r[1]) for r in rows))
        if rendered is None:
            reason = spec.reason or f"this kind of rule cannot run yet, see {spec.place}"
            return could_not_run(spec, reason)
        started = time.perf_counter()
        try:
            with within(self.session, self.limit):
                return self._measured(spec, rendered)
        except (TookTooLongError, NoNumberError) as error:
            said = str(error)
        except (QueryError, ValueError, ArithmeticError, RuntimeError) as error:
            said = self._words_for(spec).told(error, rendered.observed)
        result = could_not_run(spec, said, rendered.observed)
        return replace(result, seconds=time.perf_counter() - started)

    def _words_for(self, spec: CheckSpec) -> EngineWords:
        """Return what may be told of an error.

        SQL that people wrote may read all, a promise its own.
        """
        if spec.kind is Kind.SQL:
            return self.words
        sides = (self.others, self.released) if spec.parent else ()
        parents = (side.get(spec.parent.relation) for side in sides if spec.parent)
        return EngineWords([self.contract, *(each for each in parents if each)])

    def _unreadable(self, rendered: Rendered | None) -> str | None:
        """Return which of the files that a check needs cannot be read."""
        text = rendered.observed.replace('"', "").lower() if rendered else ""
        for relation, said in self.unreadable.items():
            if relation == OWN:
                return f"the port's files cannot be read: {said}"
            name = PREVIOUS[1] if relation == PREVIOUS else ".".join(relation)
            if name in text:
                return f"the files of `{name}` cannot be read: {said}"
        return None

    def _measured(self, spec: CheckSpec, rendered: Rendered) -> CheckResult:
        started = time.perf_counter()
        observed = _number(self.session, rendered.observed)
        outcome = judge(spec, observed)
        sample = () if outcome is Outcome.PASSED else self._sample(rendered)
        shown = None if self._is_classified(spec) else observed
        result = _result(spec, outcome, shown, _sentence(spec, shown), rendered.observed)
        return replace(result, sample=sample, seconds=time.perf_counter() - started)

    def _is_classified(self, spec: CheckSpec) -> bool:
        """Tell whether what a rule observes may be a classified value, as in `max(salary)`."""
        if spec.kind is not Kind.SQL or not spec.query or not self.words.hidden:
            return False
        from mesh_platform.lineage.rule_reads import keeps_classified  # imports sqlglot

        sides = (self.others, {**self.others, **self.released})
        return any(keeps_classified(spec.query, self.contract, side) for side in sides)

    def _sample(self, rendered: Rendered) -> tuple[dict[str, Any], ...]:
        if rendered.sample is None:
            return ()
        cursor = self.session.execute(rendered.sample)
        names = [column[0] for column in cursor.description or []]
        return tuple(self.masks.row(names, row) for row in cursor.fetchall())


def _names_made(spec: CheckSpec) -> frozenset[str] | None:
    """Names that the query of an expectation makes itself; None where it has no plain query."""
    query = spec.expectation.kwargs.get("unexpected_rows_query") if spec.expectation else None
    return names_made(str(query).replace("{batch}", "port")) if query else None


def could_not_run(spec: CheckSpec, message: str, sql: str | None = None) -> CheckResult:
    """The result of a check that did not come to a verdict."""
    return _result(spec, Outcome.COULD_NOT_RUN, None, message, sql)


def _result(
    spec: CheckSpec, outcome: Outcome, observed: float | None, message: str, sql: str | None = None
) -> CheckResult:
    return CheckResult(
        check=spec.name,
        kind=spec.kind,
        outcome=outcome,
        severity=spec.severity,
        observed=observed,
        threshold=spec.promise,
        message=message,
        sql=sql,
    )


class NoNumberError(ValueError):
    """A rule does not return one number; said without the value that it returned."""


def _number(session: Connection, query: str) -> float:
    """Run one SELECT that must return one number.

    Raises:
        NoNumberError: it is not one SELECT, or does not return one number.
    """
    statements = session.extract_statements(query)
    if len(statements) != 1 or "SELECT" not in str(statements[0].type):
        raise NoNumberError("the rule must be exactly one SELECT")
    rows = session.execute(statements[0]).fetchmany(2)
    if len(rows) != 1 or len(rows[0]) != 1:
        raise NoNumberError("the rule must return one row with one column")
    if rows[0][0] is None:
        raise NoNumberError("the rule returned null, not a number")
    value = rows[0][0]
    if not isinstance(value, int | float | Decimal):
        raise NoNumberError(
            f"the rule returned {_KINDS.get(type(value), 'no number')}, not a number"
        )
    observed = float(value)
    if math.isnan(observed):
        raise NoNumberError("the rule returned NaN, not a number")
    return observed


def _sentence(spec: CheckSpec, observed: float | None) -> str:
    unit = " %" if spec.percent else ""
    if observed is None:
        return f"observed {MASK}, {spec.threshold}{unit} (classified columns are not shown)"
    return f"observed {observed:,.10g}{unit}, {spec.threshold}{unit}"
