"""Tell which values of an expectation's arguments it cannot run with, or that never hold.

Whether DuckDB knows a regular expression is not told here: that is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mesh_platform.checks.argument_kinds import ValueKind
from mesh_platform.checks.expectation_types import ARGUMENTS
from mesh_platform.checks.suites import Expectation
from mesh_platform.model.verdict import shown

_OWN_PARSERS = ("great_expectations", "great_expectations__experimental__")
_COLUMN = re.compile(r"""\bcol\(\s*["']""")
_EXAMPLE = '`col("amount") < 10`'
_HEEDLESS = frozenset(
    {"expect_column_values_to_be_in_type_list", "expect_column_values_to_be_of_type"}
)
"""Expectations that take a condition and look at no row."""
_BETWEEN = re.compile(r"_to_be_between$")
_REGEX, _REGEXES = "regex", "regex_list"


def wrong_value(expectation: Expectation) -> str | None:
    """Return what is wrong with the value of an argument; None where nothing surely is."""
    takes, kwargs = ARGUMENTS.get(expectation.type), expectation.kwargs
    if takes is None:
        return None
    return (
        _wrong_condition(expectation)
        or _of_another_kind(kwargs, takes.kinds)
        or _contradiction(expectation, takes.kinds)
    )


def patterns_of(expectation: Expectation) -> Iterator[str]:
    """Yield the regular expressions that the engine must know for the expectation to run."""
    if expectation.type in ARGUMENTS:
        several = expectation.kwargs.get(_REGEXES)
        one = expectation.kwargs.get(_REGEX)
        for each in (one, *(several if isinstance(several, list) else ())):
            if isinstance(each, str):
                yield each


def _wrong_condition(expectation: Expectation) -> str | None:
    """Return that no SQL can be made of a condition on rows."""
    condition, parser = map(expectation.kwargs.get, ("row_condition", "condition_parser"))
    if not isinstance(condition, str):
        return None
    if parser not in _OWN_PARSERS and expectation.type in _HEEDLESS:
        return None
    if parser is None:
        said = f"`row_condition` needs `condition_parser: {_OWN_PARSERS[0]}`"
        return f"{said}, and a condition such as {_EXAMPLE}"
    if parser not in _OWN_PARSERS:
        said = f"conditions of the parser {shown(parser)} do not run as SQL"
        return f"{said}: write {_EXAMPLE} and `condition_parser: {_OWN_PARSERS[0]}`"
    if not _COLUMN.search(condition):
        return f"`{condition}` is no condition of the parser `{parser}`: write {_EXAMPLE}"
    return None


def _of_another_kind(kwargs: Mapping[str, object], kinds: Mapping[str, ValueKind]) -> str | None:
    for name, kind in kinds.items():
        if name in kwargs and not kind.takes(kwargs[name]):
            return f"`{name}` must be {kind.must}, not {shown(kwargs[name])}"
    return None


def _contradiction(expectation: Expectation, kinds: Mapping[str, ValueKind]) -> str | None:
    """Return that no value lies between two bounds."""
    if not _BETWEEN.search(expectation.type):
        return None
    values = {name: expectation.kwargs.get(name) for name in ("min_value", "max_value")}
    least, most = (
        kinds[name].of(value) if name in kinds else None for name, value in values.items()
    )
    if not _is_above(least, most):
        return None
    low, high = map(shown, values.values())
    return f"`min_value` {low} is above `max_value` {high}: no value lies between them"


def _is_above(one: object, other: object) -> bool:
    try:
        return bool(one > other)  # type: ignore[operator]
    except TypeError:
        return False
