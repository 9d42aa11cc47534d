"""The SQL of a dbt model from its template, without dbt, where the text alone decides it.

`ref`, `source`, `config`, `this`, `is_incremental`, the macros of the domain and of the shared
package, and dbt's own macros that only write a function, are rendered. Anything else, such as a
variable, a package from outside or a query to the database, is said by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, Undefined, nodes
from jinja2.runtime import Macro
from jinja2.sandbox import SandboxedEnvironment

from mesh_platform.planning.dbt_macros import DBT_MACROS
from mesh_platform.planning.sources import Table

MARK = "dbt source"
"""Catalog under which rendered SQL names a source: no database can be called so by accident."""
OWN_MARK = "dbt ref"
"""Catalog under which it names a model of the domain."""
_TABLES = ("ref", "source")
_HOOKS = frozenset({"pre_hook", "post_hook", "sql_header"})
_PLAIN = re.compile(r"""\{\{\s*([\w.]+)\(((?:\s*(?:'[^'{}\\]*'|"[^"{}\\]*")\s*,?)*)\)\s*\}\}""")
"""A call with nothing but texts: most models have no others, and Jinja need not read them."""
_ARGUMENT = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_JINJA = re.compile(r"\{[{%#]")
_ASKED_BY_JINJA = frozenset({"unsafe_callable", "alters_data", "jinja_pass_arg"})
_WRONG = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template, a program of others, may end with."""
_SAYS_INCREMENTAL = "is_incremental"


@dataclass(frozen=True, slots=True)
class Call:
    """A `ref` or `source` in the text of a model; lines count from 1."""

    table: Table
    line: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template becomes.

    Args:
        texts: its SQL; two where it differs between the first run and the next; none with a
            problem.
        calls: tables that the text names by `ref` and `source`.
        problem: why there is no SQL.
        compiled_helps: whether the SQL that dbt compiled would tell the rest.
    """

    texts: tuple[str, ...]
    calls: tuple[Call, ...] = ()
    problem: str | None = None
    compiled_helps: bool = True


class _NotStaticError(Exception):
    """The text alone does not decide what a template becomes."""

    def __init__(self, said: str, *, compiled_helps: bool = True) -> None:
        super().__init__(said)
        self.compiled_helps = compiled_helps


class _Unknown(Undefined):
    """A name that only dbt knows: whatever is done with it ends the rendering."""

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
        raise _NotStaticError(f"it uses `{self._undefined_name}`, which only dbt knows")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _ASKED_BY_JINJA:
            raise AttributeError(name)
        raise _NotStaticError(f"it uses `{self._undefined_name}.{name}`, which only dbt knows")

    __call__ = __str__ = __iter__ = __bool__ = __eq__ = __len__ = _fail_with_undefined_error
    __hash__ = Undefined.__hash__


def _is_defined(value: object) -> bool:
    return not _is_undefined(value)


def _is_undefined(value: object) -> bool:
    """What dbt defines is not known here, so that it is not there proves nothing."""
    return isinstance(value, Undefined) and bool(value)


def _default(value: object, other: object = "", boolean: bool = False) -> object:
    return other if _is_undefined(value) or (boolean and not value) else value


class _Namespace:
    """Macros by name, as `mesh.typed`; one that cannot be read is unknown when it is used."""

    def __init__(self, name: str, macros: Mapping[str, Any]) -> None:
        self._name, self._macros = name, macros

    def get(self, name: str) -> Any:
        return self._macros.get(name)

    def __getattr__(self, name: str) -> Any:
        if name in self._macros:
            return self._macros[name]
        return _Unknown(name=f"{self._name}.{name}")


class _Later:
    """A macro of the same package, which may stand in a file that is read later."""

    def __init__(self, macros: Mapping[str, Any], name: str) -> None:
        self._macros, self._name = macros, name

    def __call__(self, *arguments: object, **named: object) -> Any:
        macro = self._macros.get(self._name)
        return macro(*arguments, **named) if macro else _Unknown(name=self._name)()


class _Config:
    """`{{ config(…) }}` writes nothing; what it says to run around the model is not seen here."""

    def __call__(self, *_: object, **said: object) -> str:
        for hook in sorted(_HOOKS & set(said)):
            raise _NotStaticError(f"its `{hook}` runs SQL beside the model", compiled_helps=False)
        return ""


class Templates:
    """Renders models with the macros of packages, and those of the domain they lie in.

    Args:
        packages: for each dbt package its files with macros.
    """

    def __init__(self, packages: Mapping[str, tuple[str, ...]]) -> None:
        self._environment = SandboxedEnvironment(undefined=_Unknown, extensions=["jinja2.ext.do"])
        self._environment.tests |= {"defined": _is_defined, "undefined": _is_undefined}
        self._environment.filters |= {"default": _default, "d": _default}
        del self._environment.globals["lipsum"]  # by chance
        self._environment.globals |= {**_BUILTINS, **DBT_MACROS}
        self._environment.globals["dbt"] = _Namespace("dbt", DBT_MACROS)
        for name, texts in packages.items():
            self._load(name, texts)

    def of_domain(self, name: str, texts: tuple[str, ...]) -> Templates:
        """The same with the macros of a domain's own dbt project, which need no prefix."""
        own = Templates.__new__(Templates)
        own._environment = self._environment.overlay()
        own._environment.globals = dict(self._environment.globals)
        own._environment.globals |= own._load(name, texts)
        return own

    def render(self, model: str, text: str) -> Rendered:
        """The SQL of a model."""
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
        except _NotStaticError as error:
            return Rendered((), calls, str(error), error.compiled_helps)
        except _WRONG as error:
            return Rendered((), calls, f"its template cannot be rendered: {error}")

    def _simple(self, text: str) -> Rendered | None:
        """The SQL of a template that only has plain calls of known macros."""
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
        except (_NotStaticError, *_WRONG):
            return None
        return None if _JINJA.search(sql) else Rendered((sql,), tuple(calls))

    def _macro(self, called: str) -> Callable[..., object] | None:
        """A macro by its name, with or without its package."""
        package, _, name = called.rpartition(".")
        known = self._environment.globals.get(package or name)
        found = known.get(name) if isinstance(known, _Namespace) and package else known
        return found if isinstance(found, FunctionType | Macro) else None

    def _load(self, package: str, texts: tuple[str, ...]) -> dict[str, Any]:
        """Read the macros of a package, which may call each other without a prefix."""
        macros: dict[str, Any] = {}
        trees = [tree for tree in map(self._parsed, texts) if tree is not None]
        names = [macro.name for tree in trees for macro in tree.find_all(nodes.Macro)]
        inside = {name: _Later(macros, name) for name in names}
        self._environment.globals[package] = _Namespace(package, macros)
        for tree in trees:
            macros |= self._macros(tree, inside)
        return macros

    def _parsed(self, text: str) -> nodes.Template | None:
        """A file with macros; None for one that only dbt can read."""
        try:
            return self._environment.parse(text)
        except TemplateError:
            return None

    def _macros(self, tree: nodes.Template, inside: dict[str, Any]) -> dict[str, Any]:
        environment = self._environment
        names = environment.make_globals(inside)
        template = Template.from_code(environment, environment.compile(tree), names)
        try:
            module = template.make_module()
        except (_NotStaticError, *_WRONG):
            return {}
        return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _runs(template: Template, model: str, text: str) -> Iterator[str]:
    own = _own_table(model)
    states = (False, True) if _SAYS_INCREMENTAL in text else (False,)
    for incremental in states:
        yield template.render(this=own, is_incremental=lambda said=incremental: said)


def _calls(tree: nodes.Template) -> Iterator[Call]:
    for call in tree.find_all(nodes.Call):
        given = [str(item.value) for item in call.args if isinstance(item, nodes.Const)]
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in _TABLES and given and len(given) == len(call.args):
            yield Call(_called(name, given), call.lineno)


def _called(name: str, given: list[str]) -> Table:
    """The table that `ref` or `source` means; a `ref` may name the package first."""
    return _table(*(given[-1:] if name == "ref" else given))


def _table(*names: str) -> Table:
    """The table that the words of a `ref` or of a `source` mean."""
    lower = [name.lower() for name in names]
    return Table(lower[0], lower[1]) if len(lower) > 1 else Table("", lower[0])


def _ref(*names: str, **version: object) -> str:
    if version:
        raise _NotStaticError(f"it reads a version of the model `{names[-1]}`")
    return _own_table(names[-1])


def _own_table(name: str) -> str:
    return f'"{OWN_MARK}"."{name}"'


def _source(schema: str, name: str) -> str:
    return f'"{MARK}"."{schema}"."{name}"'


_BUILTINS: dict[str, Any] = {
    "config": _Config(),
    "ref": _ref,
    "source": _source,
}
