"""What a quality rule asks, in one spelling: rules that ask the same are one promise.

A rule at a column asks the same as one at the table that names the column. The order of columns
and of values says nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from mesh_platform.contract_diff.identity import measured
from mesh_platform.contract_diff.nested import TABLE, At, Steps, by_name, every_column, fields
from mesh_platform.contract_diff.options import allowed
from mesh_platform.contract_diff.seen import Holder, Seen
from mesh_platform.contract_diff.sql import spelling
from mesh_platform.contract_diff.thresholds import arguments_of, blocks, missing, own, passes
from mesh_platform.contract_diff.values import Kind


def same_measure(seen: Seen) -> bool:
    """Tell whether the rule measures the same columns and values, ordered or said otherwise."""
    old, new = map(_measure, seen.table, seen.rule)
    return old == new


def is_asked_elsewhere(seen: Seen) -> bool:
    """Tell whether another rule asks, or asked before, all that the rule asks that went or came."""
    is_added = seen.kind is Kind.ADD
    here, there = seen.table[is_added], seen.table[not is_added]
    asked = _asked(here, seen.rule[is_added])
    return any(_asked(there, rule) == asked for rule, _ in _rules(there))


def _asked(table: Holder, rule: Holder) -> Hashable:
    """Return what a rule measures, which results pass, and whether a broken one holds data back."""
    return _measure(table, rule), passes(rule), blocks(rule)


def _measure(table: Holder, rule: Holder) -> Hashable:
    steps, column = next((at for each, at in _rules(table) if each is rule), TABLE)
    match rule.get("type") or "library":
        case "sql":
            return "sql", spelling(str(rule.get("query")), own(table, fields(steps)))
        case "library":
            counted = [(steps, column)] if steps else list(_named(table, rule)) or [TABLE]
            return _metric(rule), frozenset(_values(rule, *each) for each in counted)
    return steps, repr(measured(rule))


def _metric(rule: Holder) -> Any:
    """The metric; values that are missing are nulls, and those that a rule lists."""
    metric = rule.get("metric")
    return "nullValues" if metric == "missingValues" else metric


def _values(rule: Holder, steps: Steps, column: Holder) -> Hashable:
    """A column, with the values of it that a metric counts, and those that it does not."""
    given, metric = arguments_of(rule), rule.get("metric")
    if _metric(rule) == "nullValues":
        return steps, missing(given if metric == "missingValues" else {}, column)
    if metric == "invalidValues":
        return steps, allowed(given, "validValues", column), given.get("pattern") or None
    return () if metric == "rowCount" and steps == fields(steps) else steps


def _named(table: Holder, rule: Holder) -> Iterator[At]:
    """The columns that a rule of the table lists."""
    names = arguments_of(rule).get("properties")
    known = by_name(table)
    for name in map(str, names if isinstance(names, list) else ()):
        yield known.get(name, ((name,), {}))


def _rules(table: Holder) -> Iterator[tuple[Holder, At]]:
    """Every rule of a table, with the column that it is written at."""
    for steps, holder in (((), table), *every_column(table)):
        for rule in holder.get("quality") or ():
            if isinstance(rule, dict):
                yield rule, (steps, holder) if steps else TABLE
