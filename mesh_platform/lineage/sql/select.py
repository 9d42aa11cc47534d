"""Derive what one SELECT returns: its columns, and everything that decides its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from mesh_platform.lineage.sql.expressions import depends, surely_plain
from mesh_platform.lineage.sql.from_clause import read_from
from mesh_platform.lineage.sql.projection import Places, Projected, project
from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.sources import NOTHING, Relation, Sources, union, unique_names


def read_select(select: exp.Select, outer: Scope) -> Relation:
    """Return what a SELECT returns."""
    scope = outer.inner()
    rows = [read_from(select, scope)]
    scope.windows = {item.this.name.lower(): item for item in select.args.get("windows") or ()}
    projected = project(select, scope)
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
    places = Places(columns, whole, relation.enumerable)
    return _cut(node, relation, _order(node, places, inner), inner)


def _cut(node: exp.Expr, relation: Relation, order: Sources, scope: Scope) -> Relation:
    limits = [node.args.get(key) for key in ("limit", "offset", "sample")]
    if node.args.get("order"):
        relation = replace(relation, order=order)
    if not any(limits) and not _distinct_on(node):
        return relation
    cut = union((relation.order, scope.order, *(depends(limit, scope) for limit in limits)))
    return replace(relation, rows=relation.rows | cut.as_rows())


def _groups(select: exp.Select, projected: Projected, scope: Scope) -> Sources:
    clause = select.args.get("group")
    if clause is None:
        return NOTHING
    if clause.args.get("all"):
        pairs = zip(select.expressions, projected.parts, strict=True)
        return union(sources for node, sources in pairs if surely_plain(node) or _unsure(node))
    nodes = [part for node in clause.expressions for part in _grouped(node)]
    return _listed(nodes, projected.places, scope, aliases_first=False)


def _grouped(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what GROUP BY groups by; inside GROUPING SETS and its kin places count as outside."""
    if not isinstance(node, exp.GroupingSets | exp.Cube | exp.Rollup):
        yield node
        return
    for part in node.expressions:
        inside = part.expressions if isinstance(part, exp.Tuple) else [part.unnest()]
        yield from (each for item in inside for each in _grouped(item))


def _unsure(node: exp.Expr) -> bool:
    """Tell whether only the engine knows that a function in it is no aggregate."""
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


def _distinct(select: exp.Select, projected: Projected, scope: Scope) -> Iterator[Sources]:
    if select.args.get("distinct") is None:
        return
    on = _distinct_on(select)
    if on is None:
        yield from projected.parts
    else:
        nodes = on.expressions if isinstance(on, exp.Tuple) else [on]
        yield _listed(nodes, projected.places, scope, aliases_first=True)


def _order(node: exp.Expr, places: Places, scope: Scope) -> Sources:
    clause = node.args.get("order")
    nodes = [item.this for item in clause.expressions] if clause is not None else []
    found = _listed(nodes, places, scope, aliases_first=True)
    if isinstance(node.parent, exp.Array) and any(map(_is_all, nodes)):
        # the engine moves the order into an aggregate, where ALL is all that FROM brings
        found |= union(scope.whole(relation) for relation in scope.relations.values())
    return found


def _listed(
    nodes: Iterable[exp.Expr], places: Places, scope: Scope, *, aliases_first: bool
) -> Sources:
    """The entries of GROUP BY or ORDER BY: expressions, aliases, places in the list, ALL."""
    return union(_entry(node, places, scope, aliases_first) for node in nodes)


def _is_all(node: exp.Expr) -> bool:
    return isinstance(node, exp.Var) and node.name.upper() == "ALL"


def _entry(node: exp.Expr, places: Places, scope: Scope, aliases_first: bool) -> Sources:
    if isinstance(node, exp.Literal) and not node.is_string:
        return places.at(node.name)
    if _is_all(node):
        return places.whole
    if isinstance(node, exp.Column) and not node.table and aliases_first:
        alias = scope.aliases.get(node.name.lower())
        if alias is not None:
            return alias
    return depends(node, scope)
