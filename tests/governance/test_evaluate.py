"""Outcomes: passed, violated, waived, could not run; and never one for another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from mesh_platform.errors import Place
from mesh_platform.governance.evaluate import (
    Judged,
    Measurement,
    Outcome,
    Trouble,
    covers,
    in_force_at,
    judge,
)
from mesh_platform.governance.examples import a_column, a_product, waiver
from mesh_platform.governance.policy import Violation
from mesh_platform.governance.subjects import Belongs, ColumnSubject, belongs
from tests.governance.test_rules import MESH, TODAY, info, one

COLUMNS = [a_column("a"), a_column("b"), a_column("c")]
RULE = one(MESH, info("some.policy"))


def only_b(column: ColumnSubject) -> Violation | None:
    return Violation("it is b", "rename it") if column.name == "b" else None


def test_what_is_not_objected_to_has_passed() -> None:
    judged = judge(only_b, COLUMNS, {})
    assert judged == Judged({1: (Violation("it is b", "rename it"),)}, {})
    results = list(Measurement(RULE, COLUMNS, judged).results())
    assert [(r.subject.name, r.outcome) for r in results] == [
        ("a", Outcome.PASSED),
        ("b", Outcome.VIOLATED),
        ("c", Outcome.PASSED),
    ]


def test_a_policy_may_object_several_times_and_at_other_places() -> None:
    def twice(column: ColumnSubject) -> Iterator[Violation]:
        yield Violation("first", place=Place("elsewhere.sql", 4))
        yield Violation("second")

    results = list(Measurement(RULE, COLUMNS[:1], judge(twice, COLUMNS[:1], {})).results())
    assert [str(result.place) for result in results] == ["elsewhere.sql:4", "example.yaml:1"]


def _raises(column: ColumnSubject) -> None:
    raise KeyError("amount")


def _leaves(column: ColumnSubject) -> None:
    sys.exit("enough")


def _recurses(column: ColumnSubject) -> Any:
    return _recurses(column)


def _answers_wrong(column: ColumnSubject) -> Any:
    return True


def _answers_text(column: ColumnSubject) -> Any:
    return "wrong"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (_raises, "KeyError: 'amount'"),
        (_leaves, "SystemExit: enough"),
        (_recurses, "RecursionError: maximum recursion depth exceeded"),
        (_answers_wrong, "TypeError: it returned a bool, not a Violation, several, or None"),
        (_answers_text, "TypeError: it returned a str, not a Violation, several, or None"),
    ],
)
def test_a_policy_that_fails_could_not_run_and_did_not_pass(check: Any, said: str) -> None:
    judged = judge(check, COLUMNS, {})
    assert judged.violated == {}
    assert [trouble.message for trouble in judged.troubled.values()] == [said] * 3
    outcomes = {r.outcome for r in Measurement(RULE, COLUMNS, judged).results()}
    assert outcomes == {Outcome.COULD_NOT_RUN}


def test_a_trouble_names_the_line_of_the_policy() -> None:
    trouble = judge(_raises, COLUMNS[:1], {}).troubled[0]
    assert trouble.line == _raises.__code__.co_firstlineno + 1


def test_an_error_at_one_subject_does_not_spoil_the_others() -> None:
    def picky(column: ColumnSubject) -> Violation | None:
        if column.name == "a":
            raise ValueError("a")
        return only_b(column)

    results = list(Measurement(RULE, COLUMNS, judge(picky, COLUMNS, {})).results())
    assert [r.outcome for r in results] == [
        Outcome.COULD_NOT_RUN,
        Outcome.VIOLATED,
        Outcome.PASSED,
    ]


def test_a_measurement_that_did_not_come_about_says_nothing_good_of_any_subject() -> None:
    measurement = Measurement(RULE, COLUMNS, trouble=Trouble("it took longer than 10 s"))
    assert {r.outcome for r in measurement.results()} == {Outcome.COULD_NOT_RUN}
    assert len(list(measurement.objections())) == 3


def test_a_waiver_excuses_a_violation_and_nothing_else() -> None:
    excuse = (waiver(TODAY, column="b"),)
    [result] = Measurement(RULE, COLUMNS, judge(only_b, COLUMNS, {}), waivers=excuse).objections()
    assert (result.outcome, result.waiver) == (Outcome.WAIVED, excuse[0])
    troubled = Measurement(RULE, COLUMNS, judge(_raises, COLUMNS, {}), waivers=excuse)
    assert {r.outcome for r in troubled.objections()} == {Outcome.COULD_NOT_RUN}


def test_a_waiver_holds_to_the_end_of_its_last_day() -> None:
    excuse = waiver(TODAY)
    assert in_force_at([excuse], "some.policy", TODAY) == (excuse,)
    assert in_force_at([excuse], "some.policy", date(2026, 6, 2)) == ()
    assert in_force_at([excuse], "another.policy", TODAY) == ()


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({}, True),
        ({"product": "sales/orders"}, True),
        ({"product": "sales/returns"}, False),
        ({"port": "orders"}, True),
        ({"port": "orders", "column": "b"}, True),
        ({"port": "orders", "column": "a"}, False),
        ({"port": "returns", "column": "b"}, False),
    ],
)
def test_a_waiver_covers_what_lies_within_its_words(fields: dict[str, str], held: bool) -> None:
    subject = belongs(a_column("b"))
    assert subject == Belongs("sales", "sales/orders", "orders", "b")
    assert covers(waiver(TODAY, **fields), subject) is held


def test_a_waiver_of_a_domain_covers_its_products_and_no_other_domain() -> None:
    assert covers(waiver(TODAY), belongs(a_product()))
    assert not covers(waiver(TODAY), Belongs("finance", "finance/rates"))
    assert not covers(waiver(TODAY, product="sales/orders"), Belongs("sales"))
