"""Tell values that templates ask dbt for and that files decide: variables and the target."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NoReturn

from jinja2 import Template, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from mesh_platform.lineage.static_jinja import WRONG, NotStaticError, static_environment
from mesh_platform.model.dbt_project import KEPT_BY_DBT, TARGET

_MISSING = Undefined()
_EXPRESSION = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)
_JINJA = re.compile(r"\{[{%#]")
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True)
class Values:
    """Hold the values that a project gives its variables.

    Args:
        variables: those under `vars` in its `dbt_project.yml` that hold for its own files, as they
            are written.
        elsewhere: names that packages set too: of these, dbt decides by who asks.
        environment: variables of the environment, for `env_var`.
        set_for_dbt: names of variables that are set otherwise when dbt runs.
    """

    variables: Mapping[str, object] = field(default_factory=dict)
    elsewhere: Collection[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    set_for_dbt: Collection[str] = frozenset()

    @property
    def in_sql(self) -> dict[str, Any]:
        """Return what the SQL of a model may ask for; the environment may hold secrets."""
        return {"var": self.var, "target": _Target()}

    def var(self, name: str, default: object = _MISSING) -> object:
        """Return the value of a variable, as dbt's `var` does.

        Raises:
            NotStaticError: the project alone does not tell; dbt renders a text only when asked.
        """
        found = self.variables.get(name, default)
        rendered = isinstance(found, str) and name in self.variables and _JINJA.search(found)
        if found is _MISSING or rendered or (name in self.elsewhere and name not in self.variables):
            raise NotStaticError(f"it asks for the variable `{name}`, which only dbt knows")
        return deepcopy(found)

    def of(self, expression: nodes.Expr) -> object:
        """Return the value of an expression.

        What the environment decides is told only where it is true or false: a text may be secret.

        Raises:
            NotStaticError: the files alone do not tell.
        """
        asked: list[str] = []
        environment = self._environment(asked)
        body = [nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)]
        try:
            tree = nodes.Template(body, lineno=1)
            tree.set_environment(environment)
            code = environment.compile(tree)
            found = Template.from_code(environment, code, environment.globals).make_module()
        except WRONG as error:
            raise NotStaticError("its value cannot be computed") from error
        value: object = vars(found)["result"]
        if isinstance(value, Undefined | _Target) or (asked and not isinstance(value, bool)):
            raise NotStaticError("only dbt knows its value")
        return value

    def of_text(self, text: str) -> object:
        """Return the value of a text in YAML that is one expression of Jinja.

        Raises:
            NotStaticError: it is more than that, or the files alone do not tell.
        """
        whole = _EXPRESSION.fullmatch(text)
        try:
            tree = self._environment([]).parse(f"{{{{ {whole[1]} }}}}") if whole else None
        except WRONG as error:
            raise NotStaticError("it cannot be read") from error
        output = tree.body[0] if tree is not None and len(tree.body) == 1 else None
        given = output.nodes if isinstance(output, nodes.Output) else []
        if len(given) != 1:
            raise NotStaticError("it is not a single expression")
        return self.of(given[0])

    def _environment(self, asked: list[str]) -> SandboxedEnvironment:
        def env_var(name: str, default: object = _MISSING) -> object:
            asked.append(name)
            kept = name in self.set_for_dbt or name.startswith(KEPT_BY_DBT)
            found = self.environment.get(name, default)
            if kept or found is _MISSING:
                raise NotStaticError(f"it asks for the variable `{name}` of the environment")
            return found

        environment = static_environment()
        environment.filters |= {"as_bool": _as_bool, "as_native": _as_bool, "as_text": str}
        environment.globals |= {**self.in_sql, "env_var": env_var}
        return environment


def _as_bool(value: object) -> object:
    """Return true or false, also from the word, as dbt does in YAML."""
    found = _WORDS.get(str(value).strip().lower(), value)
    if not isinstance(found, bool):
        raise NotStaticError("only dbt knows its value")
    return found


class _Target:
    """Hold what files tell of dbt's target; whatever else is asked of it only dbt knows."""

    def __getattr__(self, name: str) -> Any:
        if name in TARGET:
            return TARGET[name]
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotStaticError(f"it uses `target.{name}`, which only dbt knows")

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def _unknown(self, *_: object) -> NoReturn:
        raise NotStaticError("it uses all of `target`, which only dbt knows")

    __str__ = __repr__ = __iter__ = __len__ = __bool__ = __eq__ = _unknown
    __hash__ = object.__hash__
