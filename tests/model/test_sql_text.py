"""SQL is parsed, whatever its size, and what cannot be parsed is told by an error."""

from __future__ import annotations

import logging

import pytest
from sqlglot.errors import SqlglotError

from mesh_platform.model.sql_text import parsed


def test_each_statement_is_a_tree() -> None:
    assert [tree.sql() for tree in parsed("select 1; ; select 2")] == ["SELECT 1", "SELECT 2"]


def test_the_number_of_brackets_sets_no_limit() -> None:
    [tree] = parsed("select " + ", ".join(["cast(a as bigint)"] * 5000))
    assert len(tree.selects) == 5000


@pytest.mark.parametrize("text", ["select (", "select 'a"])
def test_what_is_no_sql_is_an_error_that_nobody_logs(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SqlglotError):
        parsed(text)
    parsed("alter table t frobnicate x")
    assert caplog.records == []
    assert not logging.getLogger("sqlglot").disabled


@pytest.mark.parametrize("part", ["(", "abs(", "not ", "case when true then "])
def test_what_is_nested_too_deeply_is_told_as_such(part: str) -> None:
    with pytest.raises(RecursionError, match="it is nested too deeply"):
        parsed("select " + part * 5000)
