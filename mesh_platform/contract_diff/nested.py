"""The columns of a table at every depth: fields of objects, items of lists, parts of maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mesh_platform.contract_diff.identity import physical_name

Steps = tuple[str, ...]
At = tuple[Steps, dict[str, Any]]
"""A column, with the steps to it."""
TABLE: At = ((), {})
"""What stands for the column where something is said of the table."""
_EACH = {"items": "[]", "key": "[key]", "value": "[value]"}
"""The steps into a list and a map, as people write them: `orders[].price`."""


def every_column(holder: dict[str, Any], around: Steps = ()) -> Iterator[At]:
    """List what a table or a column holds, outermost first."""
    for step, column in (*_fields(holder), *_parts(holder)):
        if isinstance(column, dict):
            yield (*around, step), column
            yield from every_column(column, (*around, step))


def fields(steps: Steps) -> Steps:
    """The steps that are names: a list stands for its items."""
    return tuple(step for step in steps if step not in _EACH.values())


def by_name(table: dict[str, Any]) -> dict[str, At]:
    """Each column by the names that rules and foreign keys may call it."""
    known = dict[str, At]()
    for steps, column in every_column(table):
        for text in (".".join(steps).replace(".[", "["), ".".join(fields(steps))):
            known.setdefault(text, (steps, column))
    for column in table.get("properties") or ():
        if isinstance(column, dict) and (at := known.get(str(physical_name(column)))):
            known.setdefault(str(column.get("name")), at)
    return known


def _fields(holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    entries = holder.get("properties")
    for entry in entries if isinstance(entries, list) else ():
        yield str(physical_name(entry)), entry


def _parts(holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    of_map = holder.get("map")
    parts = {"items": holder.get("items"), **(of_map if isinstance(of_map, dict) else {})}
    yield from ((_EACH[key], part) for key, part in parts.items() if key in _EACH)
