"""Finds the file that keeps dbt from reading a project: by what dbt says, or before it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import LARGEST, files_under, read_bytes, text_of
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, PACKAGE_FILES, DbtProject

_NAMED = re.compile(r"[\w./-]+\.(?:sql|ya?ml|py|csv|md)\b")
_UNREACHED = re.compile(
    r"(?:ConnectionPool\(host='|unable to access '\w+://(?:[^/'@]*@)?|resolve host(?:name)?:? )"
    r"(?P<host>[\w.-]+)"
)
"""Match how dbt and git say that they cannot reach a host."""
_NO_VALUE = re.compile(r"Env var required but not provided: '(\w+)'")
_CODE = frozenset({".sql", ".py", ".yml", ".yaml", ".md"})


def blamed(said: str, folder: Path) -> tuple[Place, str | None]:
    """Return the place of what dbt refuses, and the way out where dbt's words do not tell it.

    Args:
        said: dbt's message.
        folder: of the project.
    """
    home = "/".join(folder.parts[-2:])
    if found := _NO_VALUE.search(said):
        name = found[1]
        file, line = next(_asking(name, folder), (DBT_PROJECT_FILE, 1))
        way = f"`export {name}=…`, or give a default: `env_var('{name}', '…')`"
        return Place(f"{home}/{file}", line), way
    paths = (folder / file for file in _NAMED.findall(said))
    inside = (path for path in paths if path.is_relative_to(folder) and ".." not in path.parts)
    named = (path for path in inside if path.is_file())
    found_path = next(named, folder / DBT_PROJECT_FILE)
    return Place(f"{home}/{found_path.relative_to(folder).as_posix()}"), None


def not_built(said: str, folder: Path) -> tuple[str, Place, str | None]:
    """Return what keeps dbt from building a project, with `blamed` of the same arguments."""
    return f"dbt cannot build the project: {said}", *blamed(said, folder)


def not_installed(said: str, folder: Path) -> tuple[str, Place, str]:
    """Return what keeps dbt from installing packages, the file that asks for them, the way out.

    Args:
        said: dbt's message.
        folder: of the project.
    """
    names = (name for name in PACKAGE_FILES if (folder / name).exists())
    place = Place("/".join((*folder.parts[-2:], next(names, DBT_PROJECT_FILE))))
    told = "dbt cannot install the packages of the project: "
    if host := _UNREACHED.search(said):
        told += f"`{host['host']}` cannot be reached"
        way = "look at the network and its proxy; a package that lies in the mesh is `local: PATH`"
        return told, place, way
    way = "correct the name, the version or the path of the package that dbt names"
    return told + said, place, way


def too_large(project: DbtProject) -> MeshError | None:
    """Return an error for a file of properties so large that dbt would fill its memory with it.

    dbt takes half a minute and 1.5 GB for 20 MB of YAML.
    """
    for home in project.sources:
        for path in project.files_in(home, ".yml", ".yaml"):
            if path.stat().st_size > LARGEST:
                shown = Path(*project.folder.parts[-2:], path.relative_to(project.folder))
                try:
                    read_bytes(path, shown.as_posix())
                except MeshError as error:
                    return error
    return None


def _asking(name: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files, with the line, that ask for a variable without giving a default."""
    asked = re.compile(rf"""\benv_var\(\s*['"]{name}['"]\s*\)""")
    for path in files_under(folder):
        text = text_of(path) if path.suffix in _CODE else ""
        if found := asked.search(text):
            yield path.relative_to(folder).as_posix(), text.count("\n", 0, found.start()) + 1
