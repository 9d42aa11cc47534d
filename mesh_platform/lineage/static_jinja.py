"""Provide what a template may use without dbt, and report everything else that it uses.

Whatever is done with a name that only dbt knows ends the rendering with `NotStaticError`: a
template never takes the wrong branch because something was missing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from mesh_platform.lineage.dbt_macros import DBT_MACROS

MARK = "dbt source"
"""Catalog under which rendered SQL names a source: no database can be called so by accident."""
OWN_MARK = "dbt ref"
"""Catalog under which it names a model of the domain."""
_HOOKS = frozenset({"pre_hook", "post_hook", "sql_header"})
_ASKED_BY_JINJA = frozenset({"unsafe_callable", "alters_data", "jinja_pass_arg"})
WRONG = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template, a program of others, may end with."""


class NotStaticError(Exception):
    """The text alone does not decide what a template becomes.

    Args:
        said: why.
        compiled_helps: whether the SQL that dbt compiled would tell.
    """

    def __init__(self, said: str, *, compiled_helps: bool = True) -> None:
        super().__init__(said)
        self.compiled_helps = compiled_helps


class Unknown(Undefined):
    """A name that only dbt knows: whatever is done with it ends the rendering."""

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
        raise NotStaticError(f"it uses `{self._undefined_name}`, which only dbt knows")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _ASKED_BY_JINJA:
            raise AttributeError(name)
        raise NotStaticError(f"it uses `{self._undefined_name}.{name}`, which only dbt knows")

    __call__ = __str__ = __iter__ = __bool__ = __eq__ = __len__ = _fail_with_undefined_error
    __hash__ = Undefined.__hash__


def _is_defined(value: object) -> bool:
    return not _is_undefined(value)


def _is_undefined(value: object) -> bool:
    """Tell whether a value is surely not defined: what dbt defines is not known here."""
    return isinstance(value, Undefined) and bool(value)


def _default(value: object, other: object = "", boolean: bool = False) -> object:
    return other if _is_undefined(value) or (boolean and not value) else value


class Namespace:
    """Macros by name, as `mesh.typed`; one that cannot be read is unknown when it is used."""

    def __init__(self, name: str, macros: Mapping[str, Any]) -> None:
        self._name, self._macros = name, macros

    def get(self, name: str) -> Any:
        """A macro, or None."""
        return self._macros.get(name)

    def __getattr__(self, name: str) -> Any:
        if name in self._macros:
            return self._macros[name]
        return Unknown(name=f"{self._name}.{name}")


class _Later:
    """A macro of the same package, which may stand in a file that is read later."""

    def __init__(self, macros: Mapping[str, Any], name: str) -> None:
        self._macros, self._name = macros, name

    def __call__(self, *arguments: object, **named: object) -> Any:
        macro = self._macros.get(self._name)
        return macro(*arguments, **named) if macro else Unknown(name=self._name)()


class _Config:
    """`{{ config(…) }}` writes nothing; what it says to run around the model is not seen here."""

    def __call__(self, *_: object, **said: object) -> str:
        for hook in sorted(_HOOKS & set(said)):
            raise NotStaticError(f"its `{hook}` runs SQL beside the model", compiled_helps=False)
        return ""


def ref(*names: str, v: object = None, version: object = None, **other: object) -> str:
    """A model of the domain, or one of its versions, as `ref` names it."""
    if other:
        raise NotStaticError(f"it reads the model `{names[-1]}` in a way that only dbt knows")
    wanted = version if v is None else v
    return own_table(names[-1] if wanted is None else version_name(names[-1], wanted))


def version_name(model: str, version: object) -> str:
    """Return what a version of a model is called in the database."""
    return f"{model}_v{version}"


def own_table(name: str) -> str:
    """A model under the name that rendered SQL has for it."""
    return f'"{OWN_MARK}"."{name}"'


def source(schema: str, name: str) -> str:
    """An input, as `source` names it."""
    return f'"{MARK}"."{schema}"."{name}"'


_BUILTINS: dict[str, Any] = {
    "config": _Config(),
    "ref": ref,
    "source": source,
}


def static_environment() -> SandboxedEnvironment:
    """Jinja with the few things of dbt that can be told from the text."""
    environment = SandboxedEnvironment(undefined=Unknown, extensions=["jinja2.ext.do"])
    environment.tests |= {"defined": _is_defined, "undefined": _is_undefined}
    environment.filters |= {"default": _default, "d": _default}
    del environment.globals["lipsum"]  # by chance
    environment.globals |= {**_BUILTINS, **DBT_MACROS, "dbt": Namespace("dbt", DBT_MACROS)}
    return environment


def load_package(
    environment: SandboxedEnvironment, package: str, texts: tuple[str, ...]
) -> dict[str, Any]:
    """Make the macros of a package known; inside it they call each other without a prefix."""
    macros: dict[str, Any] = {}
    trees = [tree for tree in (_parsed(environment, text) for text in texts) if tree is not None]
    names = [macro.name for tree in trees for macro in tree.find_all(nodes.Macro)]
    inside = {name: _Later(macros, name) for name in names}
    environment.globals[package] = Namespace(package, macros)
    for tree in trees:
        macros |= _macros(environment, tree, inside)
    return macros


def _parsed(environment: SandboxedEnvironment, text: str) -> nodes.Template | None:
    """A file with macros; None for one that only dbt can read."""
    try:
        return environment.parse(text)
    except (TemplateError, RecursionError):
        return None


def _macros(
    environment: SandboxedEnvironment, tree: nodes.Template, inside: dict[str, Any]
) -> dict[str, Any]:
    names = environment.make_globals(inside)
    template = Template.from_code(environment, environment.compile(tree), names)
    try:
        module = template.make_module()
    except (NotStaticError, *WRONG):
        return {}
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}
