"""Find what the templates of a domain may call, and the generic tests that its files name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mesh_platform.engines.dbt.generic_tests import arguments, named_test, runs
from mesh_platform.engines.dbt.own_macros import dbt_own_macros
from mesh_platform.files import text_of
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_files import NamedTests, leaves_out
from mesh_platform.model.dbt_project import DbtProject, read_project
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.environment import variables
from mesh_platform.release.lineage.settings import Setting, entries, tests_of

_TESTED = ("models", "sources", "seeds", "snapshots")
_TESTS = re.compile(r"(?<!unit_)tests:")
_OF_TESTS = ("tests", "data_tests")
_BESIDE = frozenset({"name", "config", "description", "tags", "meta", "severity", "enabled"})
"""Keys of a generic test that are not its name."""


def defined(
    project: DbtProject,
    macros: tuple[str, ...],
    packages: Mapping[str, tuple[str, ...]],
    models: Iterable[str],
    versioned: Iterable[str],
    sources: frozenset[tuple[str, str]] | None,
) -> Defined:
    """Return what the templates of a project may call.

    Args:
        project: the project of a domain.
        macros: the texts of its macros.
        packages: by the name of each package that was read, the texts of its macros.
        models: names of its models, seeds and snapshots.
        versioned: names of versions of models, in lower case.
        sources: names of sources, each with that of a table; None where they are not certain.
    """
    own = (*macros, *_generic_tests(project))
    local = [read_project(home, os.environ) for home in project.packages]
    known = {**{each.name: None for each in local}, project.name: own, **packages}
    known |= {
        each.name: (*packages[each.name], *_generic_tests(each))
        for each in local
        if each.name in packages
    }
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


def _generic_tests(project: DbtProject) -> Iterator[str]:
    """Yield the texts of the generic tests of a project that are no macros."""
    for path in project.files("test-paths", ".sql"):
        if "generic" in path.relative_to(project.folder).parts:
            yield text_of(path)


def named_tests(
    root: Path, project: DbtProject, settings: Iterable[Setting]
) -> Iterator[NamedTests]:
    """Yield files of properties with the names and arguments of the generic tests in them."""
    may_be_off = leaves_out(" ".join(str(project.data.get(key)) for key in _OF_TESTS))
    for setting in settings:
        text = setting.text
        own = "tests:" in text and _TESTS.search(text) and not text.startswith(MARK)
        if own and (tests := tuple(_written(loaded(text)))):
            names = tuple(_names(tests))
            given = () if may_be_off else tuple(_arguments(tests))
            yield NamedTests(setting.path.relative_to(root).as_posix(), text, names, given)


def _written(data: object) -> Iterator[object]:
    for kind in _TESTED:
        for entry in entries(data, kind):
            for holder in (entry, *entries(entry, "tables")):
                for each in (holder, *entries(holder, "columns")):
                    yield from tests_of(dict(each))


def _names(tests: Iterable[object]) -> Iterator[str]:
    for test in tests:
        if isinstance(test, str):
            yield test
        elif isinstance(test, dict):
            own = (str(key) for key in test if key not in _BESIDE)
            yield str(test.get("test_name") or next(own, "unique"))


def _arguments(tests: Iterable[object]) -> Iterator[str]:
    for test in tests:
        if (named := named_test(test)) is not None and runs(named[1]):
            given = arguments(named[1], nested="arguments" in named[1])
            yield from _texts({key: given[key] for key in given if key != "column_name"})


def _texts(value: object) -> Iterator[str]:
    """Yield each text within a value."""
    if isinstance(value, str):
        yield value
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _texts(each)
