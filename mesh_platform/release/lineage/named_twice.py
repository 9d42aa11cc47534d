"""Find what is described or defined twice in a project: dbt then reads nothing of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mesh_platform.engines.dbt.generic_tests import macro_names
from mesh_platform.engines.dbt.properties import is_rendered, items
from mesh_platform.errors import Place
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.model_files import leaves_out
from mesh_platform.lineage.templates import without_comments
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject
from mesh_platform.model.documents import Document
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.property_files import ReadProject
from mesh_platform.release.lineage.settings import Setting, entries

_DESCRIBED = {"models": "model", "seeds": "seed", "snapshots": "snapshot", "macros": "macro"}
_OF_FILES = ("test", "analysis")
_OWN = {"exposures": "exposure", "groups": "group"}
_DOCS = re.compile(r"\{%-?\s*docs\s+([A-Za-z_]\w*)")
_MACRO = re.compile(r"\{%-?\s*(macro|test|data_test)\s+(\w+)")
_BEGINS = re.compile(r"\{%-?\s*(macro|test|data_test|docs)\s+(\w+)")
_RAW = re.compile(r"\{%-?\s*raw\b")
_WAY = "rename one of the two, or remove it"
_WAYS = {"source": "remove what stands here; a source is one that an input port declares"}
_NO_TESTS = ("generic", "fixtures")


class Written(NamedTuple):
    """Hold one place that describes or defines something."""

    kind: str
    key: str
    place: Place


def twice(read: ReadProject) -> Iterator[Finding]:
    """Report what a project describes, or defines, at two places."""
    for item, first in _again(_described(read.documents)):
        if item.key not in read.ports and _is_read(item, read):
            said = f"the {item.kind} `{item.key}` is described here and at {first.place}"
            way = "move what stands here to there: dbt accepts one description only"
            yield Finding("model.described-twice", said, item.place, way, read.models.domain)
    for item, first in _again(_defined(read)):
        if item.kind not in _OF_FILES or not _leaves_out(read):
            said = f"the {item.kind} `{item.key}` has the same name as the one at {first.place}"
            way = _WAYS.get(item.kind, _WAY)
            yield Finding("model.name-clash", said, item.place, way, read.models.domain)


def _is_read(item: Written, read: ReadProject) -> bool:
    """Tell whether dbt reads a description: it leaves those of what is not there alone."""
    if item.kind == "macro":
        texts = map(text_of, read.project.files("macro-paths", ".sql"))
        return any(item.key in macro_names(text) for text in texts if item.key in text)
    return any((item.kind, item.key) == (each.kind, each.name) for each in read.models.named)


def _leaves_out(read: ReadProject) -> bool:
    """Tell whether a file of the project may turn a test or an analysis off."""
    files = (read.project.folder / DBT_PROJECT_FILE, *read.project.files("analysis-paths", ".sql"))
    known = (*(d.text for d in read.documents), *(test.text for test in read.models.tests))
    return any(map(leaves_out, (*known, *map(text_of, files))))


def _defined(read: ReadProject) -> Iterator[Written]:
    sources = [item for document in read.documents for item in _sources(document)]
    yield from (*_generated(read.root, read.beside), *sources) if sources else ()
    for document in read.documents:
        yield from _named(document)
    yield from _named_in_files(read.root, read.project)
    yield from _named_by_files(read.root, read.project)


def _again(written: Iterable[Written]) -> Iterator[tuple[Written, Written]]:
    first: dict[tuple[str, str], Written] = {}
    for item in written:
        other = first.setdefault((item.kind, item.key), item)
        if other is not item:
            yield item, other


def _described(documents: Sequence[Document]) -> Iterator[Written]:
    """Yield what files of properties describe; a model with versions is described by these."""
    for document in documents:
        for key, kind in _DESCRIBED.items():
            for path, entry in items(document.data, (key,)):
                name = entry.get("name")
                if isinstance(name, str) and "versions" not in entry:
                    yield Written(kind, name, document.place(path))


def _named(document: Document) -> Iterator[Written]:
    """Yield exposures, groups and unit tests that a file defines."""
    for key, kind in _OWN.items():
        for path, entry in items(document.data, (key,)):
            if _counts(entry):
                yield Written(kind, entry["name"], document.place(path))
    for path, entry in items(document.data, ("unit_tests",)):
        if _counts(entry) and isinstance(entry.get("model"), str):
            key = f"{entry['name']}` of `{entry['model']}"
            yield Written("unit test", key, document.place(path))


def _sources(document: Document) -> Iterator[Written]:
    for path, source in items(document.data, ("sources",)):
        for at, table in items(source, (*path, "tables")):
            names = [source.get("name"), table.get("name")]
            sure = all(isinstance(name, str) for name in names) and not is_rendered(names)
            if sure and "overrides" not in source:
                yield Written("source", ".".join(map(str, names)), document.place(at))


def _counts(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry has a name of its own, and nothing there may turn it off."""
    name, config = entry.get("name"), entry.get("config")
    off = isinstance(config, dict) and "enabled" in config
    return isinstance(name, str) and not is_rendered(name) and not off and "enabled" not in entry


def _generated(root: Path, beside: Iterable[Setting]) -> Iterator[Written]:
    """Yield the sources in the file that follows from the input ports."""
    for setting in beside:
        if setting.text.startswith(MARK) and "sources:" in setting.text:
            place = Place(seen_from(root, setting.path), 1)
            for source in entries(loaded(setting.text), "sources"):
                for table in entries(source, "tables"):
                    yield Written("source", f"{source.get('name')}.{table.get('name')}", place)


def _named_in_files(root: Path, project: DbtProject) -> Iterator[Written]:
    """Yield the macros, generic tests and blocks of docs of a project."""
    generic = (
        path
        for home in project.folders("test-paths")
        for path in project.files_in(home / "generic", ".sql")
    )
    macros = [*project.files("macro-paths", ".sql"), *generic]
    yield from _in_texts(root, "macro", macros, _mentioned, macro_names)
    yield from _in_texts(root, "block of docs", project.docs, _docs, _docs)


def _named_by_files(root: Path, project: DbtProject) -> Iterator[Written]:
    """Yield tests in SQL and analyses; dbt knows them by the names of their files."""
    for home in project.folders("test-paths"):
        for path in project.files_in(home, ".sql"):
            if path.relative_to(home).parts[0] not in _NO_TESTS:
                yield Written("test", path.stem, Place(seen_from(root, path), 1))
    for path in project.files("analysis-paths", ".sql"):
        yield Written("analysis", path.stem, Place(seen_from(root, path), 1))


def _in_texts(
    root: Path,
    kind: str,
    paths: Iterable[Path],
    mentioned: Callable[[str], list[str]],
    names_in: Callable[[str], list[str]],
) -> Iterator[Written]:
    """Yield names in texts of which two seem to have one; most texts need no closer look."""
    texts = {path: text_of(path) for path in dict.fromkeys(paths)}
    seen = [name for text in texts.values() for name in mentioned(text)]
    if len(set(seen)) == len(seen):
        return
    for path, text in texts.items():
        lines = _lines(text)
        for name in names_in(text):
            place = Place(seen_from(root, path), lines.get(name, 1))
            yield Written(kind, name, place)


def _mentioned(text: str) -> list[str]:
    return [name if kind == "macro" else f"test_{name}" for kind, name in _MACRO.findall(text)]


def _docs(text: str) -> list[str]:
    return [] if _RAW.search(text) else _DOCS.findall(without_comments(text))


def _lines(text: str) -> dict[str, int]:
    """Return the last line on which each macro, test or block of docs begins."""
    found = {}
    for begun in _BEGINS.finditer(text):
        name = begun[2] if begun[1] in ("macro", "docs") else f"test_{begun[2]}"
        found[name] = text.count("\n", 0, begun.start()) + 1
    return found
