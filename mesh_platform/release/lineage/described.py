"""Find descriptions that name a block of docs which nobody wrote: dbt then builds nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from mesh_platform.engines.dbt.own_macros import dbt_own_docs
from mesh_platform.errors import Place
from mesh_platform.files import seen_from, text_of
from mesh_platform.model.dbt_project import DbtProject
from mesh_platform.model.findings import Finding
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.settings import entries

_BLOCK = re.compile(r"\{%-?\s*docs\s+([A-Za-z_]\w*)")
_CALL = re.compile(
    r"\{\{-?\s*doc\(\s*(['\"])(?P<one>\w+)\1\s*(?:,\s*(['\"])(?P<two>\w+)\3\s*)?\)\s*-?\}\}"
)
_NAMED = ("models", "seeds", "snapshots")
_OF_DBT = frozenset({"dbt", "dbt_duckdb"})
_Known = Mapping[str, frozenset[str]]


def description_faults(
    root: Path,
    domain: str,
    projects: Sequence[DbtProject],
    names: Collection[str],
    properties: Mapping[Path, str],
) -> Iterator[Finding]:
    """Report descriptions that ask for docs that are not there.

    Args:
        root: of the mesh.
        domain: its name.
        projects: the domain's, then its local packages.
        names: models, seeds and snapshots that there are: dbt reads no description of others.
        properties: files of properties of the domain that people wrote.
    """
    worth = ((path, text) for path, text in properties.items() if "doc(" in text)
    asked = [(path, text, calls) for path, text in worth if (calls := _calls(text, names))]
    if not asked or not all(project.only_local for project in projects):
        return
    known = {project.name: _blocks(project) for project in projects}
    for path, text, calls in asked:
        for package, name in dict.fromkeys(calls):
            if not _is_there(package, name, known):
                place = Place(seen_from(root, path), _line(name, text))
                whose = f" of the package `{package}`" if package else ""
                said = f"a description asks for the docs `{name}`{whose}, which nobody wrote"
                way = f"write a block `{{% docs {name} %}}` in a file .md, or correct the name"
                yield Finding("model.docs", said, place, way, domain)


def _calls(text: str, names: Collection[str]) -> list[tuple[str, str]]:
    """Return package and name of the docs that descriptions in a file surely ask for."""
    data, there = loaded(text), {name.lower() for name in names}
    found = [entry for kind in _NAMED for entry in entries(data, kind) if _counts(entry, there)]
    found += entries(data, "sources")
    return [call for entry in found for said in _said(entry) for call in _asked(said)]


def _counts(entry: Mapping[str, object], there: Collection[str]) -> bool:
    """Tell whether an entry is about what surely is there."""
    config = entry.get("config")
    may_be_off = isinstance(config, dict) and "enabled" in config
    return str(entry.get("name")).lower() in there and not may_be_off


def _said(entry: Mapping[str, object]) -> Iterator[str]:
    """Yield the descriptions of a model or a source, and of its tables and columns."""
    if isinstance(entry.get("description"), str):
        yield str(entry["description"])
    for key in ("tables", "columns"):
        for each in entries(entry, key):
            yield from _said(each)


def _asked(description: str) -> Iterator[tuple[str, str]]:
    if "{%" in description or "{#" in description:
        return
    for call in _CALL.finditer(description):
        one, two = call["one"], call["two"]
        yield ("", one) if two is None else (one, two)


def _blocks(project: DbtProject) -> frozenset[str]:
    texts = map(text_of, project.docs)
    return frozenset(name for text in texts for name in _BLOCK.findall(text))


def _is_there(package: str, name: str, known: _Known) -> bool:
    if package:
        return package in _OF_DBT or name in known.get(package, ())
    return any(name in names for names in known.values()) or name in dbt_own_docs()


def _line(name: str, text: str) -> int:
    asked = re.compile(rf"\bdoc\(.*\b{re.escape(name)}\b")
    return next((n for n, line in enumerate(text.splitlines(), 1) if asked.search(line)), 1)
