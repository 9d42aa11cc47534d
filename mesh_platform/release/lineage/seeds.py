"""Find faults in seeds that models read: rows that are too long, types that DuckDB does not know.

Left to the build is whatever depends on how DuckDB reads the rest of the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.files import UNREADABLE, seen_from, text_of
from mesh_platform.lineage.model_files import ModelFile
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject
from mesh_platform.model.findings import Finding
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.seed_types import SeedFault, Setting, type_faults
from mesh_platform.release.lineage.settings import entries

CODE = "model.seed"
_REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")
_DELIMITER = "delimiter"
_SET_UP = frozenset({_DELIMITER, "enabled", "alias", "schema", "database", "pre-hook", "post-hook"})
"""Settings with which a seed may be another table than its header says."""


def seed_faults(
    root: Path, domain: str, project: DbtProject, models: Iterable[ModelFile], *, plain: bool
) -> Iterator[tuple[str, Finding]]:
    """Yield the names of seeds that surely cannot be loaded, each with the finding.

    Args:
        root: of the mesh.
        domain: its name.
        project: the domain's.
        models: its models; a seed that none of them reads is not loaded.
        plain: whether nothing in the project makes types of its own.
    """
    read = _readers(models)
    for path, text, settings in _seeds(project, read):
        owner = _owner(domain, read[path.stem])
        for fault in _in_seed(root, path, text, settings, plain=plain):
            found = Finding(CODE, fault.said, fault.place, fault.way, owner, fault.severity)
            yield path.stem, found


def seed_columns(project: DbtProject, models: Iterable[ModelFile]) -> dict[str, tuple[str, ...]]:
    """Return the columns of each seed that a model reads, where its header tells them."""
    seeds = _seeds(project, _readers(models))
    told = (each for each in seeds if not any(_SET_UP & setting.said.keys() for setting in each[2]))
    headers = {path.stem.lower(): _header(text) for path, text, _ in told}
    return {name: header for name, header in headers.items() if _is_certain(header)}


def _seeds(
    project: DbtProject, read: Collection[str]
) -> Iterator[tuple[Path, str, Sequence[Setting]]]:
    """Yield each seed of which the name is read, with its text and what sets it up."""
    for home in project.folders("seed-paths"):
        for path in project.files_in(home, ".csv"):
            text = text_of(path) if path.stem in read else UNREADABLE
            if UNREADABLE not in text:
                yield path, text, list(_settings(project, home, path))


def _header(text: str) -> tuple[str, ...]:
    return tuple(next(csv.reader(text.splitlines(keepends=True)[:1]), []))


def _is_certain(header: tuple[str, ...]) -> bool:
    """Tell whether columns are surely called as the header says: plain words, each another."""
    return all(map(str.isidentifier, header)) and len(set(map(str.lower, header))) == len(header)


def _readers(models: Iterable[ModelFile]) -> dict[str, set[str]]:
    """Return the products of the models that read each name by `ref`."""
    found: dict[str, set[str]] = {}
    for model in models:
        for name in _REF.findall(model.text):
            found.setdefault(name, set()).add(model.product)
    return found


def _owner(domain: str, products: set[str]) -> str:
    return f"{domain}/{min(products)}" if len(products) == 1 else domain


def _in_seed(
    root: Path, path: Path, text: str, settings: Sequence[Setting], *, plain: bool
) -> Iterator[SeedFault]:
    if any(_DELIMITER in setting.said for setting in settings):
        return
    rows = csv.reader(text.splitlines(keepends=True))
    try:
        header = next(rows, [])
        lengths = ((rows.line_num, len(row)) for row in rows)
        uneven = next((each for each in lengths if each[1] not in (0, len(header))), None)
    except csv.Error:
        return
    if uneven is not None:
        line, fields = uneven
        has = f"{fields} field{'s' * (fields != 1)} in this row and {len(header)} columns"
        way = "give each column a field, if an empty one: `a,,c`"
        if fields > len(header):
            way = "take a field out, or put text that holds a comma in quotes"
        yield SeedFault(
            f"the seed `{path.stem}` has {has}", Place(seen_from(root, path), line), way
        )
    if plain:
        for fault in type_faults(root, path.stem, header, settings):
            if fault.severity == "error" or _is_certain(tuple(header)):
                yield fault


def _settings(project: DbtProject, home: Path, path: Path) -> Iterator[Setting]:
    """Yield what sets a seed up, with the file: from the whole project down to its properties."""
    held: object = project.data.get("seeds")
    file = project.folder / DBT_PROJECT_FILE
    levels = ("", project.name, *path.relative_to(home).with_suffix("").parts)
    for depth, key in enumerate(levels, 1):
        held = held.get(key) if key and isinstance(held, dict) else held
        if not isinstance(held, dict):
            break
        said = {str(name).removeprefix("+"): value for name, value in held.items()}
        yield Setting(file, said, own=depth == len(levels))
    for beside in dict.fromkeys(_properties(project)):
        for entry in entries(loaded(text_of(beside)), "seeds"):
            if entry.get("name") == path.stem and isinstance(entry.get("config"), dict):
                yield Setting(beside, entry["config"], own=True)


def _properties(project: DbtProject) -> Iterator[Path]:
    for home in project.sources:
        for path in project.files_in(home, ".yml", ".yaml"):
            if "seeds" in text_of(path):
                yield path
