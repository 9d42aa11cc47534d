"""The reference of the contract names every key that the standard allows under `schema`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.formats import INTEGERS
from mesh_platform.checks.promises import DOCUMENTATION, IN_SCHEMA
from mesh_platform.checks.rules import METRICS
from mesh_platform.checks.storage_types import HELD, INSTEAD
from mesh_platform.model.contract import Operator

TEXT = (Path(__file__).parent.parent / "docs/reference/contract.md").read_text(encoding="utf-8")
SCHEMA = resources.files("open_data_contract_standard").joinpath("schema.json")
DEFS: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]


def _first_cells(heading: str) -> list[str]:
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)[^`]*`", row.split("|")[1])]


def _keys(*names: str) -> set[str]:
    return {key for name in names for key in DEFS[name].get("properties", {})}


def _branches(key: str) -> Iterator[dict[str, Any]]:
    """What each logical type allows under a key."""
    for branch in DEFS["SchemaBaseProperty"]["allOf"][1:]:
        allowed = branch["then"].get("properties", {})
        if key in allowed:
            yield allowed[key]


def _options() -> set[str]:
    return {name for branch in _branches("logicalTypeOptions") for name in branch["properties"]}


def _operators() -> set[str]:
    choices = DEFS["DataQualityOperators"]["oneOf"]
    return {key for choice in choices for key in choice["properties"]}


IN_BRANCHES = {key for key in ("properties", "items", "map") if any(_branches(key))}
SECTIONS = {
    "The table": _keys("SchemaElement", "SchemaObject"),
    "A column": _keys("SchemaElement", "SchemaBaseProperty") | IN_BRANCHES,
    "logicalTypeOptions": _options(),
    "A rule": _keys("DataQuality", "DataQualityLibrary", "DataQualitySql", "DataQualityCustom")
    | _operators(),
    "A relationship": _keys("RelationshipBase"),
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_reference_names_each_key_of_the_standard_and_no_other(heading: str) -> None:
    assert set(_first_cells(heading)) == SECTIONS[heading]


@pytest.mark.parametrize("heading", ["The table", "A column", "A relationship"])
def test_the_reference_names_each_key_once(heading: str) -> None:
    cells = _first_cells(heading)
    assert len(cells) == len(set(cells))


def test_the_reference_names_what_the_code_knows() -> None:
    assert {operator.value for operator in Operator} == _operators()
    assert set(METRICS) == set(DEFS["DataQualityLibrary"]["properties"]["metric"]["enum"])
    assert all(f"`{metric}`" in TEXT for metric in METRICS)
    assert _options() >= IN_SCHEMA | DOCUMENTATION
    widths = next(b["properties"]["format"] for b in _branches("logicalTypeOptions")
                  if "i8" in b["properties"].get("format", {}).get("enum", ()))  # fmt: skip
    assert set(widths["enum"]) == set(INTEGERS)


def test_the_page_names_each_type_and_whether_a_release_holds_it() -> None:
    section = TEXT.split("\n## Types\n")[1].split("\n## ")[0]
    held, instead = section.split("| not held | use |")
    assert {name for name in HELD if f"`{name}" not in held} == set()
    told = {name for name in INSTEAD if f"`{name}`" in instead}
    assert INSTEAD.keys() - told == {"TYPE", '"NULL"'}
