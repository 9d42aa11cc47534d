"""What makes a function a policy, and what it is refused for."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.governance.examples import a_column
from mesh_platform.governance.policy import Parameter, State, Violation, policies_of, policy
from mesh_platform.governance.starter import purpose
from mesh_platform.governance.subjects import ColumnSubject
from mesh_platform.model.contract import Severity


@policy("test.short", severity="warning", state="grace", until="2027-01-31")
def short_names(column: ColumnSubject, *, most: int = 30) -> Violation | None:
    """Names are short.

    Why: long names are cut
    by some engines.
    """
    return Violation("too long") if len(column.name) > most else None


@short_names.good
def _short() -> ColumnSubject:
    return a_column("a")


@short_names.bad(most=3)
def _long_for_three() -> ColumnSubject:
    return a_column("abcd")


def test_a_policy_is_described_by_its_signature_and_its_docstring() -> None:
    info = short_names.info
    assert (info.code, info.subject, info.severity) == ("test.short", "column", Severity.WARNING)
    assert (info.state, str(info.until)) == (State.GRACE, "2027-01-31")
    assert (info.description, info.why) == (
        "Names are short.",
        "long names are cut by some engines.",
    )
    assert info.parameters == (Parameter("most", int, 30),)
    assert info.place.file == __file__
    assert info.place.line == short_names.check.__code__.co_firstlineno


def test_a_policy_can_be_called_and_keeps_its_cases() -> None:
    assert short_names(a_column("x" * 31)) == Violation("too long")
    assert short_names(a_column("x" * 31), most=40) is None
    assert [(case.name, case.good, case.parameters) for case in short_names.cases] == [
        ("short", True, {}),
        ("long_for_three", False, {"most": 3}),
    ]


def test_a_module_has_the_policies_that_it_defines_and_not_those_that_it_imports() -> None:
    here = ModuleType(__name__)
    vars(here).update({"mine": short_names, "borrowed": purpose.column_described, "other": 1})
    assert list(policies_of(here)) == [short_names]


def _no_subject(column: str) -> None:
    """Text.

    Why: x.
    """


def _no_type(column) -> None:  # type: ignore[no-untyped-def]
    """Text.

    Why: x.
    """


def _positional(column: ColumnSubject, most: int = 1) -> None:
    """Text.

    Why: x.
    """


def _no_default(column: ColumnSubject, *, most: int) -> None:
    """Text.

    Why: x.
    """


def _reserved(column: ColumnSubject, *, state: str = "x") -> None:
    """Text.

    Why: x.
    """


def _no_why(column: ColumnSubject) -> None:
    """Text."""


def _fine(column: ColumnSubject) -> None:
    """Text.

    Why: x.
    """


@pytest.mark.parametrize(
    ("function", "words", "said"),
    [
        (_no_subject, {}, "its first argument does not say what it judges"),
        (_no_type, {}, "its first argument does not say what it judges"),
        (_positional, {}, "`most` is no parameter"),
        (_no_default, {}, "`most` is no parameter"),
        (_reserved, {}, "`state` cannot be set"),
        (_no_why, {}, "its docstring does not say what must hold and why"),
        (_fine, {"severity": "grave"}, "`grave` is no severity"),
        (_fine, {"state": "on"}, "`on` is no state"),
        (_fine, {"code": "Nonsense"}, "the code is not of the form `topic.rule`"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(
    function: Any, words: dict[str, str], said: str
) -> None:
    code = words.pop("code", "test.refused")
    with pytest.raises(MeshError) as refused:
        policy(code, **words)(function)
    assert refused.value.message == f"policy `{code}`: {said}"
    assert refused.value.place is not None
    assert refused.value.place.line == function.__code__.co_firstlineno
    assert refused.value.fix
