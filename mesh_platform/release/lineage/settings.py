"""What files of a dbt project say of models beside their SQL: hooks and generic tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mesh_platform.errors import Place
from mesh_platform.model.findings import Finding
from mesh_platform.model.parsing import loaded
from mesh_platform.planning.lineage.static_jinja import version_name
from mesh_platform.planning.sql.sources import ROWS

_HOOK = re.compile(
    r"""^(?:[^#\n]*[\s{,"'])?\+?((?:pre|post)[-_]hook|sql_header|on-run-(?:start|end))["']?\s*:""",
    re.MULTILINE,
)
_TESTS = re.compile(r"(?<!unit_)tests:")
"""Unit tests look at no column of what is built, and to read them takes long."""
_HOOK_WORDS = ("hook", "sql_header", "on-run-")
"""One of them stands in every setting that the expression finds; to look for them costs less."""


class Setting(NamedTuple):
    """A file: the product whose models it is about, none for all; its name; its text; where."""

    product: str
    shown: str
    text: str
    path: Path


def unread(root: Path, domain: str, settings: Iterable[Setting]) -> Iterator[Finding]:
    """Files of properties that dbt surely cannot read; generated ones are compared elsewhere."""
    for setting in settings:
        if setting.text.startswith("# generated"):
            continue
        try:
            for _ in yaml.parse(setting.text, Loader=yaml.CSafeLoader):
                pass
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


def hooks(settings: Iterable[Setting]) -> Iterator[tuple[str, str]]:
    """Settings that run SQL beside models: of the whole project, and of a product's models."""
    for product, shown, text, _ in settings:
        if any(word in text for word in _HOOK_WORDS) and (hook := _HOOK.search(text)):
            yield product, f"`{hook.group(1)}` in {shown}"


def tested(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Columns with generic tests, by model; what cannot be read is for dbt to say."""
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
    """Names of versions of models in the database, and the file behind each, in lower case.

    The name of a model without a version is that of its latest.
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
    newest = model.get("latest_version") or max(
        (entry.get("v") for entry in listed),
        key=lambda v: (v, "") if isinstance(v, int | float) else (-1, str(v)),
    )
    latest = version_name(name, newest)
    return {**files, name: files.get(latest, latest)}


def entries(holder: object, key: str) -> list[dict[str, Any]]:
    """The mappings in a list, where there is one."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def tests_of(entry: dict[str, Any]) -> list[object]:
    """The generic tests of a model, a source or a column."""
    found = entry.get("tests") or entry.get("data_tests")
    return found if isinstance(found, list) else [found] if found else []
