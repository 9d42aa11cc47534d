"""The standards' own schemas, as `make schemas` fetches them, and every way to break each rule.

The schemas stay outside the repository. Where they are missing, the tests that need them say so.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

EXAMPLES = Path(__file__).parent / "examples"
_FOLDER = Path(__file__).parents[2] / ".schemas"
_FILES = {
    "ODCS 3.2": "odcs-3.2/datacontract/schemas/odcs-3.2.0.schema.json",
    "ODCS 3.1": "odcs-3.1/open_data_contract_standard/schema.json",
    "ODCS 3.0": "odcs-3.0/open_data_contract_standard/schema.json",
    "ODPS 1.1": "odps/dataproduct/schemas/odps-1.1.0.schema.json",
    "ODPS 1.0": "odps/dataproduct/schemas/odps-1.0.0.schema.json",
}
Schema = dict[str, Any]
Spot = tuple[str | int, ...]
NONSENSE = "not what the standard says"


def official(name: str) -> Schema:
    path = _FOLDER / _FILES[name]
    if not path.is_file():
        pytest.skip(f"the schema of {name} is not here; fetch it: make schemas")
    schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    return schema


def forms(schema: Any, root: Schema, value: Any, path: Spot) -> Iterator[tuple[Schema, Spot]]:
    """Every part of a schema that speaks of a value in `value`, with the value's path."""
    if not isinstance(schema, dict):
        return
    yield schema, path
    if "$ref" in schema:
        yield from forms(_referenced(root, schema["$ref"]), root, value, path)
    for key in ("allOf", "anyOf", "oneOf"):
        for choice in schema.get(key, ()):
            yield from forms(choice, root, value, path)
    if "then" in schema and jsonschema_rs.is_valid({**schema["if"], "$defs": {}}, value):
        yield from forms(schema["then"], root, value, path)
    for key, inner in _inside(schema, value):
        yield from forms(inner, root, value[key], (*path, key))


def _inside(schema: Schema, value: Any) -> Iterator[tuple[str | int, Any]]:
    """The keys of a value, each with the schema of what it holds."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from ((key, known[key]) for key in known if key in value)
    if isinstance(value, list) and "items" in schema:
        yield from ((index, schema["items"]) for index in range(len(value)))


def _referenced(root: Schema, reference: str) -> Any:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def negatives(schema: Schema, whole: Any) -> Iterator[tuple[str, Spot, Any]]:
    """A broken copy of a valid document for each rule of its schema: what, where, the copy."""
    seen: set[tuple[str, Spot]] = set()
    for form, path in forms(schema, schema, whole, ()):
        for what, where, value in _breaks(form, path, _at(whole, path)):
            if (what, where) not in seen:
                seen.add((what, where))
                yield what, where, changed(whole, where, value)


GONE = object()


def _breaks(form: Schema, path: Spot, value: Any) -> Iterator[tuple[str, Spot, Any]]:
    if "type" in form:
        yield "type", path, 5 if not isinstance(value, int) or isinstance(value, bool) else [5]
        yield "null", path, None
        yield "collection", path, {"unheardOf": 1} if not isinstance(value, dict) else "text"
    if "enum" in form or "pattern" in form:
        yield "word", path, NONSENSE
    for key in form.get("required", ()) if isinstance(value, dict) else ():
        yield "required", (*path, key), GONE
    if isinstance(value, dict) and ("properties" in form or "unevaluatedProperties" in form):
        yield "unknown", (*path, "unheardOf"), 1
    if "minItems" in form:
        yield "minItems", path, []
    if form.get("uniqueItems") is True and isinstance(value, list):
        yield "uniqueItems", path, [*value, value[0]]
    for key in ("minimum", "exclusiveMinimum"):
        if isinstance(form.get(key), int):
            yield key, path, form[key] - 1
    if "not" in form:
        yield "not", (*path, form["not"]["required"][0]), "a.b"


def _at(data: Any, path: Spot) -> Any:
    for key in path:
        data = data[key]
    return data


def changed(whole: Any, path: Spot, value: Any) -> Any:
    """A copy that differs in one place and shares the rest."""
    if not path:
        return value
    broken = copy.copy(whole)
    if value is GONE and len(path) == 1:
        broken.pop(path[0], None)
    else:
        inner = value if len(path) == 1 else changed(whole[path[0]], path[1:], value)
        broken[path[0]] = inner
    return broken


_SAID_ONLY = {"description", "examples", "default", "title", "deprecated", "$defs", "format"}


def differences(
    one: tuple[Any, Schema], other: tuple[Any, Schema], path: Spot, depth: int = 0
) -> Iterator[Spot]:
    """Where two schemas, each with its root, say different things; names of parts do not count."""
    left, right = _resolved(*one), _resolved(*other)
    if depth > 30:
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right} - (set() if _are_names(path) else _SAID_ONLY)):
            if key not in left or key not in right:
                yield (*path, key)
            else:
                inner = (left[key], one[1]), (right[key], other[1])
                yield from differences(*inner, (*path, key), depth + 1)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, pair in enumerate(zip(left, right, strict=True)):
            inner = (pair[0], one[1]), (pair[1], other[1])
            yield from differences(*inner, (*path, index), depth + 1)
    elif left != right:
        yield path


def _are_names(path: Spot) -> bool:
    """Whether the keys here are names of a document's keys, not words of the schema."""
    return path[-1:] == ("properties",) and path[-2:-1] != ("properties",)


def _resolved(schema: Any, root: Schema) -> Any:
    if isinstance(schema, dict) and "$ref" in schema:
        inner = _resolved(_referenced(root, schema["$ref"]), root)
        return {**inner, **{key: schema[key] for key in schema if key != "$ref"}}
    return schema
