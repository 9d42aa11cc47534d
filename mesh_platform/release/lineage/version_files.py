"""Hold the versions of models against the files that dbt looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mesh_platform.engines.dbt.properties import items
from mesh_platform.lineage.static_jinja import version_name
from mesh_platform.model.documents import Document
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.property_files import ReadProject

_CODE = "model.undefined"
_OF_MODELS = (".sql", ".py")


def version_faults(read: ReadProject) -> Iterator[Finding]:
    """Report versions without a file, and files that are no version of the model of their name.

    dbt takes the file of a version by its name, `<model>_v<version>`, or by `defined_in`.
    """
    there = {path.stem for path in read.project.files("model-paths", *_OF_MODELS)}
    for document in read.documents:
        for path, model in items(document.data, ("models",)):
            listed = list(items(model, (*path, "versions")))
            name = model.get("name")
            if isinstance(name, str) and listed:
                yield from _of_model(read, document, name, listed, there)


def _of_model(
    read: ReadProject, document: Document, name: str, listed: list[Any], there: set[str]
) -> Iterator[Finding]:
    taken = set[str]()
    for path, entry in listed:
        version = entry.get("v")
        if not isinstance(version, str | int | float) or isinstance(version, bool):
            return  # told as a fault of the entry
        files = _files(name, entry)
        taken |= files
        if not files & there:
            said = f"there is no file of version `{version}` of the model `{name}`"
            way = f"add {min(files)}.sql, or name its file: `defined_in: …`"
            yield Finding(_CODE, said, document.place(path), way, read.models.domain)
    if name in there - taken and not _is_off(read, name):
        said = f"the model `{name}` has versions, and the file {name}.sql is none of them"
        way = f"write `defined_in: {name}` at the version that it is, or rename it"
        yield Finding(_CODE, said, document.place(listed[0][0]), way, read.models.domain)


def _files(name: str, entry: dict[str, Any]) -> set[str]:
    given = entry.get("defined_in")
    version = entry["v"]
    return {str(given)} if given else {version_name(name, version), f"{name}.v{version}"}


def _is_off(read: ReadProject, name: str) -> bool:
    found = [model for model in read.models.models if model.name == name]
    return not found or any(read.models.setup(model).off for model in found)
