"""Find what files of properties say of a project as a whole: sources, groups, descriptions.

Exposures and analyses that name what is not there are found here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mesh_platform.engines.dbt.properties import is_rendered, items
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_files import Described, leaves_out
from mesh_platform.lineage.undefined_names import missing_source_findings, undefined_findings
from mesh_platform.model.dbt_project import DbtProject
from mesh_platform.model.documents import Document
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.property_files import ReadProject
from mesh_platform.release.lineage.settings import Setting, entries

_NAME = re.compile(r"^(  |      )- name: \"?([^\"\n]+)", re.MULTILINE)
"""Match the name of a source, or that of a table, as a generated file has them."""
_TEXT = r"""\s*['"]([^'"]+)['"]\s*"""
_REF = re.compile(rf"\s*ref\({_TEXT}\)\s*")
_SOURCE = re.compile(rf"\s*source\({_TEXT},{_TEXT}\)\s*")


def source_names(
    documents: Sequence[Document], beside: Iterable[Setting], packages: Iterable[str]
) -> frozenset[tuple[str, str]] | None:
    """Return names of sources, each with that of a table; None where Jinja writes one.

    Args:
        documents: files of properties that people wrote.
        beside: files beside the models, with generated ones.
        packages: files of properties of local packages, which may have sources, too.
    """
    generated = (s.text for s in beside if s.text.startswith(MARK) and "sources:" in s.text)
    names = {pair for text in generated for pair in _generated(text)}
    written = [document.data for document in documents]
    written += [loaded(text) for text in packages if "sources" in text]
    for data in written:
        for source in entries(data, "sources"):
            name, *tables = [each.get("name") for each in (source, *entries(source, "tables"))]
            if is_rendered([name, *tables]):
                return None
            names |= {(str(name), str(table)) for table in tables}
    return frozenset(names)


def _generated(text: str) -> Iterator[tuple[str, str]]:
    source = ""
    for indent, name in _NAME.findall(text):
        if len(indent) > len("  "):
            yield source, name
        else:
            source = name


def group_names(documents: Sequence[Document], packages: Iterable[str]) -> frozenset[str] | None:
    """Return the groups of models; None where a package, or Jinja, may have more."""
    if any("groups" in text for text in packages):
        return None
    found = [e.get("name") for document in documents for e in entries(document.data, "groups")]
    return None if is_rendered(found) else frozenset(map(str, found))


def properties_of_packages(project: DbtProject) -> Iterator[str]:
    """Yield the texts of files of properties of local packages."""
    for home in project.packages:
        for path in (*home.rglob("*.yml"), *home.rglob("*.yaml")):
            yield text_of(path)


def descriptions(documents: Sequence[Document]) -> dict[str, Described]:
    """Return the models that files of properties describe; the first description counts."""
    found: dict[str, Described] = {}
    for document in documents:
        for path, entry in items(document.data, ("models",)):
            config = entry.get("config")
            said = {*entry, *(config if isinstance(config, dict) else ())}
            columns = {str(e.get("name")): _is_typed(e) for e in entries(entry, "columns")}
            described = Described(document.place(path), "group" in said, columns)
            found.setdefault(str(entry.get("name")), described)
    return found


def _is_typed(column: Mapping[str, object]) -> bool:
    return bool(column.get("data_type"))


def exposure_faults(read: ReadProject, defined: Defined) -> Iterator[Finding]:
    """Report exposures that depend on a model or a source which is not there."""
    for document in read.documents:
        for path, entry in items(document.data, ("exposures",)):
            config, listed = entry.get("config"), entry.get("depends_on")
            off = isinstance(config, dict) and "enabled" in config
            for index, said in enumerate(listed if isinstance(listed, list) and not off else ()):
                if isinstance(said, str) and _is_missing(said, defined):
                    message = f"the exposure `{entry.get('name')}` depends on `{said}`"
                    place = document.place((*path, "depends_on", index))
                    way = "correct the name: dbt tells upper from lower case"
                    message += ", which is not there"
                    yield Finding("model.undefined", message, place, way, read.models.domain)


def analysis_faults(read: ReadProject, defined: Defined) -> Iterator[Finding]:
    """Report what analyses call, or read, that is not there: dbt renders them when it starts."""
    for path in read.project.files("analysis-paths", ".sql"):
        text, shown = text_of(path), seen_from(read.root, path)
        if not leaves_out(text):
            what = f"the analysis `{path.stem}`"
            for find in (undefined_findings, missing_source_findings):
                yield from find(what, shown, text, defined, read.models.domain)


def named_table(said: str) -> tuple[str, str] | None:
    """Return the source and the name of what a plain `ref` or `source` names; a model has none."""
    if found := _REF.fullmatch(said):
        return "", found[1]
    found = _SOURCE.fullmatch(said)
    return (found[1], found[2]) if found else None


def _is_missing(said: str, defined: Defined) -> bool:
    if found := _REF.fullmatch(said):
        return defined.lacks_model(found[1])
    found = _SOURCE.fullmatch(said)
    return found is not None and defined.lacks_source(found[1], found[2])
