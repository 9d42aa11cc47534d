"""Tell how dbt would build a model from the files that configure it, without dbt.

dbt asks the model's own `config(…)` first, then its properties in YAML, then `dbt_project.yml`.
What the files alone do not decide is unknown: a finding is only made of what is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from jinja2 import Environment, TemplateError, nodes

from mesh_platform.errors import Place
from mesh_platform.lineage.known_values import Values
from mesh_platform.lineage.static_jinja import NotStaticError

UNKNOWN: Final = "?"
"""Stands for a value that only dbt can tell."""
STRATEGY = "incremental_strategy"
KEYS = (
    *("materialized", "alias", "schema", "database", "enabled"),
    *("access", "group", "contract", "unique_key", STRATEGY),
)
_OF_ENTRIES = ("access", "group", "contract")
"""Settings that may also stand beside `config` in YAML."""
_SETTING = re.compile(rf"\s*['\"]?\+?({'|'.join(KEYS)})['\"]?\s*:")
_JINJA = re.compile(r"\{[{%#]")
_ENVIRONMENT = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
_NEVER_CONSTANT = (nodes.Impossible, TemplateError, TypeError, ValueError, LookupError)


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """Hold what dbt would do with a model; `UNKNOWN` stands for what its files do not tell."""

    name: str
    settings: Mapping[str, object]
    places: Mapping[str, Place] = field(default_factory=dict)
    """The lines of `dbt_project.yml` that decide, by setting."""

    def get(self, key: str) -> object:
        """Return the value of a setting."""
        return self.settings.get(key)

    @property
    def off(self) -> bool:
        """Tell whether dbt is surely told to leave it out."""
        return self.settings.get("enabled") is False

    @property
    def enforced(self) -> bool:
        """Tell whether dbt is surely told to hold it to a contract of dbt's own."""
        said = self.settings.get("contract")
        return isinstance(said, Mapping) and said.get("enforced") is True

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Snapshots that it reads, where dbt was asked."""
        found = self.settings.get("snapshots")
        return found if isinstance(found, tuple) else ()

    @property
    def brought(self) -> tuple[tuple[str, str], ...]:
        """Models of packages that it reads and that are tables, each with its package."""
        found = self.settings.get("brought")
        return found if isinstance(found, tuple) else ()

    @property
    def materialized(self) -> object:
        """Return how it is materialized."""
        return self.settings.get("materialized")


@dataclass(frozen=True)
class Configurations:
    """Hold what the files of a domain say of its models beside their own text.

    Args:
        project: what `dbt_project.yml` says under `models`.
        name: of the dbt project.
        file: `dbt_project.yml`, as messages give it.
        text: of that file.
        properties: the entries of models in YAML.
        macros: the texts of macros, by which a project may name tables in its own way.
        values: of the variables that its files may ask for.
    """

    project: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    file: str = ""
    text: str = ""
    properties: Sequence[Mapping[str, Any]] = ()
    macros: tuple[str, ...] = ()
    values: Values = field(default_factory=Values)

    def setup(self, name: str, path: Sequence[str], text: str, *, python: bool) -> ModelSetup:
        """Return how a model is built.

        Args:
            name: of the model.
            path: its folders below the one that dbt searches.
            text: its own.
            python: whether it is a program.
        """
        found: dict[str, object] = {"materialized": "table" if python else "view"}
        found |= self.of_project([self.name, *path, name])
        of_project = dict(found)
        found |= _merged(found, self._known(self._written(name)))
        own = python_config(text) if python else sql_config(text, self.values)
        found |= dict.fromkeys(KEYS, UNKNOWN) if own is None else _merged(found, self._known(own))
        if not isinstance(found.get("enabled"), bool | None):
            found["enabled"] = UNKNOWN
        decided = [key for key, value in of_project.items() if found[key] is value]
        places = {key: place for key in decided if (place := self._place(key)) is not None}
        return ModelSetup(name, found | self._named_otherwise, places)

    def of_project(self, path: Sequence[str]) -> dict[str, object]:
        """Return what `dbt_project.yml` says of a model.

        Args:
            path: the name of the model's project, its folders, and its own name.
        """
        found: dict[str, object] = {}
        for said in self._levels(path):
            found |= _merged(found, self._known(said))
        return found

    def _place(self, key: str) -> Place | None:
        """Return the last line of `dbt_project.yml` with a setting."""
        line = self._lines.get(key)
        return Place(self.file, line) if line else None

    @cached_property
    def _lines(self) -> dict[str, int]:
        """Return the last line of each setting below `models`."""
        found, top = dict[str, int](), ""
        for number, line in enumerate(self.text.splitlines(), 1):
            top = line.partition(":")[0].strip("'\" ") if line[:1].strip(" #") else top
            if top == "models" and (setting := _SETTING.match(line)) is not None:
                found[setting[1]] = number
        return found

    def _levels(self, path: Sequence[str]) -> Iterator[Mapping[str, object]]:
        """Yield what the levels of `dbt_project.yml` say, the closest last."""
        level: Any = self.project
        for step in (None, *path):
            level = level if step is None else level.get(step)
            if not isinstance(level, Mapping):
                return
            yield {
                str(key).removeprefix("+").strip(): value
                for key, value in level.items()
                if str(key).startswith("+") or not isinstance(value, Mapping)
            }

    def _written(self, name: str) -> Mapping[str, object]:
        entry = next((e for e in self.properties if e.get("name") == name), {})
        config = entry.get("config")
        beside = {key: entry[key] for key in _OF_ENTRIES if key in entry}
        return beside | dict(config) if isinstance(config, Mapping) else beside

    def _known(self, said: Mapping[str, object]) -> dict[str, object]:
        """Return the settings that matter; one that only dbt can tell is unknown."""
        return {key: self._value(said[key]) for key in KEYS if key in said}

    def _value(self, said: object) -> object:
        if not _JINJA.search(str(said)):
            return said
        try:
            return self.values.of_text(said) if isinstance(said, str) else UNKNOWN
        except NotStaticError:
            return UNKNOWN

    @cached_property
    def _named_otherwise(self) -> dict[str, object]:
        """Return the settings that a macro of the project may give another meaning."""
        macros = {key: f"generate_{key}_name" for key in ("alias", "schema", "database")}
        macros |= {STRATEGY: "get_incremental_", "materialized": "materialization "}
        return {
            key: UNKNOWN
            for key, macro in macros.items()
            if any(macro in text for text in self.macros)
        }


def sql_config(text: str, values: Values) -> dict[str, object] | None:
    """Return what the calls of `config` in a model say; None where its text does not tell."""
    if "config" not in text:
        return {}
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateError:
        return None
    calls = [call for call in tree.find_all(nodes.Call) if _is_config(call)]
    certain = [call for call in _at_top(tree) if _is_config(call)]
    found: dict[str, object] = {}
    for call in certain:
        found |= _arguments(call, values)
    for call in calls:
        if not any(call is each for each in certain):
            found |= dict.fromkeys(_named(call), UNKNOWN)
    return found


def _named(call: nodes.Call) -> Iterable[str]:
    """Return the settings that a call may set."""
    whole = call.args or call.dyn_args is not None or call.dyn_kwargs is not None
    return KEYS if whole else (item.key for item in call.kwargs)


def _is_config(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name == "config"


def _at_top(tree: nodes.Template) -> Iterator[nodes.Call]:
    """Calls that are made whatever happens."""
    for node in tree.body:
        held: list[object] = [getattr(node, "node", None)]
        held = list(node.nodes) if isinstance(node, nodes.Output) else held
        yield from (item for item in held if isinstance(item, nodes.Call))


def _arguments(call: nodes.Call, values: Values) -> dict[str, object]:
    found: dict[str, object] = {}
    for given in call.args:
        said = _constant(given, values)
        found |= said if isinstance(said, dict) else dict.fromkeys(KEYS, UNKNOWN)
    return found | {item.key: _constant(item.value, values) for item in call.kwargs}


def _constant(node: nodes.Expr, values: Values) -> object:
    try:
        return node.as_const()
    except _NEVER_CONSTANT:
        pass
    try:
        return values.of(node)
    except NotStaticError:
        return UNKNOWN


def python_config(text: str) -> dict[str, object] | None:
    """Return what `dbt.config(…)` says in a model in Python; None where its text does not tell."""
    import ast

    if "config" not in text:
        return {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    found: dict[str, object] = {}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "config":
            for item in call.keywords:
                value = item.value
                found[str(item.arg)] = value.value if isinstance(value, ast.Constant) else UNKNOWN
    return found


def _merged(found: Mapping[str, object], said: dict[str, object]) -> dict[str, object]:
    """Settings of a closer level; of a contract, dbt keeps what the level does not say."""
    before, now = found.get("contract"), said.get("contract")
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return said | {"contract": {**before, **now}}
    return said
