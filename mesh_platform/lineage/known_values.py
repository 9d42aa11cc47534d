"""Tell values that templates ask dbt for and that files decide: variables and the target."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from jinja2 import Template, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from mesh_platform.lineage.static_jinja import WRONG, NotStaticError, Unknown
from mesh_platform.model.dbt_project import TARGET

_MISSING = Undefined()
_NATIVE = ("as_bool", "as_native", "as_number", "as_text")
_EXPRESSION = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Values:
    """Hold the values that a project gives its variables.

    Args:
        variables: those under `vars` in its `dbt_project.yml` that hold for its own files.
        elsewhere: names that packages set too: of these, dbt decides by who asks.
        environment: variables of the environment, for `env_var`.
    """

    variables: Mapping[str, object] = field(default_factory=dict)
    elsewhere: Collection[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def in_sql(self) -> dict[str, Any]:
        """Return what the SQL of a model may ask for; the environment may hold secrets."""
        return {"var": self.var, "target": _Target(**TARGET)}

    def var(self, name: str, default: object = _MISSING) -> object:
        """Return the value of a variable, as dbt's `var` does.

        Raises:
            NotStaticError: the project alone does not tell.
        """
        if name in self.variables:
            return self.variables[name]
        if default is _MISSING or name in self.elsewhere:
            raise NotStaticError(f"it asks for the variable `{name}`, which only dbt knows")
        return default

    def of(self, expression: nodes.Expr) -> object:
        """Return the value of an expression.

        Raises:
            NotStaticError: the files alone do not tell.
        """
        environment = self._environment()
        body = [nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)]
        try:
            tree = nodes.Template(body, lineno=1)
            tree.set_environment(environment)
            code = environment.compile(tree)
            found = Template.from_code(environment, code, environment.globals).make_module()
        except WRONG as error:
            raise NotStaticError(str(error)) from error
        value: object = vars(found)["result"]
        if isinstance(value, Undefined):
            raise NotStaticError("it has no value")
        return value

    def of_text(self, text: str) -> object:
        """Return the value of a text in YAML that is one expression of Jinja.

        Raises:
            NotStaticError: it is more than that, or the files alone do not tell.
        """
        whole = _EXPRESSION.fullmatch(text)
        try:
            tree = self._environment().parse(f"{{{{ {whole[1]} }}}}") if whole else None
        except WRONG as error:
            raise NotStaticError(str(error)) from error
        output = tree.body[0] if tree is not None and len(tree.body) == 1 else None
        given = output.nodes if isinstance(output, nodes.Output) else []
        if len(given) != 1:
            raise NotStaticError("it is no single expression")
        return self.of(given[0])

    def _environment(self) -> SandboxedEnvironment:
        environment = SandboxedEnvironment(undefined=Unknown)
        environment.filters |= {name: lambda value: value for name in _NATIVE}
        environment.globals |= {**self.in_sql, "env_var": self._env_var}
        return environment

    def _env_var(self, name: str, default: object = _MISSING) -> object:
        if name in self.environment:
            return self.environment[name]
        if default is _MISSING:
            raise NotStaticError(f"it asks for the variable `{name}` of the environment")
        return default


class _Target(SimpleNamespace):
    """Hold what files tell of dbt's target; whatever else is asked of it only dbt knows."""

    def __getattr__(self, name: str) -> Any:
        return Unknown(name=f"target.{name}")
