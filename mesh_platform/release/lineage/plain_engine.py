"""Tell whether the files of a domain leave DuckDB and dbt's own macros as they are.

Only then is what DuckDB says without dbt what it would say in a build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mesh_platform.files import text_of
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, PROFILE, SHARED_DBT, DbtProject
from mesh_platform.model.parsing import loaded
from mesh_platform.planning.lineage.dbt_macros import DBT_MACROS

_CHANGES = re.compile(
    r"\b(?:pre|post)[-_]hook|sql_header|\bon-run-(?:start|end)\b|\brun_query\b|\bcall\s+statement\b"
    r"|\badapter\.execute\b|\bcreate\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?"
    r"(?:macro|function|type|table|view|schema)\b",
    re.IGNORECASE,
)
"""Match what may make a function, a type or a table, or change a setting, beside the models."""
_OVERRIDES = re.compile(
    rf"\bmacro\s+(?:default__|duckdb__)?(?:{'|'.join(DBT_MACROS)})\s*\(|\bmacro\s+duckdb__"
)
_PLAIN_OUTPUT = frozenset({"type", "path", "threads", "plugins", "schema", "database"})
_PLUGIN = "mesh_platform.engine.mounts"


def plain_engine(root: Path, project: DbtProject, texts: Iterable[str]) -> bool:
    """Tell whether nothing that a domain reads changes what DuckDB knows.

    Args:
        root: the folder of the mesh.
        project: the domain's.
        texts: its models, tests and macros, and the settings beside them.
    """
    return (
        "dispatch" not in project.data
        and not any(map(_changes, texts))
        and not any(map(_changes, (text for home in project.packages for text in _texts(home))))
        and _plain_profile(text_of(root / SHARED_DBT / PROFILE))
    )


def _changes(text: str) -> bool:
    return bool(_CHANGES.search(text) or _OVERRIDES.search(text))


def _texts(package: Path) -> Iterable[str]:
    yield text_of(package / DBT_PROJECT_FILE)
    yield from (text_of(path) for path in package.rglob("*.sql") if path.is_file())


def _plain_profile(text: str) -> bool:
    """Tell whether a profile sets what the shared one sets, and nothing else of DuckDB."""
    profile = loaded(text)
    outputs = [
        output
        for held in (profile.values() if isinstance(profile, dict) else ())
        if isinstance(held, dict) and isinstance(held.get("outputs"), dict)
        for output in held["outputs"].values()
    ]
    return all(
        isinstance(output, dict)
        and output.keys() <= _PLAIN_OUTPUT
        and [p.get("module") for p in output.get("plugins", ()) if isinstance(p, dict)]
        in ([], [_PLUGIN])
        for output in outputs
    )
