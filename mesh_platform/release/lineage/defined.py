"""Find what the templates of a domain may call, and the generic tests that its files name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mesh_platform.engines.dbt.own_macros import dbt_own_macros
from mesh_platform.files import text_of
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_files import NamedTests
from mesh_platform.model.dbt_project import DbtProject, read_project
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.environment import variables
from mesh_platform.release.lineage.settings import Setting, entries, tests_of

_TESTED = ("models", "sources", "seeds", "snapshots")
_TESTS = re.compile(r"(?<!unit_)tests:")
_BESIDE = frozenset({"name", "config", "description", "tags", "meta", "severity", "enabled"})
"""Keys of a generic test that are not its name."""


def defined(
    project: DbtProject,
    macros: tuple[str, ...],
    packages: Mapping[str, tuple[str, ...]],
    models: Iterable[str],
    versioned: Iterable[str],
    sources: frozenset[str] | None,
) -> Defined:
    """Return what the templates of a project may call.

    Args:
        project: the project of a domain.
        macros: the texts of its macros.
        packages: by the name of each package that was read, the texts of its macros.
        models: names of its models, seeds and snapshots.
        versioned: names of versions of models, in lower case.
        sources: names of sources and their tables; None where they are not certain.
    """
    local = (read_project(home, os.environ).name for home in project.packages)
    known = {**dict.fromkeys(local), project.name: macros, **packages}
    generic = (
        text_of(path)
        for path in project.files("test-paths", ".sql")
        if "generic" in path.relative_to(project.folder).parts
    )
    own = (*macros, *generic)
    imported = (path.stem for home in project.packages for path in home.rglob("*.*"))
    return Defined(
        own,
        known,
        dbt_own_macros,
        frozenset(project.variables),
        project.only_local,
        models=frozenset((*models, *imported)),
        versioned=frozenset(versioned),
        sources=sources,
        environment=variables(),
    )


def named_tests(root: Path, settings: Iterable[Setting]) -> Iterator[NamedTests]:
    """Yield files of properties with the names of the generic tests in them."""
    for setting in settings:
        text = setting.text
        own = "tests:" in text and _TESTS.search(text) and not text.startswith(MARK)
        if own and (names := tuple(_names(loaded(text)))):
            yield NamedTests(setting.path.relative_to(root).as_posix(), text, names)


def _names(data: object) -> Iterator[str]:
    for kind in _TESTED:
        for entry in entries(data, kind):
            for holder in (entry, *entries(entry, "tables")):
                yield from _of_holder(holder)


def _of_holder(holder: Mapping[str, object]) -> Iterator[str]:
    for each in (holder, *entries(holder, "columns")):
        for test in tests_of(dict(each)):
            if isinstance(test, str):
                yield test
            elif isinstance(test, dict):
                own = (str(key) for key in test if key not in _BESIDE)
                yield str(test.get("test_name") or next(own, "unique"))
