"""Render the SQL of a dbt model from its template, without dbt, where the text alone decides it.

`ref`, `source`, `config`, `this`, `is_incremental`, the macros of the domain and of the shared
package, dbt's own macros that only write a function, and variables that the project sets, are
rendered. Anything else, such as a package from outside or a query to the database, becomes a
problem that names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType

from jinja2 import Environment, Template, TemplateSyntaxError, nodes
from jinja2.runtime import Macro

from mesh_platform.lineage.known_values import Values
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.lineage.static_jinja import (
    WRONG,
    Namespace,
    NotStaticError,
    load_package,
    own_table,
    static_environment,
    version_name,
)

_TABLES = ("ref", "source")
_PLAIN = re.compile(r"""\{\{\s*([\w.]+)\(((?:\s*(?:'[^'{}\\]*'|"[^"{}\\]*")\s*,?)*)\)\s*\}\}""")
"""Match a call with text arguments alone.

Most models have no other call, and then Jinja need not read them.
"""
_ARGUMENT = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_JINJA = re.compile(r"\{[{%#]")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\b")
_SAYS_INCREMENTAL = "is_incremental"


def without_comments(text: str) -> str:
    """Return a template without Jinja's comments, each line where it was."""
    if "{#" not in text or _RAW.search(text):
        return text
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a `ref` or `source` in the text of a model; lines count from 1."""

    table: Table
    line: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """Hold the result of rendering a template.

    Args:
        texts: its SQL; two where it differs between the first run and the next; none with a
            problem.
        calls: tables that the text names by `ref` and `source`.
        problem: why there is no SQL.
        compiled_helps: whether the SQL that dbt compiled would tell the rest.
        compiled: whether the text is that SQL, made from the macros and settings of its time.
    """

    texts: tuple[str, ...]
    calls: tuple[Call, ...] = ()
    problem: str | None = None
    compiled_helps: bool = True
    compiled: bool = False


class Templates:
    """Renders models with the macros of packages and of the domain that the models belong to.

    Args:
        packages: for each dbt package its files with macros.
    """

    def __init__(self, packages: Mapping[str, tuple[str, ...]]) -> None:
        self._environment = static_environment()
        for name, texts in packages.items():
            load_package(self._environment, name, texts)

    def of_domain(
        self, name: str, texts: tuple[str, ...], values: Values | None = None
    ) -> Templates:
        """Return templates that also have a domain's variables and own macros, without prefix."""
        own = Templates.__new__(Templates)
        own._environment = self._environment.overlay()
        own._environment.globals = self._environment.globals | (values.in_sql if values else {})
        own._environment.globals |= load_package(own._environment, name, texts)
        return own

    def render(self, model: str, text: str) -> Rendered:
        """Render the SQL of a model."""
        if (simple := self._simple(text)) is not None:
            return simple
        calls: tuple[Call, ...] = ()
        try:
            tree = self._environment.parse(text)
            calls = tuple(_calls(tree))
            template = Template.from_code(
                self._environment,
                self._environment.compile(tree),
                self._environment.globals,
            )
            return Rendered(tuple(_runs(template, model, text)), calls)
        except NotStaticError as error:
            helps = error.compiled_helps and _SAYS_INCREMENTAL not in text
            return Rendered((), calls, str(error), helps)
        except WRONG as error:
            return Rendered((), calls, f"its template cannot be rendered: {error}")

    def _simple(self, text: str) -> Rendered | None:
        """Render a template that only has plain calls of known macros; None for any other."""
        calls: list[Call] = []

        def write(match: re.Match[str]) -> str:
            called = match.group(1)
            given = [one or other for one, other in _ARGUMENT.findall(match.group(2))]
            if called in _TABLES and given:
                line = text.count("\n", 0, match.start()) + 1
                calls.append(Call(_called(called, given), line))
            macro = self._macro(called)
            return str(macro(*given)) if macro is not None else match.group()

        try:
            sql = _PLAIN.sub(write, text)
        except (NotStaticError, *WRONG):
            return None
        return None if _JINJA.search(sql) else Rendered((sql,), tuple(calls))

    def _macro(self, called: str) -> Callable[..., object] | None:
        """Find a macro by its name, with or without its package; None where there is none."""
        package, _, name = called.rpartition(".")
        known = self._environment.globals.get(package or name)
        found = known.get(name) if isinstance(known, Namespace) and package else known
        return found if isinstance(found, FunctionType | Macro) else None


def syntax_fault(text: str) -> tuple[int, str] | None:
    """Return line and message of what Jinja cannot read in a template, else None.

    An unknown tag is no fault: it may be one of dbt's own.
    """
    if not _JINJA.search(_PLAIN.sub("", text)):
        return None
    try:
        _reader().parse(text)
    except TemplateSyntaxError as error:
        message = error.message or "it is no template"
        return None if "unknown tag" in message else (error.lineno, message)
    return None


@cache
def _reader() -> Environment:
    """Return an environment that reads templates and runs none."""
    return static_environment()


def _runs(template: Template, model: str, text: str) -> Iterator[str]:
    own = own_table(model)
    states = (False, True) if _SAYS_INCREMENTAL in text else (False,)
    for incremental in states:
        yield template.render(this=own, is_incremental=lambda said=incremental: said)


def _calls(tree: nodes.Template) -> Iterator[Call]:
    for call in tree.find_all(nodes.Call):
        given = [str(item.value) for item in call.args if isinstance(item, nodes.Const)]
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in _TABLES and given and len(given) == len(call.args):
            version = version_of(call)
            if name == "ref" and version is not None:
                given = [version_name(given[-1], version)]
            yield Call(_called(name, given), call.lineno)


def version_of(call: nodes.Call) -> str | int | float | None:
    """Return the version that a `ref` names, or None where it names none."""
    given = {item.key: item.value for item in call.kwargs}
    said = given.get("v", given.get("version"))
    found = said.value if isinstance(said, nodes.Const) else None
    return found if isinstance(found, str | int | float) else None


def _called(name: str, given: list[str]) -> Table:
    """Return the table that `ref` or `source` means; a `ref` may name the package first."""
    words = [word.lower() for word in given]
    return (
        Table(words[0], words[1]) if name == "source" and len(words) > 1 else Table("", words[-1])
    )
