"""Reads from the installed dbt what `mesh_platform/engines/dbt/schemas.json` holds of its rules.

`python -m tests.engines.dbt.schemas` writes the file anew, where a new dbt has other rules.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "mesh_platform/engines/dbt/schemas.json"
_UNSAID = ("title", "default")
_OF_DBT = frozenset({"original_file_path", "yaml_key", "package_name"})
"""Keys of an entry that dbt itself writes."""


def of_dbt() -> dict[str, Any]:
    """Return the schemas of dbt's classes, without what only describes them."""
    import dbt.cli.main  # noqa: F401 - dbt's modules import each other: this one goes first
    from dbt.artifacts.resources import ModelConfig, SeedConfig, TestConfig
    from dbt.contracts.graph import unparsed
    from dbt.parser.generic_test_builders import TestBuilder
    from dbt_common.contracts.constraints import ConstraintType

    kinds = {
        "models": unparsed.UnparsedModelUpdate,
        "seeds": unparsed.UnparsedNodeUpdate,
        "snapshots": unparsed.UnparsedNodeUpdate,
        "sources": unparsed.UnparsedSourceDefinition,
        "macros": unparsed.UnparsedMacroUpdate,
        "analyses": unparsed.UnparsedAnalysisUpdate,
        "exposures": unparsed.UnparsedExposure,
        "groups": unparsed.UnparsedGroup,
        "unit_tests": unparsed.UnparsedUnitTest,
    }
    configs = {"models": ModelConfig, "seeds": SeedConfig, "tests": TestConfig}
    return {
        "entries": {key: _slim(each.json_schema()) for key, each in kinds.items()},
        "configs": {key: _slim(each.json_schema()) for key, each in configs.items()},
        "words": {
            "config_args": sorted(TestBuilder.CONFIG_ARGS),
            "constraints": sorted(kind.value for kind in ConstraintType),
        },
    }


def _slim(schema: Any) -> Any:
    """Return a schema that accepts the same, in fewer words."""
    if isinstance(schema, list):
        return [_slim(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _slim(value) for key, value in schema.items() if key not in _UNSAID}
    if "properties" in schema:
        said = schema["properties"].items()
        kept["properties"] = {key: _slim(value) for key, value in said if key not in _OF_DBT}
    if "required" in schema:
        kept["required"] = [key for key in schema["required"] if key not in _OF_DBT]
    return _one_of_types(kept)


def _one_of_types(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a choice between types as a list of types; what else a form asks holds for one type.

    The order says nothing, and Python's own of `str | int` depends on what was imported before.
    """
    forms = sorted(schema.get("anyOf", []), key=json.dumps)
    schema = {**schema, "anyOf": forms} if forms else schema
    types = [form.get("type") for form in forms]
    asks = [set(form) - {"type", "propertyNames"} for form in forms]
    if not forms or len(schema) > 1 or any(asks) or not all(isinstance(t, str) for t in types):
        return schema
    names = [form["propertyNames"] for form in forms if "propertyNames" in form]
    return {"type": sorted(types), **({"propertyNames": names[0]} if names else {})}


def text() -> str:
    """Return the file as it should be: a line for each key of an entry."""
    parts = []
    for name, schemas in of_dbt().items():
        lines = [f"{json.dumps(key)}: {_lines(schema)}" for key, schema in schemas.items()]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(schema: Any) -> str:
    if isinstance(schema, list):
        return json.dumps(schema)
    rest = {key: value for key, value in schema.items() if key != "properties"}
    rows = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in schema["properties"].items()
    )
    return f'{json.dumps(rest)[:-1]}, "properties": {{\n{rows}\n}}}}'


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
