"""Two versions of a contract or descriptor → the list of changes, each judged by one rule.

Contracts and products are compared separately; a product's ports name their contracts only. The
version is no change of its own: it is what the changes are held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mesh_platform.contract_diff import words
from mesh_platform.contract_diff.documents import MISSING, Entry, differences, written
from mesh_platform.contract_diff.keys import key_of
from mesh_platform.contract_diff.named import named_columns
from mesh_platform.contract_diff.physical import said_around
from mesh_platform.contract_diff.renames import with_renames
from mesh_platform.contract_diff.rows import Row, Table
from mesh_platform.contract_diff.rules import CONTRACT_RULES, PRODUCT_RULES
from mesh_platform.contract_diff.seen import Seen, seen
from mesh_platform.contract_diff.values import Change, Kind
from mesh_platform.errors import MeshError
from mesh_platform.model.documents import parse_document
from mesh_platform.model.odcs import newest_document
from mesh_platform.model.relationships import read_reference

_WHOLE_PORT = frozenset({"key.changed", "column.added-to-key"})
_Judged = tuple[Seen, Row]


def contract_changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    """Changes between two versions of a contract, both in the words of the newest standard."""
    return with_renames(_changes(old, new, CONTRACT_RULES))


def product_changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    """Changes between two versions of a descriptor; the contracts behind its ports are not read."""
    return _changes(old, new, PRODUCT_RULES)


def contract_text_changes(
    old: str, new: str, shown_old: str = "the old contract", shown_new: str = "the new contract"
) -> tuple[Change, ...]:
    """Changes between two texts of a contract, whatever version of the standard each is in.

    `${NAME}` stays as written on both sides: what a variable holds is not part of the promise, and
    may be a secret.

    Args:
        old: the text that was released, or that git has.
        new: the text as it is now.
        shown_old: what messages call the old one.
        shown_new: what messages call the new one.

    Raises:
        MeshError: a text is not a contract that the standard accepts.
    """
    if old == new:
        return ()
    return contract_changes(_contract(old, shown_old), _contract(new, shown_new))


def product_text_changes(
    old: str, new: str, shown_old: str = "the old product", shown_new: str = "the new product"
) -> tuple[Change, ...]:
    """Changes between two texts of a descriptor; arguments as of `contract_text_changes`.

    Raises:
        MeshError: a text is not YAML, or not a mapping.
    """
    if old == new:
        return ()
    return product_changes(_product(old, shown_old), _product(new, shown_new))


def _contract(text: str, shown: str) -> dict[str, Any]:
    document, findings = newest_document(text, shown)
    for finding in findings:
        if finding.blocking:
            raise MeshError(finding.message, place=finding.place, fix=finding.fix)
    return document.data


def _product(text: str, shown: str) -> dict[str, Any]:
    data = parse_document(text, shown).data
    team = data.get("team")
    return {**data, "team": {"members": team}} if isinstance(team, list) else data


def _changes(old: dict[str, Any], new: dict[str, Any], table: Table) -> tuple[Change, ...]:
    found = (each for each in differences(old, new) if each.path != ("version",))
    apart = (each for whole in seen(found) for each in said_around(whole))
    judged = [(each, table.judge(each)) for each in apart]
    return tuple(_change(group) for group in _groups(judged))


def _groups(judged: Iterable[_Judged]) -> Iterator[list[_Judged]]:
    """Differences that are one promise are one change; all others stand alone."""
    groups: dict[Any, list[_Judged]] = {}
    for number, (each, row) in enumerate(judged):
        key = (row.code, each.path[:-1]) if row.together else number
        groups.setdefault(key, []).append((each, row))
    yield from groups.values()


def _change(group: list[_Judged]) -> Change:
    first, row = group[0]
    parts = [each for each, _ in group]
    if len(parts) == 1:
        return _built(first, row, words.sentence(first, row.together), parts)
    before, after = _values(parts, "before"), _values(parts, "after")
    kinds = {part.kind for part in parts}
    whole = replace(
        first,
        kind=kinds.pop() if len(kinds) == 1 and first.is_entry else Kind.CHANGE,
        path=first.path[:-1],
        before=before,
        after=after,
        nodes=first.nodes[:-1],
        spot=_common(parts),
    )
    message = words.together(parts, row.together, before, after)
    return _built(whole, row, message, parts)


def _values(parts: list[Seen], side: str) -> Any:
    """Return what several differences say: a mapping of keys, or a list of entries."""
    told = [(part.path[-1], getattr(part, side)) for part in parts]
    if isinstance(parts[0].path[-1], Entry):
        return [value for _, value in told if value is not MISSING]
    return {str(key): value for key, value in told if value is not MISSING}


def _common(parts: list[Seen]) -> tuple[str | int, ...]:
    """The path in the new file that holds all parts."""
    shortest = min((part.spot for part in parts), key=len)
    length = next(
        (i for i, key in enumerate(shortest) if any(part.spot[i] != key for part in parts)),
        len(shortest),
    )
    return shortest[:length]


def _built(each: Seen, row: Row, message: str, parts: list[Seen]) -> Change:
    return Change(
        code=row.code,
        kind=each.kind,
        path=written(each.path),
        level=row.level,
        producer=row.producer,
        before=_plain(each.before),
        after=_plain(each.after),
        why=row.why,
        columns=_columns(parts[0], row),
        message=message,
        spot=each.spot,
        differences=tuple({id(part.part_of): part.part_of for part in parts}.values()),
    )


def _plain(value: Any) -> Any:
    if value is MISSING:
        return None
    return list(value) if isinstance(value, tuple) else value


def _columns(each: Seen, row: Row) -> tuple[str, ...]:
    """The promised columns that a change concerns.

    Another key says that a row stands for something else, which concerns the port as a whole. A
    rule, a foreign key or a service level of the table concerns the columns that it names.
    """
    if row.code in _WHOLE_PORT:
        return ()
    names = each.column_names()
    found = [".".join(names)] if names else [*named_columns(each), *_sources(each)]
    if row.together == "key":
        found += [name for table in each.table for name in key_of(table)]
    return tuple(dict.fromkeys(found))


def _sources(each: Seen) -> Iterator[str]:
    """Columns on this side of a foreign key: `orders.customer` is `customer` here."""
    for relationship in each.around("relationships"):
        source = relationship.get("from") or []
        for name in source if isinstance(source, list) else [source]:
            yield ".".join(read_reference(str(name)).parts[1:]) or str(name)
