"""Finds the files with a domain's unit tests, and what decides whether they tell all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mesh_platform.files import text_of
from mesh_platform.lineage.model_files import leaves_out
from mesh_platform.lineage.unit_test_files import UNIT_TESTS, PropertyFile, UnitTestFiles
from mesh_platform.model.dbt_project import SHARED_DBT, DbtProject
from mesh_platform.model.generated import MARK, SOURCES
from mesh_platform.model.naming import PRODUCTS
from mesh_platform.release.lineage.settings import Setting

_FIXTURE = "fixture"
_MORE = ("sources", "snapshots")
"""Keys under which YAML may declare what no other file shows, and what tests may give."""
_VERSIONS = "versions"
"""The key under which YAML may give a model several files."""
_OWN_WAY = re.compile(
    r"\bmacro\s+(?:\w+__)?(?:ref|source|get_\w+_sql|format_row|get_columns_in_relation)\b"
    r"|\bmaterialization\s+unit\b"
)
"""Macros of dbt by which unit tests run; a project may have its own in their place."""
_PACKAGE = re.compile(r"^\s*-\s*(\w+)\s*:", re.MULTILINE)


def unit_test_files(
    root: Path,
    project: DbtProject,
    settings: str,
    beside: Sequence[Setting],
    macros: Iterable[str],
) -> UnitTestFiles:
    """The unit tests of a domain.

    Args:
        root: of the mesh.
        project: of the domain.
        settings: the text of its `dbt_project.yml`.
        beside: the files beside the models and above them.
        macros: the texts of its own macros.
    """
    tests = [item for item in beside if UNIT_TESTS in item.text]
    if not tests:
        return UnitTestFiles()
    named = any(_FIXTURE in item.text for item in tests)
    return UnitTestFiles(
        files=tuple(_file(root, item.path, item.text, item.product) for item in tests),
        fixtures=_fixtures(root, project) if named else {},
        sources="".join(item.text for item in beside if _is_generated(item)),
        alone=_is_alone(root, project, beside),
        run_otherwise=any(map(_OWN_WAY.search, macros))
        or any(leaves_out(text) for text in (settings, *(item.text for item in beside)))
        or any(_has_key(item.text, _VERSIONS) for item in beside),
    )


def _file(root: Path, path: Path, text: str, product: str = "") -> PropertyFile:
    return PropertyFile(product, path.relative_to(root).as_posix(), text)


def _fixtures(root: Path, project: DbtProject) -> dict[str, PropertyFile]:
    """Files of which dbt takes rows; of a name that two have, neither."""
    homes = [home / "fixtures" for home in project.folders("test-paths")]
    paths = sorted(path for home in homes for path in project.files_in(home, ".csv"))
    names = [path.stem for path in paths]
    return {
        path.stem: _file(root, path, text_of(path)) for path in paths if names.count(path.stem) == 1
    }


def _is_alone(root: Path, project: DbtProject, beside: Iterable[Setting]) -> bool:
    """Tell whether dbt finds models and sources nowhere but in the folders of the products."""
    packages = _PACKAGE.findall(text_of(project.folder / "packages.yml"))
    more = [*project.folders("seed-paths"), *project.folders("snapshot-paths")]
    more += [project.folder / "dependencies.yml", root / SHARED_DBT / "models"]
    return (
        project.names("model-paths") == (PRODUCTS,)
        and packages == ["local"]
        and not any(path.exists() for path in more)
        and not any(_has_key(item.text, *_MORE) for item in beside if not _is_generated(item))
    )


def _has_key(text: str, *keys: str) -> bool:
    return any(key in text and re.search(rf"\b{key}['\"]?\s*:", text) for key in keys)


def _is_generated(item: Setting) -> bool:
    """Tell whether it is the file of sources that follows from the input ports."""
    return not item.product and item.path.name == SOURCES and item.text.startswith(MARK)
