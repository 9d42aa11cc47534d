"""Find the models that the local packages of a domain bring."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from mesh_platform.files import text_of
from mesh_platform.lineage.model_setup import UNKNOWN, Configurations
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject, read_project

_EPHEMERAL = "ephemeral"
_PROGRAM = ".py"


def brought_models(
    project: DbtProject, names: Collection[str], how: Configurations
) -> dict[str, str]:
    """Return models that packages surely bring as tables or views, each with its package.

    What `dbt_project.yml` of the domain says of a model wins over its package. Where the domain
    says nothing, a model for which any file of the package may say `ephemeral` is left out.

    Args:
        project: of the domain.
        names: of the domain's own models, seeds and snapshots; a name of these means them.
        how: what the domain says of its models.

    Returns:
        The packages, by the names of the models in lower case.
    """
    own = {name.lower() for name in names}
    found: dict[str, str] = {}
    for home in project.packages:
        package = read_project(home, os.environ)
        beside = [home / DBT_PROJECT_FILE, *package.files("model-paths", ".yml", ".yaml")]
        perhaps = any(_EPHEMERAL in text_of(path) for path in beside)
        for path, folders in _models(package):
            said = how.of_project([package.name, *folders, path.stem]).get("materialized")
            open_ = perhaps or _EPHEMERAL in text_of(path)
            if path.suffix == _PROGRAM or (not open_ if said is None else _is_table(said)):
                found[path.stem.lower()] = package.name
    return {name: package for name, package in found.items() if name not in own}


def _is_table(materialized: object) -> bool:
    return materialized not in (_EPHEMERAL, UNKNOWN)


def _models(package: DbtProject) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the models of a package with their folders below the one that dbt searches."""
    for home in package.folders("model-paths"):
        for path in package.files_in(home, ".sql", _PROGRAM):
            yield path, path.relative_to(home).parent.parts
