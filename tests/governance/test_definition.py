"""Which lines of a module make a policy what it is."""

from __future__ import annotations

from mesh_platform.governance.definition import definition

MODULE = '''\
import re

LIMIT = 3
WORDS: tuple[str, ...] = ("a", "b")
UNUSED = 9


def _short(text, most=LIMIT):
    return len(text) < most


def _other():
    return UNUSED


@policy("a.first", state="draft")
def first(column):
    """Short.

    Why: so.
    """
    return None if _short(column.name) else WORDS


@policy("a.second")
def second(column):
    return _other()


@first.good
def _good():
    return second
'''


def test_a_definition_is_the_function_and_all_that_it_uses() -> None:
    said = definition(MODULE, "first")
    assert said.splitlines() == [
        "LIMIT = 3",
        'WORDS: tuple[str, ...] = ("a", "b")',
        "def _short(text, most=LIMIT):",
        "    return len(text) < most",
        "def first(column):",
        '    """Short.',
        "",
        "    Why: so.",
        '    """',
        "    return None if _short(column.name) else WORDS",
    ]


def test_what_a_policy_does_not_use_does_not_change_it() -> None:
    for old, new in (("UNUSED = 9", "UNUSED = 8"), ('state="draft"', 'state="grace"')):
        assert definition(MODULE.replace(old, new), "first") == definition(MODULE, "first")
    assert definition(MODULE.replace("LIMIT = 3", "LIMIT = 4"), "first") != definition(
        MODULE, "first"
    )


def test_where_the_function_is_not_found_the_whole_module_counts() -> None:
    assert definition(MODULE, "nobody") == MODULE
