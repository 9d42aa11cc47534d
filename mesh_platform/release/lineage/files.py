"""Finds the texts that lineage is read from: models, tests, macros, and settings beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from mesh_platform.model.loader import DBT_PROJECT_FILE
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.planning.lineage.mesh_lineage import MeshLineage
from mesh_platform.planning.lineage.model_files import (
    DomainModels,
    MeshModels,
    ModelFile,
    builds_otherwise,
)
from mesh_platform.release.lineage.blocking_tests import source_tests, withholding
from mesh_platform.release.lineage.compiled import CompiledModels
from mesh_platform.release.lineage.settings import Setting, folders, hooks, tested
from mesh_platform.release.lineage.texts import text_of
from mesh_platform.release.lineage.unit_tests import unit_test_files
from mesh_platform.release.workspace import SHARED_DBT, Workspace

_MODELS = "products"
_MACROS = "macros"
_TESTS = "tests"
_OF_MODELS = (".sql", ".py")
_OF_SETTINGS = (".yml", ".yaml")
_NAME = re.compile(r"^name:\s*['\"]?(\w+)", re.MULTILINE)
_MACRO_PATHS = "macro-paths"
_TEST_PATHS = "test-paths"


class MeshSql:
    """The SQL of a mesh; its files are read once, when the first question is asked."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def lineage(self, mesh: Mesh | None = None) -> MeshLineage:
        """What its models make of their inputs.

        Args:
            mesh: with other promises than those of the workspace.

        Raises:
            MeshError: a model cannot be read.
        """
        return MeshLineage(mesh or self.workspace.mesh, self._models)

    @cached_property
    def _models(self) -> MeshModels:
        return read_models(self.workspace)


def read_models(workspace: Workspace) -> MeshModels:
    """The models of every domain as they are on disk now.

    Raises:
        MeshError: a file cannot be read.
    """
    mesh = workspace.mesh
    shared = mesh.root / SHARED_DBT
    project = text_of(shared / DBT_PROJECT_FILE)
    name = _NAME.search(project)
    packages = {name.group(1): _macros(shared, project)} if name else {}
    domains = {d.name: _domain(workspace, d, packages) for d in mesh.domains}
    return MeshModels(domains, packages)


def _domain(
    workspace: Workspace, domain: Domain, packages: Mapping[str, tuple[str, ...]]
) -> DomainModels:
    file, root = domain.folder / DBT_PROJECT_FILE, workspace.mesh.root
    project, ignored = text_of(file), _ignored(domain)
    files = _files(domain, ignored)
    macros = _macros(domain.folder, project)
    now = {domain.name: macros, **packages}
    beside = list(_settings(domain, files, ignored))
    settings = [Setting("", DBT_PROJECT_FILE, project, file), *beside]
    tests = tuple(_tests(domain, root, project))
    return DomainModels(
        domain=domain.name,
        models=tuple(_models(root, files)),
        tests=tests,
        macros=macros,
        compiled=CompiledModels(workspace.dbt_places(domain).manifest, file, now),
        hooks=dict(hooks(settings)),
        builds_otherwise=any(map(builds_otherwise, (*macros, *(s.text for s in settings)))),
        tested=tested(setting.text for setting in settings),
        unit_tests=unit_test_files(domain, root, project, beside, macros),
        withholding=withholding(domain, project, tests, beside),
        source_tests=tuple(source_tests(root, project, beside)),
    )


def _ignored(domain: Domain) -> list[str]:
    return [line.strip() for line in text_of(domain.folder / ".dbtignore").splitlines()]


def _files(domain: Domain, ignored: list[str]) -> list[tuple[str, Path]]:
    """What dbt reads in the folders of products, each with the name of the product."""
    home = domain.folder / _MODELS
    return [
        (path.relative_to(home).parts[0], path)
        for path in sorted(home.glob("*/**/*"))
        if path.suffix in (*_OF_MODELS, *_OF_SETTINGS)
        and path.is_file()
        and not _is_ignored(path, ignored)
    ]


def _models(root: Path, files: Iterable[tuple[str, Path]]) -> Iterator[ModelFile]:
    for product, path in files:
        if path.suffix in _OF_MODELS:
            yield ModelFile(path.stem, product, path.relative_to(root).as_posix(), text_of(path))


def _tests(domain: Domain, root: Path, project: str) -> Iterator[ModelFile]:
    """Tests that are a SELECT; those in `generic` are macros."""
    for path in _named_by(_TEST_PATHS, project, _TESTS, domain.folder):
        if "generic" not in path.relative_to(domain.folder).parts:
            shown = path.relative_to(root).as_posix()
            yield ModelFile(f"test {path.stem}", "", shown, text_of(path))


def _settings(
    domain: Domain, files: Iterable[tuple[str, Path]], ignored: list[str]
) -> Iterator[Setting]:
    """What the files beside the models, and above them, say of these."""
    for path in sorted((domain.folder / _MODELS).glob("*.y*ml")):
        if not _is_ignored(path, ignored):
            yield Setting("", f"{_MODELS}/{path.name}", text_of(path), path)
    for product, path in files:
        if path.suffix in _OF_SETTINGS:
            yield Setting(product, f"{product}/{path.name}", text_of(path), path)


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    """Whether dbt leaves a file alone; patterns name files or folders."""
    names = {path.name, *path.parts} - {"/"}
    known = [pattern.rstrip("/") for pattern in patterns if pattern and not pattern.startswith("#")]
    return any(fnmatch(name, pattern) for pattern in known for name in names)


def _macros(folder: Path, project: str) -> tuple[str, ...]:
    return tuple(map(text_of, _named_by(_MACRO_PATHS, project, _MACROS, folder)))


def _named_by(key: str, project: str, usual: str, folder: Path) -> list[Path]:
    """The SQL in the folders that a key of a dbt project names, or in the usual one."""
    names = folders(project, key, usual)
    return [path for name in names for path in sorted((folder / name).glob("**/*.sql"))]
