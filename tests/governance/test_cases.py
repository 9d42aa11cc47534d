"""Policies are tested by their cases; a policy that nobody saw fail is not tested."""

from __future__ import annotations

from mesh_platform.governance.cases import Tried, missing, try_policy
from mesh_platform.governance.examples import a_column
from mesh_platform.governance.policy import Policy, Violation, policy
from mesh_platform.governance.subjects import ColumnSubject


def _policy(word: str) -> Policy:
    @policy("test.word")
    def no_word(column: ColumnSubject) -> Violation | None:
        """A column is not called so.

        Why: it is a test.
        """
        if word == "crash":
            raise ValueError(word)
        return Violation("it is called so") if column.name == word else None

    @no_word.good
    def _another() -> ColumnSubject:
        return a_column("b")

    @no_word.bad
    def _called_so() -> ColumnSubject:
        return a_column("a")

    return no_word


def _problems(made: Policy) -> list[str | None]:
    return [tried.problem for tried in try_policy(made)]


def test_a_policy_that_works_holds_both_cases() -> None:
    assert _problems(_policy("a")) == [None, None]


def test_a_case_that_does_not_hold_says_which_way() -> None:
    assert _problems(_policy("b")) == [
        "it is good, but: it is called so",
        "it is bad, but the policy lets it pass",
    ]


def test_a_policy_that_crashes_at_a_case_could_not_run() -> None:
    tried = try_policy(_policy("crash"))
    assert [each.could_not_run for each in tried] == [True, True]
    assert tried[1].problem == "the policy could not run: ValueError: crash"


def test_a_case_that_cannot_be_built_holds_nothing() -> None:
    made = _policy("a")

    @made.good
    def _misspelt() -> ColumnSubject:
        return a_column("b", descripton="x")

    assert try_policy(made)[-1].could_not_run


def test_a_good_and_a_bad_case_are_needed() -> None:
    good, bad = Tried("a", True, 1), Tried("b", False, 2)
    assert missing((good, bad)) is None
    assert missing((good,)) == "it has no bad case"
    assert missing(()) == "it has no good and no bad case"
