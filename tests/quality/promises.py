"""Contracts for tests, written as dicts in the standard's words and read by the real reader."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from mesh_platform.model.contract import Contract, contract_from
from mesh_platform.model.documents import read_document


def column(name: str, **promises: Any) -> dict[str, Any]:
    """One property of a contract."""
    return {"name": name, **promises}


def rule(**entry: Any) -> dict[str, Any]:
    """One `quality` entry."""
    return {"type": "library", **entry}


def contract(*columns: dict[str, Any], rules: tuple[dict[str, Any], ...] = ()) -> Contract:
    """A contract of the table `port` with these columns and rules; one line for each column."""
    lines = [
        "apiVersion: v3.2.0",
        "kind: DataContract",
        "id: shop/port",
        "version: 1.0.0",
        "status: active",
        "schema:",
        f"- {{name: port, quality: {json.dumps(rules)}, properties: [",
        "",
        *(f"{json.dumps(item)}," for item in columns),
        "]}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "port.odcs.yaml"
        path.write_text("\n".join(lines), encoding="utf-8")
        read, findings = contract_from(read_document(path, "port.odcs.yaml"))
    assert not findings, findings
    assert read is not None
    return read
