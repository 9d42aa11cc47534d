"""Find the texts that lineage is read from: models, tests, macros, and settings beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from mesh_platform.environments.workspace import Workspace
from mesh_platform.files import files_under, seen_from, text_of
from mesh_platform.lineage.mesh_lineage import MeshLineage
from mesh_platform.lineage.model_files import DomainModels, MeshModels, ModelFile, builds_otherwise
from mesh_platform.lineage.model_rules import domain_findings
from mesh_platform.lineage.model_setup import Configurations
from mesh_platform.lineage.templates import without_comments
from mesh_platform.model.dbt_ignore import DbtIgnore
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, SHARED_DBT, DbtProject, read_project
from mesh_platform.model.findings import Finding, boundary, failure
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.naming import PRODUCTS, ProductName
from mesh_platform.release.lineage.blocking_tests import source_tests, withholding
from mesh_platform.release.lineage.brought import brought_models
from mesh_platform.release.lineage.compiled import CompiledModels
from mesh_platform.release.lineage.configured import configurations, seeds_and_snapshots, tests_left
from mesh_platform.release.lineage.defined import defined, named_tests
from mesh_platform.release.lineage.model_sql import Promises, sql_findings
from mesh_platform.release.lineage.plain_engine import PlainEngine
from mesh_platform.release.lineage.project_faults import project_faults
from mesh_platform.release.lineage.properties import (
    column_tests,
    property_faults,
    unknown_tests,
)
from mesh_platform.release.lineage.property_files import Properties, ReadProject, read_properties
from mesh_platform.release.lineage.seeds import seed_columns, seed_faults
from mesh_platform.release.lineage.settings import Setting, hooks, tested, unread, versions
from mesh_platform.release.lineage.unit_tests import unit_test_files
from mesh_platform.release.lineage.whole_project import (
    descriptions,
    group_names,
    properties_of_packages,
    source_names,
)

_OF_MODELS = (".sql", ".py")
_OF_SETTINGS = (".yml", ".yaml")
_NO_TESTS = ("generic", "fixtures")


class MeshSql:
    """Reads the SQL of a mesh; its files are read once, when the first question is asked.

    Args:
        workspace: where the mesh is.
        domains: the domains whose models are asked for; none named means all.
    """

    def __init__(self, workspace: Workspace, domains: Collection[str] = ()) -> None:
        self.workspace = workspace
        self._domains = domains

    def lineage(self, mesh: Mesh | None = None) -> MeshLineage:
        """Return the lineage from the inputs to the models.

        Args:
            mesh: a mesh with other contracts than those of the workspace.
        """
        return self._of_the_files if mesh is None else MeshLineage(mesh, self._models)

    def model_findings(self, names: Collection[ProductName]) -> tuple[Finding, ...]:
        """Return faults in the models of products, as far as the files tell."""
        mesh = self.workspace.mesh
        asked = (mesh.domain(name) for name in sorted({name.domain for name in names}))
        return tuple(
            finding
            for domain in asked
            if not domain.broken
            for finding in boundary("domain.invalid", self._judged(domain, names), domain.home)
        )

    def _judged(
        self, domain: Domain, names: Collection[ProductName]
    ) -> Callable[[], Iterable[Finding]]:
        return lambda: domain_findings(domain, self._models.domain(domain.name), names)

    def sql_findings(self, names: Collection[ProductName]) -> tuple[Finding, ...]:
        """Return faults that DuckDB finds in the SQL of models of products."""
        if not names:
            return ()
        mesh = self.workspace.mesh
        asked = [mesh.domain(name) for name in sorted({name.domain for name in names})]
        with Promises(mesh) as promises:
            return tuple(
                finding
                for domain in asked
                if not domain.broken
                for finding in boundary(
                    "domain.invalid", self._bound(domain, names, promises), domain.home
                )
            )

    def _bound(
        self, domain: Domain, names: Collection[ProductName], promises: Promises
    ) -> Callable[[], Iterable[Finding]]:
        chosen = [product for product in domain.products if product.name in names]
        known = self._of_the_files
        return lambda: sql_findings(known.domain(domain.name), chosen, promises)

    @cached_property
    def _of_the_files(self) -> MeshLineage:
        return MeshLineage(self.workspace.mesh, self._models)

    @cached_property
    def _models(self) -> MeshModels:
        return read_models(self.workspace, self._domains)


def read_models(workspace: Workspace, domains: Collection[str] = ()) -> MeshModels:
    """Read the models of these domains, or of all, as they are on disk now."""
    mesh = workspace.mesh
    shared = read_project(mesh.root / SHARED_DBT, os.environ)
    packages = {shared.name: _macros(shared)} if shared.name else {}
    chosen = [d for d in mesh.domains if not domains or d.name in domains]
    engine = PlainEngine(mesh.root)
    found = {d.name: _read_domain(workspace, d, packages, engine) for d in chosen}
    return MeshModels(found, packages)


def _read_domain(
    workspace: Workspace,
    domain: Domain,
    packages: Mapping[str, tuple[str, ...]],
    engine: PlainEngine,
) -> DomainModels:
    """Read the models of a domain; where that fails, return none, with the finding of why."""
    try:
        return _domain(workspace, domain, packages, engine)
    except Exception as error:  # noqa: BLE001 - the boundary: one domain stops no other
        found = failure("domain.invalid", error, domain.home)
        return DomainModels(domain.name, (), unread=(found,))


def _domain(
    workspace: Workspace,
    domain: Domain,
    packages: Mapping[str, tuple[str, ...]],
    engine: PlainEngine,
) -> DomainModels:
    file, root = domain.folder / DBT_PROJECT_FILE, workspace.mesh.root
    project, said = read_project(domain.folder, os.environ), text_of(file)
    files = _files(domain, project.ignore)
    macros = _macros(project)
    now = {domain.name: macros, **packages}
    beside = list(_settings(domain, files, project.ignore))
    settings = [Setting("", DBT_PROJECT_FILE, said, file), *beside]
    all_macros = (*macros, *(text for texts in packages.values() for text in texts))
    models = tuple(_models(root, files))
    tests, unsure = tests_left(project, _tests(root, project), beside)
    others = tuple(seeds_and_snapshots(root, project))
    properties = read_properties(root, domain.name, project, beside)
    versioned = versions(properties.texts.values())
    names = (*(model.name for model in models), *(item.name for item in others), *versioned)
    written = (*(file.text for file in (*tests, *models)), *(setting.text for setting in beside))
    plain = engine.kept(project, (said, *macros, *written))
    documents = properties.documents
    imported = tuple(properties_of_packages(project))
    sources = source_names(documents, beside, imported) if properties.whole else None
    how = configurations(root, project, beside, all_macros)
    called = defined(project, macros, packages, names, versioned, sources)
    off, astray = _disabled(models, how, (said, *written)), _astray(root, project, files)
    known = replace(called, disabled=off, astray=astray)
    found = DomainModels(
        domain=domain.name,
        models=models,
        tests=tests,
        macros=macros,
        compiled=CompiledModels(workspace.dbt_places(domain).manifest, file, now),
        hooks=dict(hooks(settings)),
        builds_otherwise=any(map(builds_otherwise, (*macros, *(s.text for s in settings)))),
        tested=tested(setting.text for setting in settings),
        unit_tests=unit_test_files(root, project, said, beside, macros),
        withholding=withholding(project, said, tests, beside),
        source_tests=tuple(source_tests(root, said, beside)),
        configurations=how,
        beside=others,
        versions=versioned,
        defined=known,
        generic_tests=tuple(named_tests(root, project, beside)),
        described=descriptions(documents) if properties.whole else None,
        groups=group_names(documents, imported) if properties.whole else None,
        plain_engine=plain,
        unfit_seeds=tuple(seed_faults(root, domain.name, project, models, plain=plain)),
        seed_columns=seed_columns(project, models) if plain else {},
        brought=brought_models(project, names, how),
        perhaps_off=unsure,
    )
    ports = {port.contract.table for product in domain.products for port in product.ports}
    read = ReadProject(root, project, documents, beside, found, frozenset(ports))
    faults = tuple(_faults(read, names, properties))
    of_dbt, unknown = tuple(column_tests(read)), tuple(unknown_tests(read))
    return replace(found, unread=faults, column_tests=of_dbt, unknown_tests=unknown)


def _faults(read: ReadProject, names: Collection[str], properties: Properties) -> Iterator[Finding]:
    """Report what dbt refuses when it starts."""
    root, domain = read.root, read.models.domain
    yield from unread(root, domain, read.beside)
    yield from properties.findings
    yield from property_faults(read)
    yield from project_faults(root, domain, read.project, names, properties.texts)


def _files(domain: Domain, ignore: DbtIgnore) -> list[tuple[str, Path]]:
    """Return what dbt reads in the folders of products, each file with its product's name."""
    return [
        (home.name, path)
        for home in sorted((domain.folder / PRODUCTS).glob("*"))
        for path in files_under(home)
        if ignore.takes(path, *_OF_MODELS, *_OF_SETTINGS)
    ]


def _disabled(
    models: Sequence[ModelFile], how: Configurations, written: Iterable[str]
) -> frozenset[str]:
    """Return the names that stand for nothing but models that are surely turned off."""
    if not any("enabled" in text for text in written):
        return frozenset()
    setups = [how.setup(each.name, each.folders, each.text, python=each.python) for each in models]
    off = {setup.name for setup in setups if setup.off}
    return frozenset(off - {setup.name for setup in setups if not setup.off})


def _astray(root: Path, project: DbtProject, files: Iterable[tuple[str, Path]]) -> dict[str, str]:
    """Return the files of models that are in no folder of a product, by their names."""
    ours = {path for _, path in files}
    found = (path for path in project.files("model-paths", *_OF_MODELS) if path not in ours)
    return {path.stem: seen_from(root, path) for path in found}


def _models(root: Path, files: Iterable[tuple[str, Path]]) -> Iterator[ModelFile]:
    for product, path in files:
        if path.suffix.lower() in _OF_MODELS:
            folders = _folders(path, product)
            shown = path.relative_to(root).as_posix()
            yield ModelFile(path.stem, product, shown, _template(path), folders)


def _folders(path: Path, product: str) -> tuple[str, ...]:
    """Return the folders of a model, from that of its product down."""
    homes = (home for home in path.parents if home.name == product)
    above = next(home for home in homes if home.parent.name == PRODUCTS)
    return (product, *path.parent.relative_to(above).parts)


def _tests(root: Path, project: DbtProject) -> Iterator[ModelFile]:
    """Yield tests that are a SELECT; in two folders dbt looks for macros and for rows."""
    for home in project.folders("test-paths"):
        for path in project.files_in(home, ".sql"):
            if path.relative_to(home).parts[0] not in _NO_TESTS:
                shown = path.relative_to(root).as_posix()
                yield ModelFile(f"test {path.stem}", "", shown, _template(path))


def _settings(
    domain: Domain, files: Iterable[tuple[str, Path]], ignore: DbtIgnore
) -> Iterator[Setting]:
    """Yield the settings in the files beside the models and in the folder above."""
    for path in sorted((domain.folder / PRODUCTS).glob("*.y*ml")):
        if ignore.takes(path, *_OF_SETTINGS) and path.is_file():
            yield Setting("", f"{PRODUCTS}/{path.name}", text_of(path), path)
    for product, path in files:
        if path.suffix.lower() in _OF_SETTINGS:
            yield Setting(product, f"{product}/{path.name}", text_of(path), path)


def _macros(project: DbtProject) -> tuple[str, ...]:
    return tuple(map(_template, project.files("macro-paths", ".sql")))


def _template(path: Path) -> str:
    """Return the text of a template as dbt sees it; of a program, all of it."""
    text = text_of(path)
    return without_comments(text) if path.suffix.lower() == ".sql" else text
