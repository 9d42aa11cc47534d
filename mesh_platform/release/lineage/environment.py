"""Find variables of the environment that YAML of a dbt project asks for and that have no value."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path as FilePath
from typing import Any

from mesh_platform.engines.dbt.runner import QUIET, SET_FOR_DBT
from mesh_platform.errors import MeshError
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.undefined_names import CODE, valueless
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject
from mesh_platform.model.documents import Document, Path, parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.verdict import words
from mesh_platform.release.lineage.property_files import ReadProject

_HOOKS = ("pre-hook", "post-hook", "pre_hook", "post_hook")
_OF_ENTRIES = ("models", "seeds", "snapshots", "sources", "macros", "exposures", "groups")
_LATER = frozenset({"description", "tests", "data_tests", "loaded_at_query", *_HOOKS})
"""Keys of entries that dbt renders later, and not all of them."""
_OF_PROJECT = frozenset({"vars", "query-comment", *_HOOKS, *(f"+{key}" for key in _HOOKS)})
"""Keys of `dbt_project.yml` that dbt does not render when it starts."""


def variables() -> frozenset[str]:
    """Return the variables that dbt finds in the environment when it runs."""
    return frozenset((*os.environ, *QUIET, *map(bytes.decode, SET_FOR_DBT)))


def environment_faults(read: ReadProject, defined: Defined) -> Iterator[Finding]:
    """Report variables without a value for which dbt surely asks when it reads the YAML."""
    asked = [(document, key, _LATER) for document in read.documents for key in _OF_ENTRIES]
    asked += [
        (document, key, _OF_PROJECT)
        for document in _project(read.root, read.project)
        for key in document.data
    ]
    for document, key, later in asked:
        if key not in later:
            for path, text in _texts(document.data.get(key), (key,), later):
                for _, said, way in valueless(text, defined):
                    where, place = words(document.data, path), document.place(path)
                    yield Finding(CODE, f"{where} {said}", place, way, read.models.domain)


def _project(root: FilePath, project: DbtProject) -> Iterator[Document]:
    file = project.folder / DBT_PROJECT_FILE
    text = text_of(file)
    if "env_var" in text:
        try:
            yield parse_document(text, seen_from(root, file))
        except MeshError:
            return  # told elsewhere


def _texts(value: Any, path: Path, later: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield the texts below a value that ask for variables, but those under some keys."""
    if isinstance(value, str) and "env_var" in value:
        yield path, value
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in later:
                yield from _texts(inner, (*path, key), later)
