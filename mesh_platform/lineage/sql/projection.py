"""The list of a SELECT: which columns it makes, of what, and what their places mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from mesh_platform.lineage.sql.expressions import depends
from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.sources import NOTHING, Named, Relation, Sources, Table, union
from mesh_platform.lineage.sql.stars import is_star, starred

_AS_COLUMN = "\\0"
"""In an alias of `columns(…)`, the name of each column."""


@dataclass(frozen=True)
class Places:
    """Hold the meaning of positions in a SELECT list; without `certain`, any of the columns."""

    columns: list[Sources]
    whole: Sources
    certain: bool

    def at(self, text: str) -> Sources:
        """Return what a position means, counted from 1."""
        index = int(text) - 1 if text.isdigit() else -1
        known = self.certain and 0 <= index < len(self.columns)
        return self.columns[index] if known else self.whole


@dataclass
class Projected:
    """The columns of a SELECT list; `parts` has what each of its expressions depends on."""

    columns: list[Named]
    parts: list[Sources]
    passes: frozenset[Table] = frozenset()
    complete: bool = True
    otherwise: Sources | None = None

    def star(self, found: Relation, whole: Sources) -> None:
        """Add the columns of a star."""
        self.columns += found.columns
        self.parts.append(whole)
        self.passes |= found.passes
        self.complete = self.complete and found.complete
        if found.otherwise is not None:
            self.otherwise = (self.otherwise or NOTHING) | found.otherwise

    @property
    def places(self) -> Places:
        """Return what ORDER BY and GROUP BY mean by a number."""
        certain = self.complete and self.otherwise is None
        return Places([sources for _, sources in self.columns], union(self.parts), certain)


def project(select: exp.Select, scope: Scope) -> Projected:
    """Read the list of a SELECT, and make its aliases known to the rest of it."""
    projected = Projected([], [])
    for node in select.expressions:
        if is_star(node):
            found = starred(node, scope, depends)
            projected.star(found, scope.whole(found) if _needs_places(select) else found.everything)
        else:
            _expression(node, projected, scope)
    return projected


def _needs_places(select: exp.Select) -> bool:
    """Tell whether something besides the list itself asks what its expressions depend on."""
    return any(select.args.get(key) for key in ("distinct", "group", "order"))


def _expression(node: exp.Expr, projected: Projected, scope: Scope) -> None:
    alias, value = _alias(node), node.unalias()
    name = alias or _own_name(node)
    scope.expanded = None
    found = depends(value, scope)
    projected.parts.append(found)
    if scope.expanded is not None:
        projected.columns += _repeated(alias, value, scope)
        return
    projected.columns.append((name, found))
    if isinstance(value, exp.Explode) and (not alias or value.expressions):
        projected.otherwise = (projected.otherwise or NOTHING) | found
    if alias is not None:
        scope.aliases[alias] = found


def _repeated(alias: str | None, value: exp.Expr, scope: Scope) -> Iterator[Named]:
    """An expression over `columns(…)`: one column for each that it stands for."""
    listed = scope.expanded.columns if scope.expanded is not None else ()
    for name, sources in listed:
        scope.only = name
        found = depends(value, scope) if name is not None else sources
        yield (alias.replace(_AS_COLUMN, name or "") if alias else name), found
    scope.only = None


def _alias(node: exp.Expr) -> str | None:
    """The name that the list gives to a column; `over w` names a window, not the column."""
    return node.alias.lower() if node.alias and not isinstance(node, exp.Window) else None


def _own_name(node: exp.Expr) -> str | None:
    """The name of a column that stands in the list as it is."""
    bare = node.unnest()
    return bare.name.lower() if isinstance(bare, exp.Column) else None
