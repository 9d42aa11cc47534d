"""Make the contract standard's schemas, one for each version, from the installed one.

The package `open-data-contract-standard` carries the schema of 3.2.0 as it was before its release:
it demands a `map` of every column that has no `logicalType`, which the standard never meant and
took back (issue 322 of the standard's repository). `_released` makes the same corrections. `_v3_1`
and `_v3_0` take away what the next version added.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import jsonschema_rs

NEWEST = "v3.2.0"
_BEFORE = {"v3.1.0": "3.1", "v3.0.2": "3.0", "v3.0.1": "3.0", "v3.0.0": "3.0"}
_BROUGHT_BY = {"3.1": "v3.1.0", "3.2": NEWEST}
READ = (NEWEST, *_BEFORE)
"""Versions that the platform reads."""

Schema = dict[str, Any]
_FLAG = {"type": "boolean"}
_FORBIDDEN_IN_IDS = r"\s.#/\\@!%&^"
_FORMATS = {"format": ["parquet", "delta", "json", "csv"], "delimiter": ["new_line", "array"]}


def schema_of(version: object) -> Schema:
    """Return the schema for a file of this `apiVersion`; an unknown version gets that of 3.2.0."""
    return schema_of_family(family_of(version))


def validator_of(version: object) -> jsonschema_rs.Validator:
    """Return the compiled schema of a version."""
    return _validator(family_of(version))


def known_keys(version: object) -> frozenset[str]:
    """Return every property name in a version's schema, for suggestions."""
    return _known_keys(family_of(version))


def later_keys(version: object) -> Mapping[str, str]:
    """Map each key that came after a version to the version that added it."""
    return _later(family_of(version))[0]


def later_words(version: object) -> Mapping[tuple[str, str], str]:
    """Map each value that came after a version, as key and value, to the version that added it."""
    return _later(family_of(version))[1]


@functools.cache
def _later(family: str) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    keys, words = dict[str, str](), dict[tuple[str, str], str]()
    known, said = _known_keys(family), frozenset(_enum_words(schema_of_family(family)))
    for newer, version in _BROUGHT_BY.items():
        if newer > family:
            keys |= dict.fromkeys(_known_keys(newer) - known - keys.keys(), version)
            found = frozenset(_enum_words(schema_of_family(newer)))
            words |= dict.fromkeys(found - said - words.keys(), version)
    return keys, words


def _enum_words(node: object) -> Iterator[tuple[str, str]]:
    """Yield every key that has a fixed choice of values, with each of them."""
    if isinstance(node, dict):
        for name, part in (node.get("properties") or {}).items():
            if isinstance(part, dict):
                yield from ((name, str(word)) for word in part.get("enum") or ())
        for child in node.values():
            yield from _enum_words(child)
    elif isinstance(node, list):
        for child in node:
            yield from _enum_words(child)


def family_of(version: object) -> str:
    """Return the version of the schema that judges a file of this `apiVersion`."""
    return _BEFORE.get(version, "3.2") if isinstance(version, str) else "3.2"


@functools.cache
def schema_of_family(family: str) -> Schema:
    """Return the schema of `3.0`, `3.1` or `3.2`."""
    if family == "3.1":
        return _v3_1(copy.deepcopy(schema_of_family("3.2")))
    if family == "3.0":
        return _v3_0(copy.deepcopy(schema_of_family("3.1")))
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    return _released(json.loads(text))


@functools.cache
def _validator(family: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema_of_family(family))


@functools.cache
def _known_keys(family: str) -> frozenset[str]:
    return frozenset(_property_names(schema_of_family(family)))


def _property_names(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for child in node.values():
            yield from _property_names(child)
    elif isinstance(node, list):
        for child in node:
            yield from _property_names(child)


def _released(schema: Schema) -> Schema:
    """Apply what the standard corrected between the packaged schema and the release of 3.2.0."""
    defs = schema["$defs"]
    strict = "[A-Za-z0-9_-]+"
    defs["StableId"]["pattern"] = f"^[^{_FORBIDDEN_IN_IDS}]+$"
    reference = defs["FullyQualifiedReference"]
    reference["pattern"] = reference["pattern"].replace(strict, f"[^{_FORBIDDEN_IN_IDS}]+")
    defs["SchemaObject"]["properties"]["logicalType"]["enum"] = ["object", "blob"]
    for branch in defs["SchemaBaseProperty"]["allOf"]:
        if logical_types(branch) & {"map", "vector"}:
            branch["if"]["required"] = ["logicalType"]
        if "vector" in logical_types(branch):
            branch["then"]["required"] = ["logicalTypeOptions"]
    return schema


def _v3_1(schema: Schema) -> Schema:
    """Take away what 3.2.0 added: context, enum, synonyms, map, vector, ports as text, servers."""
    defs = schema["$defs"]
    schema["required"].append("status")
    schema["properties"]["apiVersion"]["enum"].remove(NEWEST)
    _forget(schema, "context")
    _forget(defs["SchemaObject"], "context")
    defs["SchemaObject"]["properties"]["logicalType"]["enum"] = ["object"]
    _forget(defs["SchemaElement"], "deprecated", "synonyms")
    _forget(defs["SchemaBaseProperty"], "semanticType", "enum")
    _forget_logical_types(defs, "map", "vector")
    _forget(defs["ServiceLevelAgreementProperty"], "customProperties", "authoritativeDefinitions")
    _forget(defs["CustomProperty"], "vendor")
    _forget(defs["RelationshipBase"], "id")
    _references_of_3_1(defs)
    _servers_of_3_1(defs)
    return schema


def _references_of_3_1(defs: Schema) -> None:
    word, part = "[A-Za-z_][A-Za-z0-9_]*", "[A-Za-z0-9_-]+"
    defs["StableId"]["pattern"] = f"^{part}$"
    defs["ShorthandReference"]["pattern"] = rf"^{word}\.{word}$"
    reference = defs["FullyQualifiedReference"]
    reference["pattern"] = (
        reference["pattern"]
        .replace(f"[^{_FORBIDDEN_IN_IDS}]+", part)
        .replace(r"\.ya?ml#", r"\.yaml#")
    )


def _servers_of_3_1(defs: Schema) -> None:
    defs["Port"]["type"] = "integer"
    sources = defs["ServerSource"]
    sources["AthenaServer"]["required"] = ["stagingDir", "schema"]
    _forget(sources["AthenaServer"], "workgroup")
    for source in sources.values():
        _forget(source, "encoding")
    _forget_servers(
        defs,
        *("btrieve", "exasol", "fastobjects", "hana", "iceberg"),
        *("ingres", "poet", "teradata", "vectorwise", "versant"),
    )


def _v3_0(schema: Schema) -> Schema:
    """Take away what 3.1.0 added, and allow further keys where 3.0 did."""
    defs = schema["$defs"]
    schema["properties"]["apiVersion"]["enum"].remove("v3.1.0")
    schema["properties"]["team"] = {"type": "array", "items": {"$ref": "#/$defs/TeamMember"}}
    parts = (*defs.values(), defs["AuthoritativeDefinitions"]["items"])
    for part in (schema, *(part for part in parts if part.get("type") == "object")):
        if part not in (defs["SchemaObject"], defs["SchemaProperty"], defs["SchemaItemProperty"]):
            part.pop("unevaluatedProperties", None)
        if part is not schema:
            part.pop("additionalProperties", None)
            if part.get("properties", {}).get("id") == {"$ref": "#/$defs/StableId"}:
                _forget(part, "id")
    _columns_of_3_0(defs)
    _people_of_3_0(defs)
    _rules_of_3_0(defs)
    _servers_of_3_0(defs)
    return schema


def _columns_of_3_0(defs: Schema) -> None:
    _forget(defs["SchemaBaseProperty"], "relationships")
    _forget(defs["SchemaObject"], "relationships")
    _forget_logical_types(defs, "timestamp", "time")
    for branch in defs["SchemaBaseProperty"]["allOf"]:
        options = branch.get("then", {}).get("properties", {}).get("logicalTypeOptions", {})
        for key in ("exclusiveMinimum", "exclusiveMaximum"):
            if key in options.get("properties", {}):
                options["properties"][key] = dict(_FLAG)


def _people_of_3_0(defs: Schema) -> None:
    defs["CustomProperty"].pop("required")
    defs["TeamMember"].pop("required")
    _forget(defs["CustomProperty"], "description")
    _forget(defs["AuthoritativeDefinitions"]["items"], "description")
    _forget(defs["TeamMember"], "tags", "customProperties", "authoritativeDefinitions")
    _forget(defs["ServiceLevelAgreementProperty"], "description", "scheduler", "schedule")
    _forget(defs["SupportItem"], "customProperties")
    defs["SupportItem"]["required"] = ["channel", "url"]


def _rules_of_3_0(defs: Schema) -> None:
    """Name a library rule by `rule`, and take a rule without `type` for one of the library."""
    operators = {
        key: copy.deepcopy(form)
        for choice in defs["DataQualityOperators"].pop("oneOf")
        for key, form in choice["properties"].items()
    }
    library = defs["DataQualityLibrary"]
    _forget(library, "metric", "arguments")
    library["properties"] |= operators
    library["required"] = ["rule"]
    for part in (library, defs["DataQualitySql"]):
        part.pop("allOf")
    defs["DataQuality"]["allOf"][0]["if"] = {"properties": {"type": {"const": "library"}}}


def _servers_of_3_0(defs: Schema) -> None:
    _forget_servers(defs, "hive", "impala", "zen")
    sources = defs["ServerSource"]
    sources["DuckdbServer"]["properties"]["schema"]["type"] = "integer"
    _forget(sources["CustomServer"], "stream")
    for name in ("AzureServer", "S3Server", "SftpServer"):
        for key, words in _FORMATS.items():
            sources[name]["properties"][key]["enum"] = words


def _forget(part: Schema, *keys: str) -> None:
    for key in keys:
        part.get("properties", {}).pop(key, None)


def _forget_logical_types(defs: Schema, *names: str) -> None:
    column = defs["SchemaBaseProperty"]
    allowed = column["properties"]["logicalType"]["enum"]
    column["properties"]["logicalType"]["enum"] = [n for n in allowed if n not in names]
    column["allOf"] = [b for b in column["allOf"] if not logical_types(b) & set(names)]


def logical_types(branch: Schema) -> set[str]:
    """Return the logical types that one `if` of the schema asks for."""
    condition = branch.get("if", {})
    cases = condition.get("anyOf", [condition])
    asked = (case.get("properties", {}).get("logicalType", {}).get("const") for case in cases)
    return {name for name in asked if name}


def _forget_servers(defs: Schema, *names: str) -> None:
    server = defs["Server"]
    allowed = server["properties"]["type"]["enum"]
    server["properties"]["type"]["enum"] = [name for name in allowed if name not in names]
    server["allOf"] = [
        branch
        for branch in server["allOf"]
        if branch["if"]["properties"]["type"]["const"] not in names
    ]
