"""Tell where a misplaced key of the contract standard belongs."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh_platform.model.documents import Path
from mesh_platform.model.odcs_versions import Schema, family_of, logical_types, schema_of_family

OPTIONS = "logicalTypeOptions"
_COLUMNS = frozenset({"items", "key", "value"})
"""Keys that hold a column, besides the list `properties`."""
_MOST = 3
"""Number of places to name at most: a key with more of them needs no explanation."""
_LONGEST = 60


@dataclass(frozen=True)
class Homes:
    """Hold for each key the keys that may contain it, and the logical types with that option."""

    holders: Mapping[str, tuple[str, ...]]
    types: Mapping[str, tuple[str, ...]]

    def way(self, path: Path, key: str, entry: Mapping[str, Any], column: Any) -> str | None:
        """Return what to write instead, or None where there is nothing better to say.

        Args:
            path: the path of the entry.
            key: the key that the standard does not know there.
            entry: the mapping that has the key.
            column: the mapping around the entry.
        """
        if key in self.types and path[-1:] == (OPTIONS,):
            return self._for_type(key, column)
        if key in self.types and _is_column(path):
            ready = entry.get("logicalType") in self.types[key]
            way = f"write {_as_option(key, entry)}"
            return way if ready else f"{self._for_type(key, entry)}; then {way}"
        holders = self.holders.get(key, ())
        here = next((each for each in reversed(path) if isinstance(each, str)), None)
        if here in holders:
            return None
        if "properties" in holders:
            return "it goes to a column, under `properties`"
        known = 0 < len(holders) <= _MOST
        return f"it goes under {' or '.join(f'`{each}`' for each in holders)}" if known else None

    def _for_type(self, key: str, column: Any) -> str:
        kind, types = column.get("logicalType"), self.types[key]
        said = ", ".join(f"`{name}`" for name in types)
        if kind is None:
            return f"add a `logicalType` that has such an option: {said}"
        return f"take it out, or make the column one that has such an option: {said}"


def homes_of(version: object) -> Homes:
    """Return the places that the schema of a version has for each key."""
    return _homes(family_of(version))


@functools.cache
def _homes(family: str) -> Homes:
    schema = schema_of_family(family)
    holders = dict[str, set[str]]()
    for holder, key in _held(schema, schema, None, set()):
        holders.setdefault(key, set()).add(holder)
    types = dict[str, list[str]]()
    for branch in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        options = branch.get("then", {}).get("properties", {}).get(OPTIONS, {})
        for key in options.get("properties", {}):
            types.setdefault(key, []).extend(sorted(logical_types(branch)))
    return Homes(
        {key: tuple(sorted(found)) for key, found in holders.items()},
        {key: tuple(dict.fromkeys(found)) for key, found in types.items()},
    )


def _held(
    schema: Schema, node: object, holder: str | None, seen: set[tuple[str, str | None]]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of a key and one that it contains, from all parts of a schema."""
    if isinstance(node, list):
        for each in node:
            yield from _held(schema, each, holder, seen)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and (reference, holder) not in seen:
        seen.add((reference, holder))
        yield from _held(schema, _defined(schema, reference), holder, seen)
    for word, part in node.items():
        if word == "properties":
            for key, value in part.items():
                if holder is not None:
                    yield holder, key
                yield from _held(schema, value, key, seen)
        elif word not in ("$defs", "not", "if"):
            yield from _held(schema, part, holder, seen)


def _defined(schema: Schema, reference: str) -> object:
    found: Any = schema
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def _is_column(path: Path) -> bool:
    return path[-2:-1] == ("properties",) or path[-1:] in {(name,) for name in _COLUMNS}


def _as_option(key: str, entry: Mapping[str, Any]) -> str:
    """Return the option as people write it, in a mapping of its own where there is none yet."""
    value = entry[key]
    if isinstance(value, dict | list | float) or len(str(value)) > _LONGEST:
        shown = "…"
    elif isinstance(value, str):
        shown = "'" + value.replace("'", "''") + "'"
    else:
        shown = str(value).lower()
    if isinstance(entry.get(OPTIONS), dict):
        return f"`{key}: {shown}` into its `{OPTIONS}`"
    return f"`{OPTIONS}: {{{key}: {shown}}}`"
