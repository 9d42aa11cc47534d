"""Read the files of properties in all folders of a dbt project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.engines.dbt.properties import not_a_mapping
from mesh_platform.errors import MeshError
from mesh_platform.files import UNREADABLE, seen_from, text_of
from mesh_platform.lineage.model_files import DomainModels
from mesh_platform.model.dbt_project import DbtProject
from mesh_platform.model.documents import Document
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import parse
from mesh_platform.release.lineage.settings import Setting, unreadable


@dataclass(frozen=True)
class Properties:
    """Hold the files of properties that people of a domain wrote, and findings on the others.

    `whole` tells whether all of them could be read, `texts` holds them as they are written.
    """

    documents: tuple[Document, ...]
    texts: Mapping[Path, str]
    findings: tuple[Finding, ...] = ()
    whole: bool = True


def read_properties(
    root: Path, domain: str, project: DbtProject, beside: Iterable[Setting]
) -> Properties:
    """Read the files of properties in all folders of a project, but generated ones.

    Args:
        root: of the mesh.
        domain: its name.
        project: the domain's.
        beside: files that are read already.
    """
    known = {setting.path: setting.text for setting in beside}
    found = dict.fromkeys(_files(project))
    read = {path: known[path] if path in known else text_of(path) for path in found}
    texts = {path: text for path, text in read.items() if not text.startswith(MARK)}
    documents, findings, whole = list[Document](), list[Finding](), True
    for path, text in texts.items():
        shown = seen_from(root, path)
        if UNREADABLE in text:
            whole = False
            if path not in known:
                findings.append(unreadable(root, path, domain))
            continue
        try:
            data, spots = parse(text, shown)
        except MeshError:
            whole = False  # dbt may read it all the same; a fault of YAML is told elsewhere
            continue
        if isinstance(data, dict):
            documents.append(Document(shown, text, data, spots))
        elif data is not None:
            findings.append(not_a_mapping(shown, domain))
    return Properties(tuple(documents), texts, tuple(findings), whole)


def _files(project: DbtProject) -> Iterator[Path]:
    for home in project.sources:
        yield from project.files_in(home, ".yml", ".yaml")


@dataclass(frozen=True)
class ReadProject:
    """Hold the dbt project of a domain, as it was read, with its files of properties.

    Args:
        root: of the mesh.
        project: the domain's.
        documents: the files of properties that people wrote.
        beside: the files beside the models, with generated ones.
        models: the domain's.
        ports: the models behind ports.
    """

    root: Path
    project: DbtProject
    documents: Sequence[Document]
    beside: Sequence[Setting]
    models: DomainModels
    ports: frozenset[str]
