"""Compare whether values are there and identify their row: required, unique, the primary key."""

from __future__ import annotations

from typing import Any

from mesh_platform.contract_diff.identity import physical_name
from mesh_platform.contract_diff.relations import Relation, implied, stated, switched
from mesh_platform.contract_diff.seen import Holder, Seen, options_of
from mesh_platform.model.contract import is_number


def required(seen: Seen) -> Relation:
    """Compare whether a value is always there.

    The primary key, or the object around it, demands it too.
    """
    old, new = (
        bool(column.get("required") or column.get("primaryKey"))
        or physical_name(column) in fields_demanded(holder)
        for column, holder in zip(seen.column, seen.object, strict=True)
    )
    return switched(old=old, new=new)


def fields_demanded(column: Holder) -> frozenset[str]:
    """Return the fields that an object demands by a list in its options."""
    named = options_of(column).get("required")
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()


def required_fields(seen: Seen) -> Relation:
    """Fields of an object that are always there, as the object or the field itself says."""
    old, new = (fields_demanded(column) | _demanding(column) for column in seen.column)
    return implied(new_holds=new <= old, old_holds=old <= new)


def _demanding(column: Holder) -> frozenset[str]:
    return frozenset(str(name) for name, field in _columns(column) if field.get("required"))


def unique(seen: Seen) -> Relation:
    """Compare whether no two rows share a value; being the whole key demands it too."""
    tables, columns = seen.table, seen.column
    old, new = (
        bool(column.get("unique")) or key_of(table) == (physical_name(column),)
        for column, table in zip(columns, tables, strict=True)
    )
    return switched(old=old, new=new)


def key_of(table: Holder) -> tuple[str, ...]:
    """Columns of a table's primary key, in its order."""
    return _in_order(table, "primaryKey", "primaryKeyPosition")


def partition(seen: Seen) -> Relation:
    """The columns that a table is partitioned by, in their order."""
    old, new = (_in_order(table, "partitioned", "partitionKeyPosition") for table in seen.table)
    return Relation.SAME if old == new else Relation.OTHER


def _in_order(table: Holder, flag: str, place: str) -> tuple[str, ...]:
    """Names of the columns that have a flag, by the place that they say."""
    chosen = [
        (_position(column.get(place)), n) for n, column in _columns(table) if column.get(flag)
    ]
    return tuple(name for _, name in sorted(chosen, key=lambda item: item[0]))


def _position(given: Any) -> float:
    """Return where a column stands; the first place where it is not said, or by the default -1."""
    return max(float(given), 1.0) if is_number(given) else 1.0


def _columns(holder: Holder, around: str = "") -> list[tuple[str, Holder]]:
    found = []
    entries = holder.get("properties")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            name = f"{around}{physical_name(entry)}"
            found += [(name, entry), *_columns(entry, f"{name}.")]
    return found


def key(seen: Seen) -> Relation:
    """The primary key of the table: none before, none now, or the same columns."""
    old, new = (key_of(table) for table in seen.table)
    if sorted(old) == sorted(new):
        return Relation.SAME
    return stated(old or None, new or None, lambda *_: Relation.OTHER)


def key_moves(seen: Seen) -> bool:
    """Tell whether the key has the same columns in another order."""
    old, new = (key_of(table) for table in seen.table)
    return old != new and sorted(old) == sorted(new)


def joins_a_key(seen: Seen) -> bool:
    """Tell whether a new column becomes part of a key that was there before."""
    old, _ = (key_of(table) for table in seen.table)
    return bool(old) and isinstance(seen.after, dict) and bool(seen.after.get("primaryKey"))
