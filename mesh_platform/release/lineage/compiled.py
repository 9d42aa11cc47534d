"""Read what dbt last compiled of models, as far as it is still current."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from mesh_platform.engines.dbt.manifest import macros_used
from mesh_platform.lineage.model_files import Compiled

_VARIABLE = re.compile(r"\b(?:env_)?var\s*\(")


class CompiledModels(Mapping[str, Compiled]):
    """Holds what dbt compiled, read from its manifest when the first model asks for it.

    Args:
        path: the manifest.
        project: `dbt_project.yml`, which sets variables.
        macros: the texts of macros as they are now, by the name of their package.
    """

    def __init__(self, path: Path, project: Path, macros: Mapping[str, tuple[str, ...]]) -> None:
        self._path, self._project, self._macros = path, project, macros

    def __getitem__(self, name: str) -> Compiled:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, Compiled]:
        """Return the current compiled models by name; none without a manifest that can be read.

        Incremental models are left out: dbt compiles one run of them, and the next may read more.
        """
        try:
            manifest = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        macros = manifest.get("macros", {})
        return {
            node["name"]: Compiled(node.get("raw_code") or "", node["compiled_code"])
            for node in manifest.get("nodes", {}).values()
            if node.get("resource_type") == "model"
            and node.get("compiled_code")
            and node.get("config", {}).get("materialized") != "incremental"
            and self._is_of_now(node, macros)
        }

    def _is_of_now(self, node: dict[str, Any], macros: dict[str, dict[str, Any]]) -> bool:
        """Tell whether the macros and variables that a model uses have not changed since."""
        texts = [node.get("raw_code") or ""]
        for macro in macros_used(node, macros):
            package = self._macros.get(macro.get("package_name", ""))
            text = str(macro.get("macro_sql", "")).strip()
            if package is not None:
                if not any(text in now for now in package):
                    return False
                texts.append(text)
        return self._vars_are_of_now or not any(map(_VARIABLE.search, texts))

    @cached_property
    def _vars_are_of_now(self) -> bool:
        return self._project.stat().st_mtime_ns <= self._path.stat().st_mtime_ns
