"""Read what files of a dbt project set on models beside their SQL: hooks and generic tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import UNREADABLE, read_text, seen_from
from mesh_platform.lineage.sql.sources import ROWS
from mesh_platform.lineage.static_jinja import version_name
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import MARK
from mesh_platform.model.parsing import loaded

_HOOK = re.compile(
    r"""^(?:[^#\n]*[\s{,"'])?\+?((?:pre|post)[-_]hook|sql_header|on-run-(?:start|end))["']?\s*:""",
    re.MULTILINE,
)
_TESTS = re.compile(r"(?<!unit_)tests:")
"""Match tests on what is built; unit tests look at none of it, and take long to read."""
_HOOK_WORDS = ("hook", "sql_header", "on-run-")
"""Words of which every hook contains one: to search for them is cheaper than the expression."""


class Setting(NamedTuple):
    """Hold a file of settings: the product of its models (empty for all), name, text and path."""

    product: str
    shown: str
    text: str
    path: Path


def unread(root: Path, domain: str, settings: Iterable[Setting]) -> Iterator[Finding]:
    """Report files of properties that dbt surely cannot read; skip generated ones."""
    for setting in settings:
        if setting.text.startswith(MARK):
            continue
        if UNREADABLE in setting.text:
            yield unreadable(root, setting.path, domain)
            continue
        try:
            yaml.compose(setting.text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or "it holds what no text does"
            yield Finding(
                "model.properties",
                f"dbt cannot read the properties in `{setting.path.name}`: {said}",
                Place(setting.path.relative_to(root).as_posix(), mark.line + 1 if mark else 1),
                "look at indentation, quotes and brackets there and above",
                domain,
            )


def unreadable(root: Path, path: Path, owner: str) -> Finding:
    """Return the finding on a file that cannot be read as text, at the byte that is wrong."""
    shown = seen_from(root, path)
    said, place, way = "it has changed while it was read", Place(shown, 1), "try again"
    try:
        read_text(path, shown)
    except MeshError as error:
        said, place, way = str(error.message), error.place or place, error.fix or way
    return Finding("model.unreadable", f"`{path.name}` cannot be read: {said}", place, way, owner)


def hooks(settings: Iterable[Setting]) -> Iterator[tuple[str, str]]:
    """Yield settings that run SQL beside models, each with the product of these models."""
    for product, shown, text, _ in settings:
        if any(word in text for word in _HOOK_WORDS) and (hook := _HOOK.search(text)):
            yield product, f"`{hook.group(1)}` in {shown}"


def tested(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return columns with generic tests by model; a file that cannot be read has none."""
    found: dict[str, set[str]] = {}
    for text in texts:
        if "tests:" in text and _TESTS.search(text):
            for model in entries(loaded(text), "models"):
                looked_at = found.setdefault(str(model.get("name")).lower(), set())
                looked_at |= {ROWS} if tests_of(model) else set()
                columns = filter(tests_of, entries(model, "columns"))
                looked_at |= {str(column.get("name")).lower() for column in columns}
    return {name: frozenset(columns) for name, columns in found.items() if columns}


def versions(texts: Iterable[str]) -> dict[str, str]:
    """Return the names of model versions in the database, with the file behind each.

    All are in lower case. The name of a model without a version stands for its latest.
    """
    found: dict[str, str] = {}
    for text in texts:
        if "versions:" in text:
            for model in entries(loaded(text), "models"):
                found |= _versions(model)
    return found


def _versions(model: dict[str, Any]) -> dict[str, str]:
    name, listed = str(model.get("name")).lower(), entries(model, "versions")
    files = {
        version_name(name, entry.get("v")): str(
            entry.get("defined_in") or version_name(name, entry.get("v"))
        ).lower()
        for entry in listed
    }
    if not listed:
        return {}
    latest = version_name(name, latest_version(model))
    return {**files, name: files.get(latest, latest)}


def latest_version(model: dict[str, Any]) -> object:
    """Return the version that a model with versions means without one."""
    return model.get("latest_version") or max(
        (entry.get("v") for entry in entries(model, "versions")),
        key=lambda v: (v, "") if isinstance(v, int | float) else (-1, str(v)),
    )


def entries(holder: object, key: str) -> list[dict[str, Any]]:
    """Return the mappings in the list at a key; none where there is no list."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def tests_of(entry: dict[str, Any]) -> list[object]:
    """Return the generic tests of a model, a source or a column."""
    found = entry.get("tests") or entry.get("data_tests")
    return found if isinstance(found, list) else [found] if found else []
