"""What it means when expectations come and go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.contract_diff.values import Level
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Suite
from mesh_platform.planning.suites import suite_changes

NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "amount"}}
PAIR = {
    "type": "expect_column_pair_values_a_to_be_greater_than_b",
    "kwargs": {"column_A": "amount", "column_B": "status"},
}
WARNS = {**NOT_NULL, "severity": "warning"}


def _text(*entries: dict[str, Any]) -> str:
    return json.dumps({"name": "s", "expectations": entries, "meta": {}})


def _suite(*entries: dict[str, Any], problem: str | None = None) -> Suite:
    return Suite(file="expectations.json", text=_text(*entries), python=None, problem=problem)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ([NOT_NULL], [NOT_NULL], []),
        ([NOT_NULL], [{**NOT_NULL, "id": "7", "meta": {"notes": "why"}}], []),
        ([NOT_NULL], [{**NOT_NULL, "severity": "critical"}], []),
        ([NOT_NULL, PAIR], [PAIR, NOT_NULL], []),
        ([NOT_NULL], [], [("removed", Level.MAJOR, Level.MINOR)]),
        ([], [NOT_NULL], [("added", Level.MINOR, Level.MAJOR)]),
        ([NOT_NULL, NOT_NULL], [NOT_NULL], [("removed", Level.MAJOR, Level.MINOR)]),
        ([WARNS], [], [("removed", Level.MINOR, Level.MINOR)]),
        ([], [WARNS], [("added", Level.MINOR, Level.MINOR)]),
        (
            [NOT_NULL],
            [WARNS],
            [("removed", Level.MAJOR, Level.MINOR), ("added", Level.MINOR, Level.MINOR)],
        ),
        (
            [WARNS],
            [NOT_NULL],
            [("removed", Level.MINOR, Level.MINOR), ("added", Level.MINOR, Level.MAJOR)],
        ),
    ],
)
def test_an_expectation_weighs_what_it_held_back(
    before: list[dict[str, Any]],
    now: list[dict[str, Any]],
    said: list[tuple[str, Level, Level]],
) -> None:
    found = suite_changes(_text(*before), _suite(*now), "then")
    assert [(c.code.split(".")[1], c.level, c.producer) for c in found] == said


BETWEEN = "expect_column_mean_to_be_between"


def _between(low: object, high: object, **more: object) -> dict[str, Any]:
    return {"type": BETWEEN, "kwargs": {"column": "a", "min_value": low, "max_value": high, **more}}


@pytest.mark.parametrize(
    ("before", "now", "codes"),
    [
        (_between(1, 9), _between(2, 9), ["stricter"]),
        (_between(None, 9), _between(2, 8.5), ["stricter"]),
        (_between(1, 9), _between(1, 9, mostly=1.0), []),
        (_between(1, 9, mostly=0.8), _between(1, 9, mostly=0.9), ["stricter"]),
        (_between(1, 9, mostly=0.8), _between(1, 9), ["stricter"]),
        (_between(1, 9), _between(0, 9), ["removed", "added"]),
        (_between(1, 9), _between(2, 10), ["removed", "added"]),
        (_between(1, 9), _between(1, None), ["removed", "added"]),
        (_between(1, 9), _between(2, 9, mostly=0.9), ["removed", "added"]),
        (_between(1, 9), _between("2", 9), ["removed", "added"]),
        (_between(1, 9), _between(2, 9, column="b"), ["removed", "added"]),
        (_between(1, 9), {**_between(2, 9), "severity": "warning"}, ["removed", "added"]),
    ],
)
def test_narrower_bounds_and_a_larger_share_promise_more(
    before: dict[str, Any], now: dict[str, Any], codes: list[str]
) -> None:
    found = suite_changes(_text(before), _suite(now), "then")
    assert [change.code for change in found] == [f"expectation.{code}" for code in codes]
    if codes == ["stricter"]:
        assert (found[0].level, found[0].producer) == (Level.MINOR, Level.MAJOR)


@pytest.mark.parametrize(
    ("before", "now", "codes"),
    [
        ([_between(1, 9), _between(3, 9)], [_between(4, 9), _between(2, 9)], ["stricter"] * 2),
        ([_between(1, 9), _between(5, 9)], [_between(5, 9)], []),
        ([_between(5, 9), _between(5, 9)], [_between(5, 9)], ["removed"]),
        (
            [_between("2020-01-01", None, mostly=0.9)],
            [_between("2020-01-01", None, mostly=0.95)],
            ["stricter"],
        ),
    ],
)
def test_each_expectation_is_held_against_one_that_keeps_it(
    before: list[dict[str, Any]], now: list[dict[str, Any]], codes: list[str]
) -> None:
    found = suite_changes(_text(*before), _suite(*now), "then")
    assert [change.code for change in found] == [f"expectation.{code}" for code in codes]


def test_a_whole_suite_comes_and_goes() -> None:
    (gone,) = suite_changes(_text(PAIR), None, "then")
    assert (gone.columns, gone.message, gone.path) == (
        ("amount", "status"),
        "the expectation `expect_column_pair_values_a_to_be_greater_than_b` of `amount`, `status`"
        " is gone",
        "/expectations[type=expect_column_pair_values_a_to_be_greater_than_b]",
    )
    (new,) = suite_changes(None, _suite(WARNS), "then")
    assert new.message == (
        "the expectation `expect_column_values_to_not_be_null` of `amount`, a warning, is new"
    )
    assert new.after == {**NOT_NULL, "severity": "warning"}
    assert suite_changes(None, None, "then") == ()


def test_a_suite_that_is_older_than_its_python_is_not_compared() -> None:
    stale = _suite(NOT_NULL, problem="`expectations.py` has changed since; run `mesh sync`")
    with pytest.raises(MeshError, match="has changed since"):
        suite_changes(_text(NOT_NULL), stale, "then")
    made = Suite(file="expectations.json", text="", python=Path("expectations.py"), problem="new")
    with pytest.raises(MeshError, match="new"):
        suite_changes(None, made, "then")


def test_a_suite_of_then_that_is_none_is_told_with_its_place() -> None:
    with pytest.raises(MeshError) as told:
        suite_changes("{", _suite(NOT_NULL), "main: expectations.json")
    assert (told.value.place is not None and told.value.place.file) == "main: expectations.json"
