"""Contracts for tests, written as dicts in the standard's words and read by the real reader."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from mesh_platform.model.contract import Contract
from mesh_platform.model.contract_reader import contract_from
from mesh_platform.model.documents import read_document


def column(name: str, **promises: Any) -> dict[str, Any]:
    """One property of a contract."""
    return {"name": name, **promises}


def rule(**entry: Any) -> dict[str, Any]:
    """One `quality` entry."""
    return {"type": "library", **entry}


def contract(
    *columns: dict[str, Any],
    rules: tuple[dict[str, Any], ...] = (),
    relationships: tuple[dict[str, Any], ...] = (),
    name: str = "port",
    table: dict[str, Any] | None = None,
) -> Contract:
    """A contract of a table with these columns and rules; one line for each column."""
    lines = [
        "apiVersion: v3.2.0",
        "kind: DataContract",
        f"id: shop/{name}",
        "version: 1.0.0",
        "status: active",
        "schema:",
        f"- {{name: {name}, quality: {json.dumps(rules)}, properties: [",
        "",
        *(f"{json.dumps(item)}," for item in columns),
        f"], relationships: {json.dumps(relationships)}{_more(table or {})}}}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.odcs.yaml"
        path.write_text("\n".join(lines), encoding="utf-8")
        read, findings = contract_from(read_document(path, f"{name}.odcs.yaml"))
    assert not findings, findings
    assert read is not None
    return read


def _more(table: dict[str, Any]) -> str:
    return "".join(f", {key}: {json.dumps(value)}" for key, value in table.items())
