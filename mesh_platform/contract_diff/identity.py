"""Pair the entries of two lists that are the same thing: by name, value, content, or position.

A list of the standards is a set of named things more often than a sequence. What an entry is known
by stands in `_KNOWN_BY`; the same words are its label in a path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import zip_longest
from typing import Any

from mesh_platform.model.naming import major

Pair = tuple[int, int]
"""Position in the old list and in the new one."""

_KNOWN_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "schema": (("name",),),
    "properties": (("name",),),
    "quality": (("name",), ("id",), ("metric",), ("type",)),
    "enum": (("value",),),
    "relationships": (("from", "to"),),
    "slaProperties": (("property", "element"),),
    "roles": (("role",),),
    "servers": (("server",),),
    "team": (("username",), ("name",)),
    "members": (("username",), ("name",)),
    "support": (("channel",),),
    "customProperties": (("property",),),
    "authoritativeDefinitions": (("type", "url"),),
    "synonyms": (("synonym",),),
    "constraints": (("constraint",),),
    "verifiedStatements": (("question",),),
    "inputPorts": (("name", "version"),),
    "outputPorts": (("name", "version"),),
    "managementPorts": (("name",),),
    "sbom": (("type", "url"),),
    "inputContracts": (("id",),),
    "tags": (),
    "validValues": (),
    "missingValues": (),
    "required": (),
    "transformSourceObjects": (),
}
"""List → the keys that name an entry, the first that an entry has; scalars name themselves."""
_WORDS_OF_RULES = ("name", "id", "description", "dimension", "businessImpact", "tags")


def is_known(name: str) -> bool:
    """Tell whether entries of a list with this key are paired by what they are, not by position."""
    return name in _KNOWN_BY


def labels(name: str, entries: Sequence[Any]) -> list[str]:
    """Return what each entry is called in a path; no two alike."""
    if not is_known(name):
        return [str(position) for position in range(len(entries))]
    found: dict[str, None] = {}
    for position, entry in enumerate(entries):
        label = first = _label(name, entry) or str(position)
        number = 1
        while label in found:
            number += 1
            label = f"{first}#{number}"
        found[label] = None
    return list(found)


def pairs(name: str, old: Sequence[Any], new: Sequence[Any]) -> list[Pair]:
    """Positions of the entries that both lists have, in the order of the old one."""
    if not is_known(name):
        return [(position, position) for position in range(min(len(old), len(new)))]
    have, want = [_key(name, entry) for entry in old], [_key(name, entry) for entry in new]
    if _unique(have) and _unique(want):
        at = {key: position for position, key in enumerate(want)}
        found = [(i, at[key]) for i, key in enumerate(have) if key in at]
    else:
        found = _in_groups(old, new, have, want)
    return sorted(found + _left_over(name, old, new, found))


def plain(value: Any) -> Any:
    """A value as JSON knows it: 1.0 is 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(old: Any, new: Any) -> bool:
    """Equal as JSON values: 1 is 1.0, but true is not 1."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)


def physical_name(entry: Any) -> Any:
    """Return what consumers read a table or column by."""
    return (entry.get("physicalName") or entry.get("name")) if isinstance(entry, dict) else None


def measured(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule without what is only said about it."""
    return {key: value for key, value in rule.items() if key not in _WORDS_OF_RULES}


def _unique(keys: list[Hashable]) -> bool:
    return None not in keys and len(set(keys)) == len(keys)


def _naming(name: str, entry: Any) -> tuple[tuple[str, Any], ...]:
    """The keys and values that an entry is known by; none where it has no name."""
    if not isinstance(entry, dict):
        return ()
    for keys in _KNOWN_BY[name]:
        if entry.get(keys[0]) is not None or entry.get(keys[-1]) is not None:
            return tuple((key, entry[key]) for key in keys if entry.get(key) is not None)
    return ()


def _key(name: str, entry: Any) -> Hashable:
    if not isinstance(entry, dict | list):
        return repr(plain(entry))
    naming = _naming(name, entry)
    if not naming or isinstance(entry, list):
        return None
    if name in ("inputPorts", "outputPorts"):
        return repr(entry.get("name")), major(str(entry.get("version") or "1.0.0"))
    if name == "relationships":
        return _joined(entry)
    return tuple(
        (key, _element(value) if key == "element" else repr(plain(value))) for key, value in naming
    )


def _joined(entry: dict[str, Any]) -> Hashable:
    """The columns of a foreign key in pairs: a list of one is its entry, order says nothing."""
    sides = (entry.get("from"), entry.get("to"))
    listed = [side if isinstance(side, list) else [side] for side in sides]
    return tuple(sorted(map(repr, zip_longest(*listed))))


def _element(value: Any) -> str:
    """The elements that a service level is about, whose order says nothing."""
    return ",".join(sorted(part.strip() for part in str(value).split(",")))


def _label(name: str, entry: Any) -> str:
    if not isinstance(entry, dict | list):
        return _text(entry)
    return ",".join(f"{key}={_text(value)}" for key, value in _naming(name, entry))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(map(_text, value))
    words = {True: "true", False: "false", None: "null"}
    return words[value] if isinstance(value, bool) or value is None else str(plain(value))


def _in_groups(
    old: Sequence[Any], new: Sequence[Any], have: list[Hashable], want: list[Hashable]
) -> list[Pair]:
    """Pair where several entries have one name: equal ones first, then in their order."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for position, key in enumerate(want):
        waiting[key].append(position)
    found, rest = [], []
    for i, key in enumerate(have):
        twin = next((j for j in waiting[key] if same(old[i], new[j])), None)
        if twin is None:
            rest.append(i)
        else:
            waiting[key].remove(twin)
            found.append((i, twin))
    named = [i for i in rest if have[i] is not None and waiting[have[i]]]
    return found + [(i, waiting[have[i]].pop(0)) for i in named if waiting[have[i]]]


def _left_over(name: str, old: Sequence[Any], new: Sequence[Any], found: list[Pair]) -> list[Pair]:
    """Pair what was given another name and is plainly the same.

    That is: the only table, a column whose physical name stays, a rule that measures the same.
    """
    if name not in ("schema", "properties", "quality"):
        return []
    done_old, done_new = {i for i, _ in found}, {j for _, j in found}
    before = [i for i in range(len(old)) if i not in done_old]
    after = [j for j in range(len(new)) if j not in done_new]
    if name == "schema" and not len(before) == len(after) == 1:
        return []
    extra = []
    for i in before:
        twin = next((j for j in after if _alike(name, old[i], new[j])), None)
        if twin is not None:
            after.remove(twin)
            extra.append((i, twin))
    return extra


def _alike(name: str, old: Any, new: Any) -> bool:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return False
    if name == "properties":
        return physical_name(old) is not None and same(physical_name(old), physical_name(new))
    return name == "schema" or same(measured(old), measured(new))
