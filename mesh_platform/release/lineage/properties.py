"""Find what dbt refuses in the files of properties of a project, file by file and between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mesh_platform.engines.dbt.generic_tests import (
    LISTS,
    KnownTests,
    generic_test_faults,
    named_test,
    runs,
    withholds,
)
from mesh_platform.engines.dbt.properties import (
    holders,
    not_a_mapping,
    property_findings,
    setting_findings,
)
from mesh_platform.errors import MeshError
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.model_files import ColumnTest, DomainModels, leaves_out
from mesh_platform.lineage.undefined_names import Defined
from mesh_platform.model.dbt_project import DbtProject
from mesh_platform.model.documents import Document
from mesh_platform.model.documents import Path as Spot
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import parse
from mesh_platform.release.lineage.environment import environment_faults
from mesh_platform.release.lineage.named_twice import twice
from mesh_platform.release.lineage.settings import Setting
from mesh_platform.release.lineage.whole_project import analysis_faults, exposure_faults

_PLAIN = re.compile(r"[A-Za-z_]\w*")
"""Match a column that is no expression: a test writes it into its SQL as it is."""
_NESTED = "require_generic_test_arguments_property"


@dataclass(frozen=True)
class Properties:
    """Hold the files of properties that people of a domain wrote, and what is not such a file.

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
class Asked:
    """Hold a dbt project whose properties are looked at.

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


def property_faults(asked: Asked) -> Iterator[Finding]:
    """Report what dbt refuses in the properties of a project, file by file and between them."""
    domain, documents, defined = asked.models.domain, asked.documents, asked.models.defined
    if defined is None:
        return
    known = known_tests(asked.project, asked.models, defined)
    for document in documents:
        yield from property_findings(document, domain)
        yield from setting_findings(document, known.models, domain)
        yield from generic_test_faults(document, known, domain)
    yield from exposure_faults(domain, documents, defined)
    yield from analysis_faults(asked.root, asked.models, asked.project, defined)
    yield from environment_faults(asked.root, domain, asked.project, documents, defined)
    yield from twice(asked.root, asked.project, documents, asked.beside, asked.models, asked.ports)


def known_tests(project: DbtProject, models: DomainModels, defined: Defined) -> KnownTests:
    """Return the generic tests that files of properties may name."""
    flags = project.data.get("flags")
    nested = flags.get(_NESTED, True) if isinstance(flags, dict) else True
    said = " ".join(str(project.data.get(key)) for key in ("tests", "data_tests"))
    there = (*(model.name for model in models.models), *(each.name for each in models.beside))
    return KnownTests(
        own=defined.macros,
        packages={**defined.packages, project.name: defined.macros},
        models=frozenset((*there, *models.versions)),
        nested=nested is not False,
        may_be_off=leaves_out(said) or "severity" in said,
    )


def column_tests(
    project: DbtProject, documents: Sequence[Document], models: DomainModels
) -> Iterator[ColumnTest]:
    """Yield dbt's own tests at columns of models, but those that may be turned off."""
    if models.defined is None or not documents:
        return
    known = known_tests(project, models, models.defined)
    for document in () if known.may_be_off else documents:
        for path, column in holders(document.data, "models"):
            entry, name = document.data["models"][path[1]], column.get("name")
            if "columns" in path and "versions" not in entry and _PLAIN.fullmatch(str(name)):
                for test, at, blocks in _own_of_dbt(path, column, known):
                    where = (str(entry.get("name")), str(name), document.place(at))
                    yield ColumnTest(test, *where, blocks=blocks)


def _own_of_dbt(
    path: Spot, column: Mapping[str, Any], known: KnownTests
) -> Iterator[tuple[str, Spot, bool]]:
    for key in LISTS:
        listed = column.get(key)
        for index, said in enumerate(listed if isinstance(listed, list) else ()):
            if (named := named_test(said)) is not None and runs(named[1]):
                signature = known.signature(named[0])
                if signature is not None and signature.of_dbt:
                    yield named[0], (*path, key, index), withholds(named[1])
