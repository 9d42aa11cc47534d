"""Read Great Expectations' results and errors into values; imports none of it.

The words are for people: one sentence, no traceback, no SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.suites import Expectation

SAMPLE_ROWS = 5
_TEXT_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class ExpectationAnswer:
    """Hold the result of one expectation on a port: passed, failed or could not run.

    `observed` is the number of unexpected rows, else the observed number, else text. It, the
    `message` and the `sample` may hold values of the expectation's columns; a message `by_engine`
    may hold any.
    """

    expectation: Expectation
    outcome: Outcome
    observed: float | str | None
    message: str
    sample: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    by_engine: bool = False


class CannotRunError(Exception):
    """Say why an expectation cannot run, in a sentence for people."""


class EngineRaisedError(CannotRunError):
    """The sentence is the engine's, which may quote values."""


def could_not_run(
    expectation: Expectation, reason: str, *, by_engine: bool = False
) -> ExpectationAnswer:
    """Say why there is no verdict, and whether the words are an engine's."""
    return ExpectationAnswer(expectation, Outcome.COULD_NOT_RUN, None, reason, by_engine=by_engine)


def from_result(
    expectation: Expectation, columns: tuple[str, ...], result: dict[str, Any]
) -> ExpectationAnswer:
    """Read a result of Great Expectations.

    Args:
        expectation: what ran.
        columns: the columns that it looked at.
        result: the validation result as JSON data.

    Raises:
        EngineRaisedError: the result tells of an exception.
        CannotRunError: it gives no verdict.
    """
    raised = _raised(result.get("exception_info") or {})
    if raised is not None:
        raise EngineRaisedError(plain(raised))
    if result.get("success") not in (True, False):  # numpy's count too
        raise CannotRunError("Great Expectations gave no verdict")
    outcome = Outcome.PASSED if result["success"] else Outcome.FAILED
    details = result.get("result") or {}
    number, observed = details.get("unexpected_count"), details.get("observed_value")
    if _is_number(number):
        values = (details.get("partial_unexpected_list") or [])[:SAMPLE_ROWS]
        rows = tuple(_row(value, columns) for value in values)
        message = _counted(number, details.get("element_count"))
        if number and outcome is Outcome.PASSED:
            message += ", which `mostly` allows"
        return ExpectationAnswer(expectation, outcome, float(number), message, rows)
    if _is_number(observed):
        message = f"observed {observed:,.10g}"
        return ExpectationAnswer(expectation, outcome, float(observed), message)
    missing = details.get("partial_missing_list")
    text = _short(missing or observed)
    said = "holds" if outcome is Outcome.PASSED else "does not hold"
    if text:
        said = f"missing {text}" if missing else f"observed {text}"
    return ExpectationAnswer(expectation, outcome, text, said)


def from_rows(
    expectation: Expectation, number: int, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> ExpectationAnswer:
    """Say that a query found this many broken rows, and show some of them."""
    shown = tuple(
        {name: _simple(value) for name, value in zip(names, row, strict=True)} for row in rows
    )
    outcome = Outcome.FAILED if number else Outcome.PASSED
    return ExpectationAnswer(expectation, outcome, float(number), _counted(number, None), shown)


def sentence(error: BaseException) -> str:
    """Say an error in one line."""
    if details := wrong_arguments(error):
        return details
    return f"{type(error).__name__}: {plain(str(error))}"


def wrong_arguments(error: BaseException) -> str | None:
    """Return which arguments of an expectation do not fit; None where the error is another."""
    details = getattr(error, "errors", None)
    if not callable(details):
        return None
    return "; ".join(_wrong_argument(item["loc"], item["msg"]) for item in details())


def _wrong_argument(place: Sequence[str | int], said: str) -> str:
    where = ".".join(str(part) for part in place if part != "__root__")
    return f"`{where}`: {said}" if where else said


def plain(said: str) -> str:
    """Return the first line of an error's text, without names of classes."""
    if re.match(r"No provider found for \S+ using SqlAlchemyExecutionEngine", said):
        return "Great Expectations cannot run this as SQL"
    if column := re.search(r'The column "([^"]+)" in BatchData does not exist', said):
        return f"the port has no column `{column[1]}`"
    first = (said.strip().splitlines() or ["an error without words"])[0]
    return re.sub(r"^(Error: |\([\w.]+\) )+", "", first)


def _raised(info: dict[str, Any]) -> str | None:
    """Return the first exception of a result, which has one, or one for each metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [each for each in entries if isinstance(each, dict) and each.get("raised_exception")]
    return str(raised[0].get("exception_message")) if raised else None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counted(number: float, of: float | None) -> str:
    total = f" of {of:,} rows" if of is not None else ""
    return f"not as expected: {number:,}{total}"


def _row(value: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """Return a failing value under the names of its columns."""
    if isinstance(value, dict):
        return {str(name): _simple(part) for name, part in value.items()}
    if len(columns) > 1 and isinstance(value, list) and len(value) == len(columns):
        return {name: _simple(part) for name, part in zip(columns, value, strict=True)}
    return {columns[0] if columns else "value": _simple(value)}


def _simple(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _short(observed: Any) -> str | None:
    if observed is None:
        return None
    text = observed if isinstance(observed, str) else json.dumps(observed, ensure_ascii=False)
    return text if len(text) <= _TEXT_AT_MOST else text[: _TEXT_AT_MOST - 1] + "…"
