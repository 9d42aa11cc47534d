"""The columns that a table is partitioned by, and what the standard says where nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.values import Level
from tests.contract_diff.contracts import Document, contract, level_of
from tests.model.official import official


def _defaults(schema: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every key of a schema that has a default."""
    found = [(name, schema["default"])] if "default" in schema else []
    for key, inner in schema.get("properties", {}).items():
        found += _defaults(inner, key)
    return found


def test_saying_a_default_of_the_standard_for_a_column_is_a_patch() -> None:
    parts = official("ODCS 3.2")["$defs"]
    found = [
        each for part in ("SchemaElement", "SchemaBaseProperty") for each in _defaults(parts[part])
    ]
    assert ("partitionKeyPosition", -1) in found
    for key, default in found:
        assert level_of({}, {key: default}) is Level.PATCH, key
        assert level_of({key: default}, {}) is Level.PATCH, key


def _partitioned(**positions: int | None) -> Document:
    said = {n: {} if p is None else {"partitionKeyPosition": p} for n, p in positions.items()}
    return contract(*({"name": n, "partitioned": True, **keys} for n, keys in said.items()))


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (_partitioned(a=None), _partitioned(a=1), Level.PATCH),
        (_partitioned(a=-1), _partitioned(a=7), Level.PATCH),
        (_partitioned(a=1, b=2), _partitioned(a=3, b=5), Level.PATCH),
        (_partitioned(a=None, b=2), _partitioned(a=1, b=2), Level.PATCH),
        (_partitioned(a=1, b=2), _partitioned(a=2, b=1), Level.MINOR),
    ],
)
def test_partitions_are_compared_by_their_order(old: Document, new: Document, level: Level) -> None:
    assert {change.level for change in contract_changes(old, new)} == {level}
