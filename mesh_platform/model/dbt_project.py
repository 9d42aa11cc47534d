"""Read the configuration of a dbt project by dbt's rules, without running dbt.

This module answers where dbt looks for files. A file that cannot be read counts as absent: dbt
itself reports what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError, Undefined
from jinja2.sandbox import SandboxedEnvironment

from mesh_platform.errors import MeshError
from mesh_platform.files import files_under, read_text, resolved
from mesh_platform.model.dbt_ignore import DbtIgnore, read_ignore
from mesh_platform.model.parsing import loaded

DBT_PROJECT_FILE = "dbt_project.yml"
PROFILE = "profiles.yml"
SHARED_DBT = "dbt_project"
"""Folder of the dbt package, and of the profile, that all domains share."""
PACKAGE_FILES = ("packages.yml", "dependencies.yml")
PACKAGE_LOCK = "package-lock.yml"
"""File in which dbt notes the packages that it resolved."""
_PATHS = {
    "model-paths": "models",
    "macro-paths": "macros",
    "seed-paths": "seeds",
    "test-paths": "tests",
    "analysis-paths": "analyses",
    "snapshot-paths": "snapshots",
    "function-paths": "functions",
}
"""Map each key that lists folders to dbt's default."""
_FORMER = {"model-paths": "source-paths", "seed-paths": "data-paths"}
TARGET = {"name": "mesh", "target_name": "mesh", "type": "duckdb", "schema": "main"}
"""What the profile that all domains share says of dbt's target."""
KEPT_BY_DBT = "DBT_ENV_SECRET"
"""Begins the names of variables whose values dbt gives to few files."""
_NATIVE = ("as_bool", "as_native", "as_number")
_MISSING = Undefined()
_UNRENDERED = (
    TemplateError,
    yaml.YAMLError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)
"""List the errors that rendering a text may raise."""
_LEFT_ALONE = ("on-run-start", "on-run-end", "query-comment", "vars")
"""List the keys that stay unrendered here: dbt renders them when it runs their content."""


@dataclass(frozen=True)
class DbtProject:
    """Hold a dbt project: its folder, its rendered `dbt_project.yml` and its local packages.

    `only_local` tells whether it, and the local packages, name no other packages.
    """

    folder: Path
    data: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[Path, ...] = ()
    only_local: bool = True

    @property
    def name(self) -> str:
        """Return the project's name, by which dbt knows its macros and models."""
        return str(self.data.get("name", ""))

    def names(self, key: str) -> tuple[str, ...]:
        """Return the folders that a key such as `macro-paths` lists, as written in the file."""
        found = self.data.get(key, self.data.get(_FORMER.get(key, key)))
        return _texts(found) if found is not None else (_PATHS[key],)

    def folders(self, key: str) -> tuple[Path, ...]:
        """Return the paths of the folders that a key such as `macro-paths` lists."""
        return tuple(self.folder / name for name in self.names(key))

    def files(self, key: str, *endings: str) -> list[Path]:
        """Return the files with these endings that dbt reads in the folders of a key."""
        return [path for home in self.folders(key) for path in self.files_in(home, *endings)]

    def files_in(self, home: Path, *endings: str) -> list[Path]:
        """Return the files with these endings that dbt reads in one of its folders."""
        if home not in self._listed:
            self._listed[home] = list(files_under(home))
        return [path for path in self._listed[home] if self.ignore.takes(path, *endings)]

    @cached_property
    def _listed(self) -> dict[Path, list[Path]]:
        """Hold the files below each folder that was asked for: many ask for the same."""
        return {}

    @cached_property
    def docs(self) -> list[Path]:
        """Return the files in which dbt looks for blocks of docs."""
        named = self.data.get("docs-paths")
        homes = self.sources if named is None else [self.folder / name for name in _texts(named)]
        found = (path for home in homes for path in self.files_in(home, ".md"))
        return list(dict.fromkeys(found))

    @cached_property
    def ignore(self) -> DbtIgnore:
        """Return what the project's `.dbtignore` says."""
        return read_ignore(self.folder)

    @property
    def sources(self) -> tuple[Path, ...]:
        """Return every folder in which dbt looks for files of the project."""
        return tuple(dict.fromkeys(home for key in _PATHS for home in self.folders(key)))

    @property
    def variables(self) -> dict[str, Any]:
        """Return the values under `vars` that hold for the project's own files, by their names."""
        found = self.data.get("vars")
        own = found.get(self.name) if isinstance(found, dict) else None
        levels = (level for level in (found, own) if isinstance(level, dict))
        return {str(name): value for level in levels for name, value in level.items()}

    @property
    def installed(self) -> Path:
        """Return the folder into which dbt installs packages."""
        return self.folder / str(self.data.get("packages-install-path") or "dbt_packages")


def read_project(folder: Path, variables: Mapping[str, str]) -> DbtProject:
    """Read a project as it is on disk.

    Args:
        folder: the folder with `dbt_project.yml`.
        variables: environment variables, for `env_var`.
    """
    render = _Rendering(variables)
    data = render.mapping(folder / DBT_PROJECT_FILE)
    packages = dict.fromkeys(_local_packages(folder, render, {folder.resolve()}))
    entries = (entry for home in (folder, *packages) for entry in _entries(home, render))
    return DbtProject(folder, data, tuple(packages), all(map(_is_local, entries)))


def _local_packages(folder: Path, render: _Rendering, seen: set[Path]) -> Iterator[Path]:
    """Yield the folders of packages that a project names by `local`, and those that they name."""
    for entry in filter(_is_local, _entries(folder, render)):
        home = resolved(folder / entry["local"])
        if home not in seen:
            seen.add(home)
            yield home
            yield from _local_packages(home, render, seen)


def _entries(folder: Path, render: _Rendering) -> Iterator[Any]:
    for file in PACKAGE_FILES:
        entries = render.mapping(folder / file).get("packages")
        yield from entries if isinstance(entries, list) else []


def _is_local(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("local"), str)


def _texts(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(item for item in given if isinstance(item, str))


class _Rendering:
    """Renders the values of a file as dbt does: with `env_var`, `var` and `target`."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._environment = SandboxedEnvironment()
        self._environment.filters |= {name: lambda value: value for name in (*_NATIVE, "as_text")}
        self._environment.globals |= {
            "env_var": self._env_var,
            "var": lambda _name, default=_MISSING: default,
            "target": TARGET,
        }

    def mapping(self, path: Path) -> dict[str, Any]:
        """Return the rendered mapping in a YAML file; an empty one where there is none to read."""
        try:
            found = loaded(read_text(path))
        except MeshError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {
            str(key): value if key in _LEFT_ALONE else self._value(value)
            for key, value in found.items()
        }

    def _env_var(self, name: str, default: object = _MISSING) -> object:
        return self._variables.get(name, default)

    def _value(self, value: object) -> Any:
        if isinstance(value, dict):
            return {key: self._value(held) for key, held in value.items()}
        if isinstance(value, list):
            return [self._value(held) for held in value]
        if isinstance(value, str) and "{" in value:
            return self._text(value)
        return value

    def _text(self, value: str) -> object:
        try:
            said = self._environment.from_string(value).render()
            native = any(name in value for name in _NATIVE)
            return yaml.load(said, yaml.CSafeLoader) if native else said
        except _UNRENDERED:
            return value
