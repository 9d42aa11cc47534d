"""Hold the names that a dbt project defines, and those of dbt itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mesh_platform.lineage.macro_arguments import Signature, signature_of_macro
from mesh_platform.model.dbt_project import KEPT_BY_DBT

_CONTEXT = (
    "adapter adapter_macro api builtins caller column column_name compiled_code config "
    "connection_name context context_macro_stack cycler database dbt_metadata_envs "
    "dbt_version debug defer_relation dict diff_of_two_dicts dispatch doc env env_var "
    "exceptions execute flags fromjson fromyaml function graph invocation_args_dict "
    "invocation_id joiner kwargs lipsum load_agate_table load_result local_md5 log loop "
    "metric model modules namespace post_hooks pre_hooks print project_name range ref render "
    "return run_started_at schema schemas selected_resources self set set_strict source sql "
    "sql_now store_raw_result store_result submit_python_job super target this thread_id "
    "tojson toyaml try_or_compiler_error validation var varargs write zip zip_strict"
)
"""Names that dbt and Jinja define beside macros, with spaces between."""
CONTEXT = frozenset(_CONTEXT.split())
OF_DBT = frozenset({"dbt", "dbt_duckdb"})
"""Packages of dbt itself."""
_MACRO = re.compile(r"\{%-?\s*(?:macro|test|data_test)\s+(\w+)")
_TEST = re.compile(r"\{%-?\s*(?:(?:test|data_test)\s+|macro\s+(?:\w+__)?test_)(\w+)")


@dataclass(frozen=True)
class Defined:
    """Hold what a dbt project may call.

    Args:
        macros: texts of its own macros and generic tests.
        packages: by the name of each package that it may call by name, the texts of its macros;
            None where they were not read.
        of_dbt: texts of dbt's own macros; read when the first name is not found elsewhere.
        variables: names under `vars` in `dbt_project.yml`.
        whole: whether all packages that the project names were read.
        models: what `ref` finds; None where nobody looked.
        versioned: models with versions, and these, in lower case.
        disabled: models that dbt is surely told to leave out.
        astray: files of models that are in no folder of a product, by their names.
        reader: the model that is looked at; it is not meant by a name in its own text.
        sources: the names of sources, each with that of a table; None where they are not certain.
        environment: the names of the variables of the environment; None where nobody looked.
    """

    macros: tuple[str, ...]
    packages: Mapping[str, tuple[str, ...] | None]
    of_dbt: Callable[[], tuple[str, ...]]
    variables: frozenset[str]
    whole: bool
    models: frozenset[str] | None = None
    versioned: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()
    reader: str = ""
    astray: Mapping[str, str] = field(default_factory=dict)
    sources: frozenset[tuple[str, str]] | None = None
    environment: frozenset[str] | None = None

    def calls(self, name: str) -> bool:
        """Tell whether a call of a bare name may find something."""
        known = name in CONTEXT or name in self._own or name in self._of_dbt
        return known or name.startswith("test_")

    def tests(self, name: str) -> bool:
        """Tell whether there may be a generic test of a name."""
        return not self.whole or "." in name or name in self.known_tests

    @cached_property
    def known_tests(self) -> frozenset[str]:
        """Return the names of generic tests that need no prefix."""
        return _tests((*self.macros, *self.of_dbt()))

    def test_of_package(self, name: str) -> str | None:
        """Return how to name a generic test that only a package has."""
        homes = (home for home, texts in self.packages.items() if name in _tests(texts or ()))
        return next((f"{home}.{name}" for home in homes), None)

    def lacks_model(self, name: str) -> bool:
        """Tell whether there surely is no model, seed or snapshot of a name."""
        known = self.models is None or name in self.models or name.lower() in self.versioned
        return self.whole and (not known or name in self.disabled)

    def lacks_version(self, name: str, version: object) -> bool:
        """Tell whether a model surely has no such version."""
        there = self.models is None or f"{name}_v{version}".lower() in self.versioned
        return self.whole and not there

    def versions_of(self, name: str) -> list[str]:
        """Return the versions of a model."""
        start = f"{name}_v".lower()
        found = (each.removeprefix(start) for each in self.versioned if each.startswith(start))
        return sorted(version for version in found if "_v" not in version)

    def lacks_source(self, source: str, table: str) -> bool:
        """Tell whether there surely is no table of a name in a source."""
        return self.whole and self.sources is not None and (source, table) not in self.sources

    def source_meant(self, source: str, table: str) -> tuple[str, str] | None:
        """Return the names of a source that differ from these in upper and lower case alone."""
        if not self.lacks_source(source, table):
            return None
        return self._sources_by_lower.get((source.lower(), table.lower()))

    def has_no_source_like(self, source: str, table: str) -> bool:
        """Tell whether there surely is no source of a name in any upper and lower case."""
        missing = self.lacks_source(source, table)
        return missing and self.source_meant(source, table) is None

    @cached_property
    def _sources_by_lower(self) -> dict[tuple[str, str], tuple[str, str]]:
        return {
            (source.lower(), table.lower()): (source, table) for source, table in self.sources or ()
        }

    def lacks_package(self, name: str) -> bool:
        """Tell whether there surely is no package of a name."""
        own = name in CONTEXT or name in self.packages or name in OF_DBT
        return self.whole and not own and not self.calls(name)

    def lacks_macro(self, package: str, name: str) -> bool:
        """Tell whether a package surely has no macro of a name."""
        return self.packages.get(package) is not None and name not in self._in[package]

    def lacks_test(self, package: str, name: str) -> bool:
        """Tell whether a package surely has no generic test of a name, or is not there."""
        texts = self.of_dbt() if package in OF_DBT else self.packages.get(package)
        return self.lacks_package(package) or (texts is not None and name not in _tests(texts))

    def signature(self, name: str, package: str | None = None) -> Signature | None:
        """Return what a macro takes, where that is certain.

        Args:
            name: the name of the macro.
            package: the package by whose name it is called; None for a bare name.
        """
        if package is not None:
            texts = self.of_dbt() if package in OF_DBT else self.packages.get(package) or ()
        elif name in CONTEXT:
            texts = ()
        else:
            texts = self.macros if name in self._own else self.of_dbt()
        return signature_of_macro(texts, name)

    def lacks_value(self, name: str) -> bool:
        """Tell whether a variable of the environment surely has no value; dbt keeps secrets."""
        known = self.environment is None or name in self.environment
        return not known and not name.startswith(KEPT_BY_DBT)

    def suggestion(self, name: str) -> str:
        """Return how to call what is called by a name that nothing carries."""
        homes = sorted(package for package, names in self._in.items() if name in names)
        if homes:
            return f"write `{homes[0]}.{name}(…)`: a macro of a package is called by its name"
        called = {macro: f"{home}.{macro}" for home, names in self._in.items() for macro in names}
        called |= {macro: macro for macro in self._own}
        return "write the macro, or correct the name" + near_name(name, called)

    @cached_property
    def _in(self) -> dict[str, frozenset[str]]:
        return {home: _macros(texts) for home, texts in self.packages.items() if texts is not None}

    @cached_property
    def _own(self) -> frozenset[str]:
        return _macros(self.macros)

    @cached_property
    def _of_dbt(self) -> frozenset[str]:
        return _macros(self.of_dbt())


def _tests(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in _TEST.findall(text))


def _macros(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in _MACRO.findall(text))


def near_name(name: str, known: Mapping[str, str | None]) -> str:
    """Return a suggestion where a known name is close.

    Args:
        name: what nothing carries.
        known: names, each with how it is written where that differs.
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean `{known[close[0]] or close[0]}`?" if close else ""
