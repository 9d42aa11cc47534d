"""Find the models that the local packages of a domain bring."""

from __future__ import annotations

import os
from collections.abc import Collection

from mesh_platform.files import text_of
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject, read_project

_EPHEMERAL = "ephemeral"


def brought_models(project: DbtProject, names: Collection[str]) -> dict[str, str]:
    """Return models that packages surely bring as tables or views, each with its package.

    One for which any file may say `ephemeral` is left out: it needs no table.

    Args:
        project: of the domain.
        names: of the domain's own models, seeds and snapshots; a name of these means them.

    Returns:
        The packages, by the names of the models in lower case.
    """
    own = {name.lower() for name in names}
    if _EPHEMERAL in text_of(project.folder / DBT_PROJECT_FILE):
        return {}
    found: dict[str, str] = {}
    for home in project.packages:
        package = read_project(home, os.environ)
        files = package.files("model-paths", ".sql", ".py", ".yml", ".yaml")
        texts = {path: text_of(path) for path in files}
        beside = [text for path, text in texts.items() if path.suffix in (".yml", ".yaml")]
        if any(_EPHEMERAL in text for text in (text_of(home / DBT_PROJECT_FILE), *beside)):
            continue
        models = (path for path in texts if path.suffix in (".sql", ".py"))
        plain = (path.stem for path in models if _EPHEMERAL not in texts[path])
        found |= {name.lower(): package.name for name in plain if name.lower() not in own}
    return found
