"""Tell whether the files of a domain leave DuckDB and dbt's own macros as they are.

Only then is what DuckDB says without dbt what it would say in a build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mesh_platform.files import text_of
from mesh_platform.lineage.dbt_macros import DBT_MACROS
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, PROFILE, SHARED_DBT, DbtProject
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded

_CHANGES = re.compile(
    r"\b(?:pre|post)[-_]hook|sql_header|\bon-run-(?:start|end)\b|\brun_query\b|\bcall\s+statement\b"
    r"|\badapter\.execute\b|\bcreate\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?"
    r"(?:macro|function|type|table|view|schema)\b",
    re.IGNORECASE,
)
"""Match what may make a function, a type or a table, or change a setting, beside the models."""
_WORDS = ("hook", "sql_header", "on-run-", "run_query", "statement", "execute", "create", "macro")
"""Words of which every such text contains one: to search for them is cheaper."""
_OVERRIDES = re.compile(
    rf"\bmacro\s+(?:default__|duckdb__)?(?:{'|'.join(DBT_MACROS)})\s*\(|\bmacro\s+duckdb__"
)
_PLAIN_OUTPUT = frozenset({"type", "path", "threads", "plugins", "schema", "database"})
_PLUGIN = "mesh_platform.engine.mounts"


class PlainEngine:
    """Tells whether nothing that a domain reads changes what DuckDB knows.

    Packages and the shared profile are read once, for all domains.

    Args:
        root: the folder of the mesh.
    """

    def __init__(self, root: Path) -> None:
        self._profile = _plain_profile(text_of(root / SHARED_DBT / PROFILE))
        self._packages = dict[Path, bool]()

    def kept(self, project: DbtProject, texts: Iterable[str]) -> bool:
        """Tell it of one domain.

        Args:
            project: the domain's.
            texts: its models, tests and macros, and the settings beside them.
        """
        return (
            self._profile
            and "dispatch" not in project.data
            and not any(map(_changes, texts))
            and all(map(self._plain_package, project.packages))
        )

    def _plain_package(self, home: Path) -> bool:
        if home not in self._packages:
            self._packages[home] = not any(map(_changes, _texts(home)))
        return self._packages[home]


def _changes(text: str) -> bool:
    if text.startswith(MARK):
        return False
    small = text.lower()
    return any(word in small for word in _WORDS) and bool(
        _CHANGES.search(text) or _OVERRIDES.search(text)
    )


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
