"""Compare what quality rules hold back: severity, threshold, and what counts as good."""

from __future__ import annotations

from functools import reduce
from typing import Any

from mesh_platform.contract_diff.identity import physical_name
from mesh_platform.contract_diff.numbers import (
    ANY,
    COUNTS,
    SHARES,
    Span,
    Universe,
    compared,
    passing,
)
from mesh_platform.contract_diff.options import allowed
from mesh_platform.contract_diff.relations import Relation, implied, stated
from mesh_platform.contract_diff.seen import Holder, Seen
from mesh_platform.contract_diff.sql import OWN_NAMES, Own, same_sql
from mesh_platform.model.contract import Operator

_NONE = (Span(0, 0),)


def operator_of(rule: Holder) -> Operator | None:
    """Return how a rule compares what it observed; None where it says nothing."""
    return next((each for each in Operator if rule.get(each) is not None), None)


def blocks(rule: Holder) -> bool:
    """Tell whether a broken rule withholds a release; text is for people only."""
    return (rule.get("severity") or "error") == "error" and rule.get("type") != "text"


def was_shown_only(seen: Seen) -> bool:
    """Tell whether the rule never held anything back."""
    return not blocks(seen.rule[0])


def is_error(seen: Seen) -> bool:
    """Tell whether the rule that came or went withholds, or withheld, a release."""
    old, new = seen.rule
    return blocks(old or new)


def is_text(seen: Seen) -> bool:
    """Tell whether the rule is a sentence for people."""
    return "text" in (seen.rule[0].get("type"), seen.rule[1].get("type"))


def severity(seen: Seen) -> Relation:
    """Compare whether a broken rule withholds the release."""
    old, new = seen.rule
    return implied(
        new_holds=blocks(old) or not blocks(new), old_holds=blocks(new) or not blocks(old)
    )


def threshold(seen: Seen) -> Relation:
    """Compare which observed numbers pass, before and after; rows and shares cannot be compared."""
    old, new = (_passing(rule) for rule in seen.rule)
    if old is not None and new is not None and _unit(seen.rule[0]) != _unit(seen.rule[1]):
        return Relation.SAME if old == new == _NONE else Relation.OTHER
    return stated(old, new, compared) if _readable(seen) else Relation.OTHER


def same_query(seen: Seen) -> bool:
    """Tell whether the SQL says the same, by whichever name it calls its own table and column."""
    return same_sql(seen.before, seen.after, *map(own, seen.table, seen.ways, seen.nodes[0]))


def own(table: Holder, way: tuple[str, ...], contract: Any = None) -> Own:
    """Return what SQL at a column of a table may call both.

    At the table itself the way is empty.
    """
    named = str(contract.get("id")).split("/") if isinstance(contract, dict) else []
    full = f"{named[0]}.{named[-1]}" if len(named) in (2, 3) else None
    written = (table.get("name"), physical_name(table), full, *OWN_NAMES)
    return Own(frozenset(str(name).lower() for name in written if name), _field(way))


def _field(way: tuple[str, ...]) -> str:
    first, *rest = ['"' + name.replace('"', '""') + '"' for name in way] or [""]
    return reduce(lambda field, name: f"({field}).{name}", rest, first)


def passes(rule: Holder) -> tuple[Any, ...]:
    """The results that a rule lets pass; none is the same in rows and in percent."""
    spans = _passing(rule)
    if spans is None:
        return (repr([rule.get(each) for each in Operator]),)
    return spans, "" if spans == _NONE else _unit(rule)


def values(seen: Seen) -> Relation:
    """A value more or less in a list of what is valid, or of what counts as missing.

    To allow more is looser where the rule limits what is bad; where it asks for something else,
    nothing can be said.
    """
    pairs = list(zip(map(arguments_of, seen.rule), seen.column, strict=True))
    if not all(_limits_the_bad(rule) for rule in seen.rule):
        return Relation.OTHER
    if "missingValues" in seen.path:
        bad_old, bad_new = (missing(*pair) for pair in pairs)
        return _sets(bad_new, bad_old)
    old, new = (allowed(given, "validValues", column) for given, column in pairs)
    return stated(old, new, _sets)


def missing(given: Holder, column: Holder) -> frozenset[str]:
    """The values that count as missing beside null, which always does."""
    return (allowed(given, "missingValues", column) or frozenset()) - {repr(None)}


def _sets(old: frozenset[str], new: frozenset[str]) -> Relation:
    return implied(new_holds=old <= new, old_holds=new <= old)


def arguments_of(rule: Holder) -> Holder:
    """Return what a metric is given."""
    given = rule.get("arguments")
    return given if isinstance(given, dict) else {}


def _limits_the_bad(rule: Holder) -> bool:
    spans = _passing(rule) or ()
    return len(spans) == 1 and spans[0].low == 0 and not spans[0].low_open


def _unit(rule: Holder) -> Any:
    return rule.get("unit") or "rows"


def _universe(rule: Holder) -> Universe:
    """Return what a rule can observe: a count, a share, or whatever its SQL computes."""
    if rule.get("type", "library") != "library":
        return ANY
    return {"rows": COUNTS, "percent": SHARES}.get(_unit(rule), ANY)


def _passing(rule: Holder) -> tuple[Span, ...] | None:
    operator = operator_of(rule)
    spans = passing(operator, rule[operator]) if operator else None
    return None if spans is None else _universe(rule).limit(spans)


def _readable(seen: Seen) -> bool:
    """Tell whether every threshold that is written can be read."""
    return all(operator_of(rule) is None or _passing(rule) is not None for rule in seen.rule)
