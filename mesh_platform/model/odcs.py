"""Reads an ODCS contract file: the official schema's verdict, with file, line and a suggestion."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs

from mesh_platform.errors import did_you_mean
from mesh_platform.model.contract import Contract, Operator, contract_from
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding

_OPERATORS = frozenset(operator.value for operator in Operator)


def read_contract(path: Path, shown: str) -> tuple[Contract | None, list[Finding]]:
    """Read one contract.

    Args:
        path: the `*.odcs.yaml` file.
        shown: its name in messages, relative to the mesh.

    Returns:
        The contract and no finding, or None and at least one.

    Raises:
        MeshError: the file cannot be read as YAML.
    """
    document = read_document(path, shown)
    findings = _schema_findings(document)
    if findings:
        return None, findings
    return contract_from(document)


@functools.cache
def _schema() -> dict[str, Any]:
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@functools.cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(_schema())


@functools.cache
def _known_keys() -> frozenset[str]:
    """Every property name that the schema speaks of, for suggestions."""
    return frozenset(_property_names(_schema()))


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


def _schema_findings(document: Document) -> list[Finding]:
    """The schema's errors; a known key is called unknown only where nothing else is wrong."""
    errors = list(_validator().iter_errors(document.data))
    unexpected = [(tuple(e.instance_path), key) for e in errors for key in _unexpected(e)]
    others = [(tuple(e.instance_path), e.message) for e in errors if not _unexpected(e)]
    findings = list(dict.fromkeys(_invalid(document, path, said) for path, said in others))
    for path, key in dict.fromkeys(unexpected):
        caused = any(other[: len(path)] == path for other, _ in others)
        if not (caused and key in _known_keys()):
            findings.append(_unknown(document, path, key))
    return findings


def _unexpected(error: jsonschema_rs.ValidationError) -> list[str]:
    return list(getattr(error.kind, "unexpected", ()))


def _invalid(document: Document, path: tuple[str | int, ...], message: str) -> Finding:
    entry, where = _walk(document.data, path)
    if "properties" in path[-2:-1] and "logicalType" not in entry:
        return Finding(
            "contract.no-logical-type",
            f"{where} has no logicalType",
            document.place(path),
            "add one, for instance `logicalType: string`",
        )
    if "quality" in path[-2:-1] and entry.get("type") != "text" and not _OPERATORS & set(entry):
        return Finding(
            "contract.no-operator",
            f"{where} does not say what must hold",
            document.place(path),
            "add an operator, for instance `mustBe: 0`",
        )
    return Finding("contract.invalid", f"{where}: {message}", document.place(path))


def _walk(data: Any, path: tuple[str | int, ...]) -> tuple[dict[str, Any], str]:
    """The closest mapping around a path, and the path in words: `properties carrier`."""
    words, entry = list[str](), data if isinstance(data, dict) else {}
    for key in path:
        data = data[key]
        name = data.get("name") if isinstance(data, dict) and isinstance(key, int) else None
        if isinstance(key, str) or name:
            words.append(str(name or key))
        entry = data if isinstance(data, dict) else {}
    return entry, "`" + ".".join(words) + "`" if words else "the contract"


def _unknown(document: Document, path: tuple[str | int, ...], key: str) -> Finding:
    return Finding(
        "contract.unknown-key",
        f"`{key}` is not a key of the contract standard (ODCS) here",
        document.place((*path, key)),
        did_you_mean(key, _known_keys()),
    )
