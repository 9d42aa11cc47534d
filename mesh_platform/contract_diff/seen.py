"""One difference together with what stands around it, as the rules look at it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mesh_platform.contract_diff.documents import MISSING, Difference, Entry, Node, Step, Steps
from mesh_platform.contract_diff.identity import labels, physical_name
from mesh_platform.contract_diff.values import Kind

Holder = dict[str, Any]
_COLUMN = re.compile(
    r"^schema\[\]/properties\[\](?:/properties\[\]|/items(?=/|$)|/map/key(?=/|$)|/map/value(?=/|$))*"
)
_TABLE = re.compile(r"^schema\[\]")
_OPENED = frozenset(
    {
        *("schema", "properties", "quality", "relationships", "customProperties", "map"),
        *("logicalTypeOptions", "arguments", "description", "context", "constraints", "price"),
        *("team", "members", "support", "roles", "servers", "slaProperties", "tags", "synonyms"),
        *("authoritativeDefinitions", "verifiedStatements", "inputPorts", "outputPorts"),
        *("managementPorts", "sbom", "inputContracts"),
    }
)
"""Lists and mappings that say nothing by being there: what they hold is judged, one by one."""
_OTHER_LISTS = frozenset({"quality", "customProperties", "relationships", "logicalTypeOptions"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference to be judged.

    `place` is the path in the words of the rules: `column/required`, `rule/mustBe`,
    `outputPorts[]/type`; a column is one at any depth. `part_of` is the difference that it is, or
    that was opened.
    """

    kind: Kind
    place: str
    path: Steps
    before: Any
    after: Any
    nodes: tuple[Node, ...]
    spot: tuple[str | int, ...]
    part_of: Difference

    @property
    def key(self) -> str:
        """The key that differs; of an entry of a list, the key of the list."""
        last = self.path[-1]
        if isinstance(last, str):
            return last
        return next(step for step in reversed(self.path) if isinstance(step, str))

    @property
    def is_entry(self) -> bool:
        """Tell whether a whole entry of a list came or went."""
        return isinstance(self.path[-1], Entry)

    @property
    def holder(self) -> tuple[Holder, Holder]:
        """The mapping that holds the key, before and after."""
        return _holders(self.nodes[-1])

    @property
    def values(self) -> Node:
        """Both values of the key; None where it is missing."""
        old, new = self.holder
        return old.get(self.key), new.get(self.key)

    def node(self, length: int) -> Node:
        """The values at the first steps of the path."""
        return self.nodes[length] if length < len(self.path) else (self.before, self.after)

    def around(self, *keys: str) -> tuple[Holder, Holder]:
        """The closest entry of one of these lists that the difference is in, or is."""
        for length in range(len(self.path), 1, -1):
            if isinstance(self.path[length - 1], Entry) and self.path[length - 2] in keys:
                return _holders(self.node(length))
        return {}, {}

    def holding(self, key: str) -> tuple[Holder, Holder]:
        """The closest mapping whose list of this name the difference is in."""
        for length in range(len(self.path) - 1, -1, -1):
            if self.path[length] == key:
                return _holders(self.node(length))
        return {}, {}

    @property
    def column(self) -> tuple[Holder, Holder]:
        """The column that the difference is in, with `items` and the parts of a map."""
        for length in range(len(self.path), 3, -1):
            if is_named_column(self.path, length) or is_part(self.path, length):
                return _holders(self.node(length))
        return {}, {}

    def way(self, side: int) -> Iterator[tuple[str, Holder]]:
        """Each column on the way with the step to it, outermost first: 0 is before, 1 is now."""
        for length in range(4, len(self.path) + 1):
            holder = _holders(self.node(length))[side]
            if is_named_column(self.path, length):
                yield str(physical_name(holder)), holder
            elif is_part(self.path, length):
                step = str(self.path[length - 1])
                yield "" if step == "items" else step, holder

    @property
    def object(self) -> tuple[Holder, Holder]:
        """The object that the column is a field of; empty where it is none of a field."""
        for length in range(len(self.path), 5, -1):
            if is_named_column(self.path, length):
                holder = length - 2
                inside = is_named_column(self.path, holder) or is_part(self.path, holder)
                return _holders(self.node(holder)) if inside else ({}, {})
        return {}, {}

    @property
    def table(self) -> tuple[Holder, Holder]:
        """The table that the difference is in."""
        return self.around("schema")

    @property
    def rule(self) -> tuple[Holder, Holder]:
        """The quality rule that the difference is in."""
        return self.around("quality")

    def column_names(self, length: int | None = None) -> tuple[str, ...]:
        """The columns on the way, outermost first, as consumers read them."""
        names = []
        for index in range(4, (length or len(self.path)) + 1):
            if is_named_column(self.path, index):
                old, new = self.node(index)
                names.append(str(physical_name(new if old is MISSING else old)))
        return tuple(names)

    @property
    def ways(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns on the way, outermost first, as consumers read them before and after."""
        indexes = [i for i in range(4, len(self.path) + 1) if is_named_column(self.path, i)]
        nodes = [_holders(self.node(index)) for index in indexes]
        old, new = (tuple(str(physical_name(node[side])) for node in nodes) for side in (0, 1))
        return old, new


def seen(found: Iterable[Difference]) -> Iterator[Seen]:
    """Differences as the rules look at them; lists that came or went as a whole are opened."""
    for each in found:
        place = _place(each.path)
        yield from _opened(
            Seen(each.kind, place, each.path, each.before, each.after, each.nodes, each.spot, each)
        )


def _opened(whole: Seen) -> Iterator[Seen]:
    value = whole.after if whole.kind is Kind.ADD else whole.before
    last = whole.path[-1] if whole.path else ""
    is_opened = last in _OPENED and whole.kind in (Kind.ADD, Kind.REMOVE)
    if not (is_opened and isinstance(value, dict | list) and value):
        yield whole
        return
    yield from _inside(whole, _held(str(last), value), (whole.before, whole.after))


def opened_beside(whole: Seen, other: Holder) -> Iterator[Seen]:
    """Open a mapping that came or went: what it says beside what the other side says anyway."""
    is_added = whole.kind is Kind.ADD
    value = whole.after if is_added else whole.before
    told = [each for each in _held("", value) if other.get(str(each[0])) != each[2]]
    yield from _inside(whole, iter(told), (other, value) if is_added else (value, other))


def _inside(
    whole: Seen, held: Iterator[tuple[Step, str | int, Any]], sides: Node
) -> Iterator[Seen]:
    is_added, nodes = whole.kind is Kind.ADD, (*whole.nodes, sides)
    for step, key, item in held:
        path = (*whole.path, step)
        before, after = (MISSING, item) if is_added else (item, MISSING)
        spot = (*whole.spot, key) if is_added else whole.spot
        yield from _opened(
            Seen(whole.kind, _place(path), path, before, after, nodes, spot, whole.part_of)
        )


def _held(name: str, value: Any) -> Iterator[tuple[Step, str | int, Any]]:
    if isinstance(value, dict):
        yield from ((key, key, item) for key, item in value.items())
        return
    for position, label in enumerate(labels(name, value)):
        yield Entry(label), position, value[position]


def _place(path: Steps) -> str:
    """A path in the words of the rules."""
    return _worded("/".join("[]" if isinstance(s, Entry) else s for s in path).replace("/[]", "[]"))


@functools.lru_cache(maxsize=4096)
def _worded(plain: str) -> str:
    text = _COLUMN.sub("column", plain)
    text = _TABLE.sub("table", text)
    return re.sub(r"^(table|column)/quality\[\]", "rule", text)


def is_named_column(path: Steps, length: int) -> bool:
    """Tell whether the first steps of a path lead to an entry of `properties`."""
    is_entry = length > 3 and isinstance(path[length - 1], Entry)
    return is_entry and path[length - 2] == "properties" and _in_columns(path, length)


def is_part(path: Steps, length: int) -> bool:
    """Tell whether the first steps lead to what an array or a map is made of."""
    if length < 5 or not _in_columns(path, length):
        return False
    step = path[length - 1]
    return step == "items" or (step in ("key", "value") and path[length - 2] == "map")


def _in_columns(path: Steps, length: int) -> bool:
    return path[0] == "schema" and not any(step in _OTHER_LISTS for step in path[:length])


def _holders(node: Node) -> tuple[Holder, Holder]:
    old, new = node
    return old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}


def options_of(column: Holder) -> Holder:
    """Return the `logicalTypeOptions` of a column; none where they are no mapping."""
    options = column.get("logicalTypeOptions")
    return options if isinstance(options, dict) else {}
