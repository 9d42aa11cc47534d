"""The columns that a rule or a service level of the table names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh_platform.contract_diff.identity import physical_name
from mesh_platform.contract_diff.seen import Seen
from mesh_platform.contract_diff.sql import columns_of

_ONE = ("column", "column_A", "column_B")
_SEVERAL = ("column_list", "column_set")


def named_columns(each: Seen) -> Iterator[str]:
    """Columns of the table that the rule, before or now, is about; none where it names none."""
    promised = {name.lower(): name for table in each.table for name in _columns(table)}
    for rule in each.rule:
        for name in _of_rule(rule):
            if name.lower() in promised:
                yield promised[name.lower()]
    for level in each.around("slaProperties"):
        if isinstance(element := level.get("element"), str):
            yield from (name.split(".")[-1].strip() for name in element.split(",") if "." in name)


def _columns(table: Mapping[str, Any]) -> Iterator[str]:
    for column in table.get("properties") or ():
        if isinstance(column, Mapping):
            yield str(physical_name(column))


def _of_rule(rule: Mapping[str, Any]) -> Iterator[str]:
    yield from _listed(_inside(rule, "arguments").get("properties"))
    if isinstance(query := rule.get("query"), str):
        yield from columns_of(query)
    expectation = _inside(_inside(rule, "implementation"), "kwargs")
    yield from (str(expectation[key]) for key in _ONE if key in expectation)
    yield from (name for key in _SEVERAL for name in _listed(expectation.get(key)))


def _inside(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = holder.get(key)
    return found if isinstance(found, Mapping) else {}


def _listed(value: Any) -> Iterator[str]:
    return map(str, value if isinstance(value, list) else [])
