"""Bring quality rules into one spelling: rules that ask the same are one promise.

A rule at a column asks the same as one at the table that names the column. The order of columns
and of values says nothing. Some keys of a column ask what a metric asks, too: `required`, `unique`,
`enum`, `pattern`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from mesh_platform.contract_diff.identity import measured, physical_name
from mesh_platform.contract_diff.keys import key_of
from mesh_platform.contract_diff.nested import TABLE, At, Steps, by_name, every_column, fields
from mesh_platform.contract_diff.options import allowed
from mesh_platform.contract_diff.relations import Judge
from mesh_platform.contract_diff.seen import Holder, Seen, options_of
from mesh_platform.contract_diff.sql import spelling
from mesh_platform.contract_diff.thresholds import arguments_of, blocks, missing, own, passes
from mesh_platform.contract_diff.values import Kind


def same_measure(seen: Seen) -> bool:
    """Tell whether the rule measures the same columns and values, ordered or said otherwise."""
    places = map(_place, seen.table, seen.rule)
    old, new = map(_measure, seen.table, seen.rule, places)
    return old == new


def is_asked_elsewhere(seen: Seen) -> bool:
    """Tell whether another rule asks, or asked before, all that the rule asks that went or came."""
    is_added = seen.kind is Kind.ADD
    here, there = seen.table[is_added], seen.table[not is_added]
    rule = seen.rule[is_added]
    asked = _asked(here, rule, _place(here, rule))
    return any(_asked(there, *each) == asked for each in (*_rules(there), *_keys(there)))


def is_asked_by_rule(key: str) -> Judge:
    """Judge whether a rule asks on one side what a key of a column asks on the other alone."""

    def judge(seen: Seen) -> bool:
        sides = [
            (table, (way, column))
            for table, way, column in zip(seen.table, seen.ways, seen.column, strict=True)
        ]
        old, new = (_asked_by_key(key, *side) for side in sides)
        return old != new and all(
            asked is None or asked in _asked_of(*other)
            for asked, other in zip((old, new), reversed(sides), strict=True)
        )

    return judge


def _asked_of(table: Holder, at: At) -> list[Hashable]:
    """Return what the rules at one column, and those at its table, ask."""
    holders = ((table, TABLE), (at[1], at))
    return [_asked(table, rule, place) for holder, place in holders for rule in _listed(holder)]


def _asked_by_key(key: str, table: Holder, at: At) -> Hashable:
    """Return what a key of a column asks in the words of a metric; None where it asks nothing."""
    steps, column = at
    rule = dict(_rules_of_keys(table, column)).get(key) if len(steps) == 1 else None
    return _asked(table, rule, at) if rule else None


def _asked(table: Holder, rule: Holder, at: At) -> Hashable:
    """Return what a rule measures, which results pass, and whether a broken one holds data back."""
    return _measure(table, rule, at), passes(rule), blocks(rule)


def _place(table: Holder, rule: Holder) -> At:
    return next((at for each, at in _rules(table) if each is rule), TABLE)


def _measure(table: Holder, rule: Holder, at: At) -> Hashable:
    steps, column = at
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
        at = (steps, holder) if steps else TABLE
        yield from ((rule, at) for rule in _listed(holder))


def _listed(holder: Holder) -> Iterator[Holder]:
    return (rule for rule in holder.get("quality") or () if isinstance(rule, dict))


def _keys(table: Holder) -> Iterator[tuple[Holder, At]]:
    """The keys of each column of a table as the rules that ask the same."""
    for column in table.get("properties") or ():
        if isinstance(column, dict):
            at = (str(physical_name(column)),), column
            yield from ((rule, at) for _, rule in _rules_of_keys(table, column))


def _rules_of_keys(table: Holder, column: Holder) -> Iterator[tuple[str, Holder]]:
    if column.get("required") or column.get("primaryKey"):
        yield "required", {"metric": "nullValues", "mustBe": 0}
    is_key = column.get("primaryKey") and key_of(table) == (physical_name(column),)
    if column.get("unique") or is_key:
        yield "unique", {"metric": "duplicateValues", "mustBe": 0}
    if isinstance(values := column.get("enum"), list) and values:
        yield "enum", _invalid(validValues=values)
    if pattern := options_of(column).get("pattern"):
        yield "pattern", _invalid(pattern=pattern)


def _invalid(**arguments: Any) -> Holder:
    return {"metric": "invalidValues", "mustBe": 0, "arguments": arguments}
