"""Hold the versions of models against the files that dbt looks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh_platform.engines.dbt.properties import items
from mesh_platform.lineage.static_jinja import version_name
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.property_files import ReadProject
from mesh_platform.release.lineage.settings import latest_version

_CODE = "model.undefined"
_OF_MODELS = (".sql", ".py")
_VERSIONS = (str, int, float)


def version_faults(read: ReadProject) -> Iterator[Finding]:
    """Report versions without a file, and files that are no version of the model of their name.

    dbt takes the file that `defined_in` names, or `<model>_v<version>`; for the latest version,
    where there is none, `<model>`. It leaves out another version that has no file.
    """
    there = {path.stem for path in read.project.files("model-paths", *_OF_MODELS)}
    for document in read.documents:
        for path, model in items(document.data, ("models",)):
            if isinstance(model.get("name"), str):
                listed = dict(items(model, (*path, "versions")))
                kinds = [type(entry.get("v")) for entry in listed.values()]
                if kinds and all(kind in _VERSIONS for kind in kinds):  # others are told as faults
                    yield from _of_model(read, document, model, listed, there)


def _of_model(
    read: ReadProject,
    document: Document,
    model: Mapping[str, Any],
    listed: Mapping[Path, Mapping[str, Any]],
    there: set[str],
) -> Iterator[Finding]:
    name, domain = str(model["name"]), read.models.domain
    files = {path: _file(name, entry) for path, entry in listed.items()}
    taken = there.intersection(files.values())
    for path, entry in listed.items():
        if files[path] in there:
            continue
        latest = entry["v"] == latest_version(dict(model))
        if latest and name in there - taken:
            taken.add(name)
            continue
        said = f"there is no file of version `{entry['v']}` of the model `{name}`"
        way = f"add {files[path]}.sql, or name its file: `defined_in: …`"
        severity = "error" if latest and name in taken else "warning"
        yield Finding(_CODE, said, document.place(path), way, domain, severity)
    if name in there - taken and not _is_off(read, name):
        said = f"the model `{name}` has versions, and the file {name}.sql is none of them"
        way = f"write `defined_in: {name}` at the version that it is, or rename it"
        yield Finding(_CODE, said, document.place(next(iter(listed))), way, domain)


def _file(name: str, entry: Mapping[str, Any]) -> str:
    return str(entry.get("defined_in") or version_name(name, entry["v"]))


def _is_off(read: ReadProject, name: str) -> bool:
    found = [model for model in read.models.models if model.name == name]
    return not found or any(read.models.setup(model).off for model in found)
