"""Parse YAML text into JSON values and the position of each, in one pass over libyaml's events.

One pass is faster than loading and locating in two. The parser is stricter than YAML where a
contract could be misread: it refuses a repeated key, a key that is not text, a number that JSON
lacks, and an alias that expands without end. Dates stay text, as the standards' schemas want them.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple, NoReturn

import yaml

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.yaml_words import unreadable, unreadable_sign

MAX_DEPTH = 100
MAX_VALUES = 200_000
"""Number of values to which a file may expand once its aliases are followed."""
_LESS = "write less into one file: one contract for each port"
_MERGES = "name an anchor of a mapping: `<<: *name`"

_SCALAR, _END_OF_LIST, _END_OF_MAP = yaml.ScalarEvent, yaml.SequenceEndEvent, yaml.MappingEndEvent
"""Bind the classes to names of the module: large meshes compare them a million times."""
_TAG = "tag:yaml.org,2002:"
_TEXT = _TAG + "str"
_PLAIN = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith(":timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_MERGE = "".join(("<", "<"))
"""Mark the merge key: identity, not equality, tells it from the text `"<<"`."""
_CONVERT = yaml.constructor.SafeConstructor()


class Spot(NamedTuple):
    """Hold the position of a value, and the spots of the values that it contains."""

    mark: Any
    held: dict[str | int, Spot] | None = None


Held = dict[str | int, Spot]


_Built = tuple[Any, Held | None, int]
"""Hold a value, the spots of its content, and its size with aliases expanded."""


def parse(text: str, file: str) -> tuple[Any, Spot]:
    """Read YAML text of one document.

    Raises:
        MeshError: the text is not YAML, or says what a file of the mesh must not say.
    """
    try:
        return _Parser(text, file).document()
    except yaml.MarkedYAMLError as error:
        raise unreadable(error, text, file) from error
    except yaml.reader.ReaderError as error:
        raise unreadable_sign(error, text, file) from error


def loaded(text: str) -> Any:
    """Return the content of YAML for another program, or None where it cannot be read.

    That program reports the fault. None also stands for a value that contains itself or
    expands without end.
    """
    try:
        found = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, LookupError, RecursionError, AttributeError):
        return None
    return found if _ends(found) else None


def _ends(value: Any) -> bool:
    """Tell whether a value keeps within the limits of depth and size, aliases followed."""
    todo, seen = [(value, 1)], 0
    while todo:
        item, depth = todo.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_VALUES:
            return False
        held = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        todo.extend((each, depth + 1) for each in held)
    return True


class _Parser:
    """Recursive descent over the events of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.events, self.file = yaml.CSafeLoader(text), file
        self.anchors: dict[str, _Built | None] = {}
        self.size = 0

    def document(self) -> tuple[Any, Spot]:
        start: Any = self.events.get_event()
        if self.events.check_event(yaml.StreamEndEvent):
            return None, Spot(start.start_mark)
        self.events.get_event()
        first: Any = self.events.get_event()
        value, held, _ = self._node(first, 1)
        self.events.get_event()
        after = self.events.get_event()
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after, "the file holds more than one YAML document", "remove this line")
        return value, Spot(first.start_mark, held)

    def _node(self, event: Any, depth: int) -> _Built:
        if event.__class__ is _SCALAR:
            built: _Built = (self._scalar(event), None, 1)
        elif event.__class__ is yaml.AliasEvent:
            return self._alias(event)
        else:
            built = self._collection(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = built
        return built

    def _count(self, event: Any, size: int) -> None:
        self.size += size
        if self.size > MAX_VALUES:
            self._refuse(event, f"the file expands to more than {MAX_VALUES:,} values", _LESS)

    def _collection(self, event: Any, depth: int) -> _Built:
        if depth > MAX_DEPTH:
            self._refuse(event, f"values are nested more than {MAX_DEPTH} levels deep", _LESS)
        if event.anchor:
            self.anchors[event.anchor] = None
        is_map = event.__class__ is yaml.MappingStartEvent
        if event.tag not in (None, "!", _TAG + ("map" if is_map else "seq")):
            self._refuse_tag(event)
        built = self._mapping(depth) if is_map else self._sequence(depth)
        self._count(event, len(built[0]) + 1)
        return built

    def _sequence(self, depth: int) -> _Built:
        values, held, size = list[Any](), Held(), 1
        take: Any = self.events.get_event
        while (event := take()).__class__ is not _END_OF_LIST:
            value, inside, weight = self._node(event, depth + 1)
            held[len(values)] = Spot(event.start_mark, inside)
            values.append(value)
            size += weight
        return values, held, size

    def _mapping(self, depth: int) -> _Built:
        """Read a mapping; place each entry at its key, where people look."""
        values, held, size = dict[str, Any](), Held(), 1
        merged: list[_Built] = []
        take: Any = self.events.get_event
        while (key := take()).__class__ is not _END_OF_MAP:
            name = self._key(key)
            value, inside, weight = built = self._node(take(), depth + 1)
            size += weight
            if name is _MERGE:
                merged.append(self._mergeable(key, built))
                continue
            if name in values:
                self._refuse(key, f"the key `{name}` stands here twice", "remove one of them")
            values[name] = value
            held[name] = Spot(key.start_mark, inside)
        for source in merged:
            _merge(values, held, source)
        return values, held, size

    def _key(self, event: Any) -> str:
        value: Any = ...
        if event.__class__ is _SCALAR:
            value = self._scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, None, 1)
        elif isinstance(event, yaml.AliasEvent):
            value = self._alias(event)[0]
        if not isinstance(value, str):
            shown = "[…]" if value is ... else event.value
            self._refuse(event, f"the key `{shown}` is not text", "write it in quotes")
        return value

    def _mergeable(self, event: Any, built: _Built) -> _Built:
        sources = built[0] if isinstance(built[0], list) else [built[0]]
        if not all(isinstance(source, dict) for source in sources):
            self._refuse(event, "`<<` merges a mapping or a list of mappings", _MERGES)
        return built

    def _alias(self, event: Any) -> _Built:
        if event.anchor not in self.anchors:
            raise yaml.composer.ComposerError(None, None, "found undefined alias", event.start_mark)
        built = self.anchors[event.anchor]
        if built is None:
            self._refuse(event, f"`*{event.anchor}` contains itself", "write the value itself")
        self._count(event, built[2])
        return built

    def _scalar(self, event: Any) -> Any:
        """Return the value of a scalar: quoted text as text, plain text as YAML 1.1 reads it."""
        text, tag = event.value, event.tag
        if tag is None:
            if not event.implicit[0] or (tag := _plain_tag(text)) is _TEXT:
                return text
        elif tag in ("!", _TEXT):
            return text
        try:
            return _converted(tag, text)
        except LookupError:
            self._refuse_tag(event)
        except ValueError:
            shown = text if len(text) <= 20 else text[:20] + "…"
            self._refuse(event, f"`{shown}` is no number that a file can hold", "put it in quotes")

    def _refuse_tag(self, event: Any) -> NoReturn:
        self._refuse(
            event,
            f"the tag `{event.tag}` is not understood",
            "remove it: a file holds text, numbers, true and false, lists and mappings",
        )

    def _refuse(self, event: Any, message: str, fix: str) -> NoReturn:
        mark = event.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1)
        raise MeshError(message, place=place, fix=fix)


def _merge(values: dict[str, Any], held: Held, source: _Built) -> None:
    """Add the entries of a merged mapping that the mapping itself lacks."""
    given, spots = source[0], source[1] or {}
    parts = [(given, spots)]
    if isinstance(given, list):
        parts = [(part, spots[index].held or {}) for index, part in enumerate(given)]
    for part, places in parts:
        for key, value in part.items():
            if key not in values:
                values[key], held[key] = value, places[key]


@functools.lru_cache(maxsize=4096)
def _plain_tag(text: str) -> str:
    tag: str
    for tag, pattern in (*_PLAIN.get(text[:1], ()), *_PLAIN.get(None, ())):
        if pattern.match(text):
            return tag
    return _TEXT


@functools.lru_cache(maxsize=4096, typed=True)
def _converted(tag: str, text: str) -> Any:
    """Return the value of a scalar that is not text.

    Raises:
        LookupError: the tag stands for no JSON value.
        ValueError: JSON has no such number.
    """
    node = yaml.ScalarNode(tag, text)
    match tag.removeprefix(_TAG):
        case "merge":
            return _MERGE
        case "null":
            return None
        case "bool" if text.lower() in _CONVERT.bool_values:
            return _CONVERT.construct_yaml_bool(node)
        case "int":
            return _CONVERT.construct_yaml_int(node)
        case "float" if math.isfinite(number := _CONVERT.construct_yaml_float(node)):
            return number
        case "bool" | "float":
            raise ValueError(text)
    raise LookupError(tag)
