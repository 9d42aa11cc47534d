"""Finds what files of a domain say of how dbt builds its models, and what stands beside these."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mesh_platform.engines.dbt.runner import QUIET, SET_FOR_DBT
from mesh_platform.errors import Place
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.known_values import Values
from mesh_platform.lineage.model_files import ModelFile, Named
from mesh_platform.lineage.model_setup import UNKNOWN, Configurations
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject, read_project
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.settings import Setting, entries

_CONFIG = re.compile(r"\b(?:config|access|group|contract)\b")
_SET_FOR_DBT = frozenset((*QUIET, *map(bytes.decode, SET_FOR_DBT)))
_LISTS = ("data_tests", "tests")
_SNAPSHOT = re.compile(r"\{%-?\s*snapshot\s+(\w+)")


def configurations(
    root: Path, project: DbtProject, beside: Iterable[Setting], macros: tuple[str, ...]
) -> Configurations:
    """Return what `dbt_project.yml` and the files beside the models say of these.

    Args:
        root: of the mesh.
        project: the domain's.
        beside: files beside the models and above them; generated ones configure nothing.
        macros: the texts of the macros that it may use.
    """
    said, file = project.data.get("models"), project.folder / DBT_PROJECT_FILE
    written = (
        item.text
        for item in beside
        if "models" in item.text and _CONFIG.search(item.text) and not item.text.startswith(MARK)
    )
    return Configurations(
        project=said if isinstance(said, dict) else {},
        name=project.name,
        file=seen_from(root, file),
        text=text_of(file),
        properties=[entry for text in written for entry in entries(loaded(text), "models")],
        macros=macros,
        values=known_values(project),
    )


def tests_left(
    project: DbtProject, tests: Iterable[ModelFile], beside: Iterable[Setting]
) -> tuple[tuple[ModelFile, ...], frozenset[str]]:
    """Return the tests in SQL that are not turned off, and files of those that may be.

    Args:
        project: the domain's.
        tests: its tests in SQL.
        beside: files of properties that may name them.
    """
    said = {**_mapping(project.data.get("tests")), **_mapping(project.data.get("data_tests"))}
    texts = [item.text for item in beside]
    texts += [text_of(path) for path in project.files("test-paths", ".yml", ".yaml")]
    named = [loaded(text) for text in texts if "tests" in text and "enabled" in text]
    how = Configurations(
        project=said,
        name=project.name,
        properties=[entry for data in named for key in _LISTS for entry in entries(data, key)],
        values=known_values(project),
    )
    left, unsure = list[ModelFile](), set[str]()
    for test in tests:
        name = test.name.removeprefix("test ")
        enabled = how.setup(name, test.folders, test.text, python=False).get("enabled")
        left += [] if enabled is False else [test]
        unsure |= {test.file} if enabled is UNKNOWN else set()
    return tuple(left), frozenset(unsure)


def _mapping(said: object) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def known_values(project: DbtProject) -> Values:
    """Return the values of variables that files of the project may ask for."""
    packages = (read_project(home, os.environ) for home in project.packages)
    elsewhere = frozenset(name for package in packages for name in package.variables)
    return Values(project.variables, elsewhere, os.environ, _SET_FOR_DBT)


def seeds_and_snapshots(root: Path, project: DbtProject) -> Iterator[Named]:
    """Yield what `ref` finds beside models."""
    for path in project.files("seed-paths", ".csv"):
        yield Named(path.stem, "seed", _place(root, path))
    for path in project.files("snapshot-paths", ".sql", ".yml", ".yaml"):
        text = text_of(path)
        written = (str(entry.get("name")) for entry in entries(loaded(text), "snapshots"))
        names = _SNAPSHOT.findall(text) if path.suffix == ".sql" else written
        for name in names:
            yield Named(name, "snapshot", _place(root, path))


def _place(root: Path, path: Path) -> Place:
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return Place(shown.as_posix(), 1)
