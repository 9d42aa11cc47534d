"""What one SELECT returns: its columns, and everything that decides its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from mesh_platform.planning.sources import (
    NOTHING,
    Named,
    Relation,
    Sources,
    Table,
    union,
    unique_names,
)
from mesh_platform.planning.sql_expressions import depends, surely_plain
from mesh_platform.planning.sql_from import read_from
from mesh_platform.planning.sql_scope import Scope
from mesh_platform.planning.sql_stars import is_star, starred

_AS_COLUMN = "\\0"
"""In an alias of `columns(…)`, the name of each column."""


@dataclass(frozen=True)
class _Places:
    """What positions in a SELECT list mean; without `certain`, any of the columns."""

    columns: list[Sources]
    whole: Sources
    certain: bool

    def at(self, text: str) -> Sources:
        index = int(text) - 1 if text.isdigit() else -1
        known = self.certain and 0 <= index < len(self.columns)
        return self.columns[index] if known else self.whole


@dataclass
class _Projected:
    """The columns of a SELECT list; `parts` has what each of its expressions depends on."""

    columns: list[Named]
    parts: list[Sources]
    passes: frozenset[Table] = frozenset()
    complete: bool = True
    otherwise: Sources | None = None

    def star(self, found: Relation, whole: Sources) -> None:
        self.columns += found.columns
        self.parts.append(whole)
        self.passes |= found.passes
        self.complete = self.complete and found.complete
        if found.otherwise is not None:
            self.otherwise = (self.otherwise or NOTHING) | found.otherwise

    @property
    def places(self) -> _Places:
        certain = self.complete and self.otherwise is None
        return _Places([sources for _, sources in self.columns], union(self.parts), certain)


def read_select(select: exp.Select, outer: Scope) -> Relation:
    """What a SELECT returns."""
    scope = outer.inner()
    rows = [read_from(select, scope)]
    scope.windows = {item.this.name.lower(): item for item in select.args.get("windows") or ()}
    projected = _project(select, scope)
    rows += [depends(select.args.get(key), scope) for key in ("where", "qualify")]
    rows += [_groups(select, projected, scope), _having(select, scope)]
    rows += [*scope.multipliers, *_distinct(select, projected, scope)]
    made = Relation(
        columns=unique_names(projected.columns),
        rows=union(rows).as_rows(),
        order=scope.order,
        passes=projected.passes,
        complete=projected.complete,
        otherwise=projected.otherwise,
    )
    return _cut(select, made, _order(select, projected.places, scope), scope)


def sorted_and_cut(node: exp.Expr, relation: Relation, scope: Scope) -> Relation:
    """A query with the ORDER BY and LIMIT that stand behind it."""
    inner = scope.inner()
    inner.relations = {"": relation}
    columns = [sources for _, sources in relation.columns]
    whole = scope.whole(relation) if node.args.get("order") else NOTHING
    places = _Places(columns, whole, relation.enumerable)
    return _cut(node, relation, _order(node, places, inner), inner)


def _cut(node: exp.Expr, relation: Relation, order: Sources, scope: Scope) -> Relation:
    limits = [node.args.get(key) for key in ("limit", "offset", "sample")]
    if node.args.get("order"):
        relation = replace(relation, order=order)
    if not any(limits) and not _distinct_on(node):
        return relation
    cut = union((relation.order, scope.order, *(depends(limit, scope) for limit in limits)))
    return replace(relation, rows=relation.rows | cut.as_rows())


def _project(select: exp.Select, scope: Scope) -> _Projected:
    projected = _Projected([], [])
    for node in select.expressions:
        if is_star(node):
            found = starred(node, scope, depends)
            projected.star(found, scope.whole(found) if _needs_places(select) else found.everything)
        else:
            _expression(node, projected, scope)
    return projected


def _needs_places(select: exp.Select) -> bool:
    """Whether something besides the list itself asks what its expressions depend on."""
    return any(select.args.get(key) for key in ("distinct", "group", "order"))


def _expression(node: exp.Expr, projected: _Projected, scope: Scope) -> None:
    name, value = _name(node), node.unalias()
    scope.expanded = None
    found = depends(value, scope)
    projected.parts.append(found)
    if scope.expanded is not None:
        projected.columns += _repeated(name if node.alias else None, value, scope)
        return
    projected.columns.append((name, found))
    if isinstance(value, exp.Explode) and (not node.alias or value.expressions):
        projected.otherwise = (projected.otherwise or NOTHING) | found
    if name is not None and node.alias:
        scope.aliases[name] = found


def _repeated(alias: str | None, value: exp.Expr, scope: Scope) -> Iterator[Named]:
    """An expression over `columns(…)`: one column for each that it stands for."""
    listed = scope.expanded.columns if scope.expanded is not None else ()
    for name, sources in listed:
        scope.only = name
        found = depends(value, scope) if name is not None else sources
        yield (alias.replace(_AS_COLUMN, name or "") if alias else name), found
    scope.only = None


def _name(node: exp.Expr) -> str | None:
    """The name of a column of the list, where the text says it."""
    if node.alias:
        return node.alias.lower()
    bare = node.unnest()
    return bare.name.lower() if isinstance(bare, exp.Column) else None


def _groups(select: exp.Select, projected: _Projected, scope: Scope) -> Sources:
    clause = select.args.get("group")
    if clause is None:
        return NOTHING
    if clause.args.get("all"):
        pairs = zip(select.expressions, projected.parts, strict=True)
        return union(sources for node, sources in pairs if surely_plain(node) or _unsure(node))
    return _listed(clause.expressions, projected.places, scope, aliases_first=False)


def _unsure(node: exp.Expr) -> bool:
    """Whether only the engine knows that a function in it is no aggregate."""
    return node.find(exp.AggFunc) is None


def _having(select: exp.Select, scope: Scope) -> Sources:
    """A name in HAVING may be an alias or a column: the engine takes the one that is grouped."""
    clause = select.args.get("having")
    if clause is None:
        return NOTHING
    names = {column.name.lower() for column in clause.find_all(exp.Column) if not column.table}
    aliased = [scope.aliases[name] for name in names if name in scope.aliases]
    return union((depends(clause, scope), *aliased))


def _distinct_on(node: exp.Expr) -> exp.Expr | None:
    distinct = node.args.get("distinct")
    return distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None


def _distinct(select: exp.Select, projected: _Projected, scope: Scope) -> Iterator[Sources]:
    if select.args.get("distinct") is None:
        return
    on = _distinct_on(select)
    if on is None:
        yield from projected.parts
    else:
        nodes = on.expressions if isinstance(on, exp.Tuple) else [on]
        yield _listed(nodes, projected.places, scope, aliases_first=True)


def _order(node: exp.Expr, places: _Places, scope: Scope) -> Sources:
    clause = node.args.get("order")
    nodes = [item.this for item in clause.expressions] if clause is not None else []
    return _listed(nodes, places, scope, aliases_first=True)


def _listed(
    nodes: Iterable[exp.Expr], places: _Places, scope: Scope, *, aliases_first: bool
) -> Sources:
    """The entries of GROUP BY or ORDER BY: expressions, aliases, places in the list, ALL."""
    return union(_entry(node, places, scope, aliases_first) for node in nodes)


def _entry(node: exp.Expr, places: _Places, scope: Scope, aliases_first: bool) -> Sources:
    if isinstance(node, exp.Literal) and not node.is_string:
        return places.at(node.name)
    if isinstance(node, exp.Var) and node.name.upper() == "ALL":
        return places.whole
    if isinstance(node, exp.Column) and not node.table and aliases_first:
        alias = scope.aliases.get(node.name.lower())
        if alias is not None:
            return alias
    return depends(node, scope)
