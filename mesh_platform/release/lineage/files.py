"""Finds the texts that lineage is read from: models, macros, and what dbt compiled of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from mesh_platform.errors import MeshError
from mesh_platform.model.loader import DBT_PROJECT_FILE
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.planning.lineage.mesh_lineage import MeshLineage
from mesh_platform.planning.lineage.model_files import (
    Compiled,
    DomainModels,
    MeshModels,
    ModelFile,
    builds_otherwise,
)
from mesh_platform.planning.sql.sources import ROWS
from mesh_platform.release.workspace import SHARED_DBT, Workspace

_MODELS = "products"
_MACROS = "macros"
_TESTS = "tests"
_OF_MODELS = (".sql", ".py")
_OF_SETTINGS = (".yml", ".yaml")
_VARIABLE = re.compile(r"\b(?:env_)?var\s*\(")
_NAME = re.compile(r"^name:\s*['\"]?(\w+)", re.MULTILINE)
_MACRO_PATHS = re.compile(r"^macro-paths:\s*\[([^\]]*)\]", re.MULTILINE)
_TEST_PATHS = re.compile(r"^test-paths:\s*\[([^\]]*)\]", re.MULTILINE)
_HOOK = re.compile(
    r"""^(?:[^#\n]*[\s{,"'])?\+?((?:pre|post)[-_]hook|sql_header|on-run-(?:start|end))["']?\s*:""",
    re.MULTILINE,
)
_HOOK_WORDS = ("hook", "sql_header", "on-run-")
"""One of them stands in every setting that the expression finds; to look for them costs less."""
_Setting = tuple[str, str, str]
"""The product whose models a file is about, none for all of them; its name; its text."""


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
    project = _text(shared / DBT_PROJECT_FILE)
    name = _NAME.search(project)
    packages = {name.group(1): _macros(shared, project)} if name else {}
    domains = {d.name: _domain(workspace, d, packages) for d in mesh.domains}
    return MeshModels(domains, packages)


def _domain(
    workspace: Workspace, domain: Domain, packages: Mapping[str, tuple[str, ...]]
) -> DomainModels:
    file, root = domain.folder / DBT_PROJECT_FILE, workspace.mesh.root
    project, files = _text(file), _files(domain)
    macros = _macros(domain.folder, project)
    now = {domain.name: macros, **packages}
    settings = [("", DBT_PROJECT_FILE, project), *_settings(domain, files)]
    return DomainModels(
        domain=domain.name,
        models=tuple(_models(root, files)),
        tests=tuple(_tests(domain, root, project)),
        macros=macros,
        compiled=_Manifest(workspace.dbt_places(domain).manifest, file, now),
        hooks=dict(_hooks(settings)),
        builds_otherwise=any(map(builds_otherwise, (*macros, *(text for *_, text in settings)))),
        tested=_tested(text for *_, text in settings),
    )


def _files(domain: Domain) -> list[tuple[str, Path]]:
    """What dbt reads in the folders of products, each with the name of the product."""
    ignored = [line.strip() for line in _text(domain.folder / ".dbtignore").splitlines()]
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
            yield ModelFile(path.stem, product, path.relative_to(root).as_posix(), _text(path))


def _tests(domain: Domain, root: Path, project: str) -> Iterator[ModelFile]:
    """Tests that are a SELECT; those in `generic` are macros."""
    for path in _named_by(_TEST_PATHS, project, _TESTS, domain.folder):
        if "generic" not in path.relative_to(domain.folder).parts:
            shown = path.relative_to(root).as_posix()
            yield ModelFile(f"test {path.stem}", "", shown, _text(path))


def _hooks(settings: Iterable[_Setting]) -> Iterator[tuple[str, str]]:
    """Settings that run SQL beside models: of the whole project, and of a product's models."""
    for product, shown, text in settings:
        if any(word in text for word in _HOOK_WORDS) and (hook := _HOOK.search(text)):
            yield product, f"`{hook.group(1)}` in {shown}"


def _settings(domain: Domain, files: Iterable[tuple[str, Path]]) -> Iterator[_Setting]:
    """What the files beside the models, and above them, say of these."""
    for path in (domain.folder / _MODELS).glob("*.y*ml"):
        yield "", f"{_MODELS}/{path.name}", _text(path)
    for product, path in files:
        if path.suffix in _OF_SETTINGS:
            yield product, f"{product}/{path.name}", _text(path)


def _tested(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Columns with generic tests, by model; what cannot be read is for dbt to say."""
    found: dict[str, set[str]] = {}
    for text in texts:
        if "tests:" in text:
            for model in _listed(_loaded(text), "models"):
                tested = found.setdefault(str(model.get("name")).lower(), set())
                tested |= {ROWS} if _has_tests(model) else set()
                columns = filter(_has_tests, _listed(model, "columns"))
                tested |= {str(column.get("name")).lower() for column in columns}
    return {name: frozenset(columns) for name, columns in found.items() if columns}


def _loaded(text: str) -> object:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return None


def _listed(holder: object, key: str) -> list[dict[str, Any]]:
    """The mappings in a list, where there is one."""
    entries = holder.get(key) if isinstance(holder, dict) else None
    return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []


def _has_tests(entry: dict[str, Any]) -> bool:
    return bool(entry.get("tests") or entry.get("data_tests"))


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    """Whether dbt leaves a file alone; patterns name files or folders."""
    names = {path.name, *path.parts} - {"/"}
    known = [pattern.rstrip("/") for pattern in patterns if pattern and not pattern.startswith("#")]
    return any(fnmatch(name, pattern) for pattern in known for name in names)


def _macros(folder: Path, project: str) -> tuple[str, ...]:
    return tuple(map(_text, _named_by(_MACRO_PATHS, project, _MACROS, folder)))


def _named_by(setting: re.Pattern[str], project: str, usual: str, folder: Path) -> list[Path]:
    """The SQL in the folders that a setting of a dbt project names, or in the usual one."""
    given = setting.search(project)
    names = re.findall(r"[\w./-]+", given.group(1)) if given else [usual]
    return [path for name in names for path in sorted((folder / name).glob("**/*.sql"))]


def _text(path: Path) -> str:
    """The text of a file; what is no UTF-8 in it stays as signs that no SQL has."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise MeshError(f"{path} cannot be read: {error.strerror}") from error


class _Manifest(Mapping[str, Compiled]):
    """What dbt compiled, read from its manifest when the first model asks for it.

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
        """Nothing where there is no manifest, or one that cannot be read: then no SQL is known.

        Of an incremental model dbt compiles what one run does; the next may read more.
        """
        try:
            manifest = json.loads(_text(self._path) or "{}")
        except ValueError:
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
        """Whether the macros, and the variables, that a model uses are those that were compiled."""
        texts = [node.get("raw_code") or ""]
        for macro in _used(node, macros):
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


def _used(node: dict[str, Any], macros: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Macros that a model calls, and those that these call."""
    todo, seen = [node], set[str]()
    while todo:
        for name in todo.pop().get("depends_on", {}).get("macros", ()):
            if name not in seen and name in macros:
                seen.add(name)
                todo.append(macros[name])
                yield macros[name]
