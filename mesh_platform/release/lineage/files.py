"""Finds the texts that lineage is read from: models, macros, and what dbt compiled of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.model.loader import DBT_PROJECT_FILE
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.planning.lineage import MeshLineage
from mesh_platform.planning.model_files import Compiled, DomainModels, MeshModels, ModelFile
from mesh_platform.release.workspace import SHARED_DBT, Workspace

_MODELS = "products"
_MACROS = "macros"
_NAME = re.compile(r"^name:\s*['\"]?(\w+)", re.MULTILINE)
_MACRO_PATHS = re.compile(r"^macro-paths:\s*\[([^\]]*)\]", re.MULTILINE)
_HOOK = re.compile(r"^\s*\+?((?:pre|post)[-_]hook|on-run-(?:start|end))\s*:", re.MULTILINE)


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
    return MeshModels({d.name: _domain(workspace, d) for d in mesh.domains}, packages)


def _domain(workspace: Workspace, domain: Domain) -> DomainModels:
    project = _text(domain.folder / DBT_PROJECT_FILE)
    hook = _HOOK.search(project)
    return DomainModels(
        domain=domain.name,
        models=tuple(_models(domain, workspace.mesh.root)),
        macros=_macros(domain.folder, project),
        compiled=_Manifest(workspace.dbt_places(domain).manifest),
        hook=hook.group(1) if hook else None,
    )


def _models(domain: Domain, root: Path) -> Iterator[ModelFile]:
    ignored = [line.strip() for line in _text(domain.folder / ".dbtignore").splitlines()]
    home = domain.folder / _MODELS
    for path in sorted(home.glob("*/**/*")):
        if path.suffix in (".sql", ".py") and not _is_ignored(path, ignored):
            product = path.relative_to(home).parts[0]
            yield ModelFile(path.stem, product, path.relative_to(root).as_posix(), _text(path))


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    """Whether dbt leaves a file alone; patterns name files or folders."""
    names = {path.name, *path.parts} - {"/"}
    known = [pattern.rstrip("/") for pattern in patterns if pattern and not pattern.startswith("#")]
    return any(fnmatch(name, pattern) for pattern in known for name in names)


def _macros(folder: Path, project: str) -> tuple[str, ...]:
    given = _MACRO_PATHS.search(project)
    names = re.findall(r"[\w./-]+", given.group(1)) if given else [_MACROS]
    files = [path for name in names for path in sorted((folder / name).glob("**/*.sql"))]
    return tuple(map(_text, files))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise MeshError(f"{path} cannot be read: {error}", fix="save it as UTF-8") from error


class _Manifest(Mapping[str, Compiled]):
    """What dbt compiled, read from its manifest when the first model asks for it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getitem__(self, name: str) -> Compiled:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, Compiled]:
        """Nothing where there is no manifest, or one that cannot be read: then no SQL is known."""
        try:
            nodes = json.loads(_text(self._path) or "{}").get("nodes", {}).values()
        except ValueError:
            return {}
        return {
            node["name"]: Compiled(node.get("raw_code") or "", node["compiled_code"])
            for node in nodes
            if node.get("resource_type") == "model" and node.get("compiled_code")
        }
