"""Finds what dbt refuses in one file of properties, without importing dbt.

The rules are dbt's own: `schemas.json` holds the schemas of its classes, and a test compares
them with the installed dbt. A value that Jinja writes is left alone: only dbt can render it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from mesh_platform.engines import dbt
from mesh_platform.errors import Place
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.quotes import in_quotes, unquoted
from mesh_platform.model.verdict import Standard, shown, worded, words

CODE = "model.properties"
_ENTRIES, _CONFIGS, _WORDS = "entries", "configs", "words"
_JINJA = re.compile(r"\{[{%#]")
_TESTED = ("models", "seeds", "snapshots")
_BESIDE = ("group", "contract", "access")
_MOVED = frozenset({"meta", "docs", "group", "contract", "access"})
"""Keys of an entry that dbt takes as settings."""
_OWNED = ("exposures", "groups")
PLAIN_SETTINGS = (
    *("enabled", "alias", "schema", "database", "tags", "group", "access", "contract", "docs"),
    *("materialized", "incremental_strategy", "full_refresh", "unique_key", "persist_docs"),
    *("meta", "quoting", "column_types", "grants", "on_schema_change", "on_configuration_change"),
    *("quote_columns", "delimiter"),
)
"""Settings of which dbt's schema alone says what they may be."""
_CONFIGURED = ("models", "seeds")
_WRITTEN_TWICE = "write them below `data_tests:` alone"
_NOT_OF_DBT = "remove it; what is your own goes under `config: {meta: {…}}`"
_REFUSED = "dbt refuses this file"
_FILE, _OVERRIDES = "schemas.json", "overrides"


def property_findings(document: Document, owner: str) -> Iterator[Finding]:
    """Report what dbt refuses in the form of the entries of a file."""
    errors = _of_file().iter_errors(document.data)
    certain = [error for error in errors if not _is_left_alone(document.data, error)]
    for found in worded(document, certain, _dbt()):
        said, way = f"{_REFUSED}: {found.message}", found.fix or "correct the value"
        way = _NOT_OF_DBT if way.startswith("known: ") else way
        yield replace(found, code=CODE, message=said, fix=way, product=owner)
    for path, said, way in _beyond_schema(document.data):
        yield refused(document, path, said, way, owner)


def setting_findings(document: Document, there: Collection[str], owner: str) -> Iterator[Finding]:
    """Report settings under `config` that dbt refuses.

    Args:
        document: a file of properties.
        there: models and seeds; dbt reads no settings of others.
        owner: the domain.
    """
    for kind in _CONFIGURED:
        for path, entry in items(document.data, (kind,)):
            config = entry.get("config", {})
            if entry.get("name") in there and isinstance(config, dict):
                beside = {key: entry[key] for key in _BESIDE if _is_setting(key, entry)}
                where = dict.fromkeys(beside, path)
                where |= dict.fromkeys(config.keys() & PLAIN_SETTINGS, (*path, "config"))
                said = beside | {key: config[key] for key in where if key in config}
                for at, value in config_errors(kind, said):
                    place, way = (*where[str(at[0])], *at), way_of_value(value)
                    yield refused(document, place, no_value(value), way, owner)


def _is_setting(key: str, entry: Mapping[str, Any]) -> bool:
    """Tell whether dbt takes a key of an entry as a setting."""
    return key in entry and (key != "access" or isinstance(entry[key], str))


def refused(document: Document, path: Path, said: str, way: str, owner: str) -> Finding:
    """Return the finding on a value that dbt refuses."""
    message = f"{_REFUSED}: {words(document.data, _there(document.data, path))}: {said}"
    return Finding(CODE, message, document.place(path), way, owner)


def _there(data: Any, path: Path) -> Path:
    """Return the part of a path that leads to something."""
    for depth, key in enumerate(path):
        there = isinstance(data, list) or (isinstance(data, dict) and key in data)
        if not there:
            return path[:depth]
        data = data[key]
    return path


def no_value(value: object) -> str:
    """Return that dbt refuses a setting."""
    said = f"`'{value}'`" if unquoted(value) else shown(value)
    return f"{said} is no value of this setting"


def way_of_value(value: object) -> str:
    """Return how to write a setting that dbt refuses."""
    if isinstance(value, str) and value.lower() in ("true", "false", "yes", "no"):
        return "write `true` or `false`, without quotes"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return in_quotes(value) if number else "correct the value, or leave the key out"


def not_a_mapping(file: str, owner: str) -> Finding:
    """Return the finding on a file that holds a list, or a single value."""
    said = f"{_REFUSED}: it needs `key: value` pairs at its top level"
    way = "write a key such as `models:` above the list"
    return Finding(CODE, said, Place(file, 1), way, owner)


def is_rendered(value: object) -> bool:
    """Tell whether a value holds Jinja, so that dbt reads something else."""
    if isinstance(value, Mapping):
        return any(map(is_rendered, value.values()))
    if isinstance(value, list):
        return any(map(is_rendered, value))
    return isinstance(value, str) and _JINJA.search(value) is not None


def holders(data: Mapping[str, Any], *keys: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield what may have generic tests: entries, tables of sources, versions, their columns."""
    for key in keys:
        for path, entry in items(data, (key,)):
            tables = [(path, entry)] if key != "sources" else items(entry, (*path, "tables"))
            for at, table in tables:
                for inner, each in ((at, table), *items(table, (*at, "versions"))):
                    yield inner, each
                    yield from items(each, (*inner, "columns"))


def items(holder: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the mappings in the list at the last key of a path, each with its own path."""
    found = holder.get(str(path[-1]))
    for index, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, dict):
            yield (*path, index), each


def of_dbt(name: str) -> frozenset[str]:
    """Return a list of words that dbt knows, such as `constraints`."""
    return frozenset(_schemas()[_WORDS][name])


def config_errors(kind: str, config: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield the places of values that dbt refuses in settings, each with the value.

    Args:
        kind: `tests`, `models` or `seeds`.
        config: settings by name; one that Jinja writes is left alone.
    """
    known = {key: value for key, value in config.items() if not is_rendered(value)}
    for error in _of_config(kind).iter_errors(known):
        if error.kind.name != "additionalProperties":  # dbt takes the rest, and leaves this out
            yield tuple(error.instance_path), error.instance


def _beyond_schema(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Yield what dbt asks for in code of its own."""
    for path, holder in holders(data, *_TESTED):
        if holder.get("tests") and "data_tests" in holder:
            yield (*path, "tests"), "`data_tests` stands beside it", _WRITTEN_TWICE
        if "columns" in path:
            yield from _constraints(path, holder)
    for key in _TESTED:
        for path, entry in items(data, (key,)):
            for name in sorted(_MOVED & entry.keys() & _config(entry).keys()):
                yield (*path, name), "it stands under `config`, too", "remove it here"
            yield from _versions(path, entry)
    for key in _OWNED:
        for path, entry in items(data, (key,)):
            owner = entry.get("owner")
            if isinstance(owner, dict) and owner.get("name") is owner.get("email") is None:
                yield (*path, "owner"), "it has neither a `name` nor an `email`", "add one of them"


def _constraints(path: Path, column: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    known = of_dbt("constraints")
    for at, constraint in items(column, (*path, "constraints")):
        kind = constraint.get("type")
        if not is_rendered(constraint) and kind not in known:
            way = f"write `type:` with one of {', '.join(sorted(known))}"
            yield at, f"dbt knows no constraint {shown(kind)}", way


def _versions(path: Path, model: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Yield a version that stands there twice, and a latest one that is none of them."""
    found = list(items(model, (*path, "versions")))
    known = [version.get("v") for _, version in found]
    for index, (at, version) in enumerate(found):
        if str(version.get("v")) in map(str, known[:index]):
            said = f"the version {shown(version.get('v'))} stands here twice"
            yield at, said, "remove one of the two"
    latest = model.get("latest_version")
    if found and latest and latest not in known and not is_rendered([latest, *known]):
        said = f"the model has no version {shown(latest)}"
        way = f"write one of {', '.join(map(shown, known))}"
        yield (*path, "latest_version"), said, way


def _config(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    config = entry.get("config")
    return config if isinstance(config, dict) else {}


def _is_left_alone(data: Any, error: jsonschema_rs.ValidationError) -> bool:
    """Tell whether dbt may read another value, or reads an entry by rules that are not here."""
    path: Path = tuple(error.instance_path)
    value = data
    if path[:1] == ("sources",) and len(path) > 1 and _OVERRIDES in data["sources"][path[1]]:
        return True
    for key in path:
        value = value[key]
    return is_rendered(value) and error.kind.name not in ("required", "additionalProperties")


@cache
def _dbt() -> Standard:
    return Standard(CODE, "dbt", frozenset(_keys(list(_schemas()[_ENTRIES].values()))))


def _keys(schema: Any) -> Iterator[str]:
    """Yield every key of which a schema tells."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
    for each in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(each, dict | list):
            yield from _keys(each)


@cache
def _schemas() -> dict[str, Any]:
    text = resources.files(dbt).joinpath(_FILE).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def _of_file() -> jsonschema_rs.Validator:
    """Return the schema of a whole file; dbt takes no key without a list."""
    entries = _schemas()[_ENTRIES].items()
    lists = {key: {"type": "array", "items": schema} for key, schema in entries}
    return jsonschema_rs.Draft7Validator({"type": "object", "properties": lists})


@cache
def _of_config(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft7Validator(_schemas()[_CONFIGS][kind])
