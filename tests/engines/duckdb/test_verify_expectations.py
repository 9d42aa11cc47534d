"""Expectations in the list of checks: what they may show, and how long they may take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify import verify
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet

pytestmark = pytest.mark.slow
SECRET = "ann@x.org"


def _results(path: Path, limit: float, *rules: dict[str, Any]) -> dict[str, CheckResult]:
    typed = "email varchar, n integer, salary integer"
    file = write_parquet(path / "p.parquet", typed, [(SECRET, 1, 7_000)])
    hidden = (column(name, classification="confidential") for name in ("email", "salary"))
    promise = contract(*hidden, column("n"), rules=rules)
    return {r.check: r for r in verify(promise, (file,), [], (), limit=limit)}


def _rule(name: str, kind: str, **kwargs: Any) -> dict[str, Any]:
    what = {"type": kind, "kwargs": kwargs}
    return {"name": name, "type": "custom", "engine": "greatExpectations", "implementation": what}


def _rows(name: str, query: str) -> dict[str, Any]:
    return _rule(name, "unexpected_rows_expectation", unexpected_rows_query=query)


def test_classified_values_are_not_shown_whatever_an_expectation_calls_them(
    tmp_path: Path,
) -> None:
    found = _results(
        tmp_path,
        60,
        _rows("renamed", "select email as who from {batch}"),
        _rows("converted", "select email::int from {batch}"),
        _rule("upper", "expect_column_values_to_be_null", column="EMAIL"),
        _rule("inset", "expect_column_values_to_be_in_set", column="email", value_set=["x"]),
        _rule(
            "distinct",
            "expect_column_distinct_values_to_be_in_set",
            column="email",
            value_set=["x"],
        ),
        _rule("open", "expect_column_values_to_be_in_set", column="n", value_set=[2]),
        _rule("top", "expect_column_max_to_be_between", column="salary", max_value=1),
        _rule("mean", "expect_column_mean_to_be_between", column="salary", max_value=1),
    )
    assert (found["top"].outcome, found["top"].observed) == (Outcome.FAILED, None)
    assert found["mean"].observed is not None
    assert found["renamed"].outcome is Outcome.FAILED
    assert found["converted"].outcome is Outcome.COULD_NOT_RUN
    assert SECRET not in repr([(r.message, r.sample, r.observed) for r in found.values()])
    assert found["renamed"].sample == ({"who": "•••"},)
    assert found["open"].sample == ({"n": 1},)


def test_each_expectation_has_the_time_limit_for_itself(tmp_path: Path) -> None:
    many = "range(200000) a, range(200000) b"
    slow = f"select a.range from {{batch}}, {many} where a.range + b.range < 0"
    found = _results(tmp_path, 1.0, _rows("first", slow), _rows("second", slow))
    for name in ("first", "second"):
        assert found[name].outcome is Outcome.COULD_NOT_RUN, name
        assert found[name].message == (
            "it took longer than 1 s; ask for less in one rule, or split it"
        )
        assert found[name].seconds < 30
