"""Derive what a query returns: SELECT, UNION and their kin, VALUES, with the CTEs before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from mesh_platform.lineage.sql.expressions import depends, word_of_pivot
from mesh_platform.lineage.sql.from_clause import renamed
from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.select import read_select, sorted_and_cut
from mesh_platform.lineage.sql.sources import NOTHING, Named, Relation, union


def read_query(node: exp.Expr, outer: Scope) -> Relation:
    """Return what a query returns.

    Args:
        node: the query.
        outer: the scope it stands in, whose columns it may name.
    """
    scope = outer
    if clause := node.args.get("with_"):
        scope = outer.inner()
        for cte in clause.expressions:
            scope.ctes[cte.alias.lower()] = _cte(cte, scope)
    match node:
        case exp.Select():
            return read_select(node, scope)
        case exp.SetOperation():
            return sorted_and_cut(node, _combined(node, scope), scope)
        case exp.Values():
            return _values(node, scope)
        case exp.Subquery() if isinstance(node.this, exp.Query | exp.Values):
            return sorted_and_cut(node, read_query(node.this, scope), scope)
        case exp.Subquery() | exp.Table():
            inner = node.this if isinstance(node, exp.Subquery) else node
            return read_select(
                exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner)), scope
            )
    word = word_of_pivot(node) if isinstance(node, exp.Pivot) else node.key.upper()
    doubt = scope.reading.partly_unread(f"{word} cannot be followed")
    return Relation(rows=doubt, otherwise=doubt)


def _cte(cte: exp.Expr, scope: Scope) -> Relation:
    name, alias = cte.alias.lower(), cte.args.get("alias")
    recursive = cte.parent is not None and cte.parent.args.get("recursive")
    if not recursive or not isinstance(cte.this, exp.SetOperation):
        return renamed(read_query(cte.this, scope), alias, scope)
    inner = scope.inner()
    found = inner.ctes[name] = renamed(read_query(cte.this.this, inner), alias, inner)
    again = renamed(read_query(cte.this, inner), alias, inner)
    while again != found:  # sources are only added, and there are not endlessly many
        found = inner.ctes[name] = again
        again = renamed(read_query(cte.this, inner), alias, inner)
    return found


def _values(node: exp.Expr, scope: Scope) -> Relation:
    rows = [
        [depends(cell, scope) for cell in row.expressions]
        for row in node.expressions
        if isinstance(row, exp.Tuple)
    ]
    columns = [
        (f"col{index}", union(cells)) for index, cells in enumerate(zip(*rows, strict=False))
    ]
    return Relation(columns=tuple(columns))


def _combined(node: exp.SetOperation, scope: Scope) -> Relation:
    left, right = read_query(node.this, scope), read_query(node.expression, scope)
    rows = [left.rows, right.rows]
    if not isinstance(node, exp.Union) or node.args.get("distinct"):
        rows += [side.as_rows() for side in (scope.whole(left), scope.whole(right))]
    made = _by_name(left, right) if node.args.get("by_name") else _by_place(left, right, scope)
    if not isinstance(node, exp.Union):
        made = left
    return replace(made, rows=union(rows), order=union((left.order, right.order)))


def _by_name(left: Relation, right: Relation) -> Relation:
    names = dict.fromkeys([*left.by_name, *right.by_name])
    found = [
        (name, [side.find(name) or side.suppose(name) for side in (left, right)]) for name in names
    ]
    return _beside(
        left, right, [(name, union(s for s in both if s is not None)) for name, both in found]
    )


def _by_place(left: Relation, right: Relation, scope: Scope) -> Relation:
    """Columns in the same place; where places are not known, all of the right may be meant."""
    for side in (left, right):
        scope.reading.by_place(side)
    if left.enumerable and right.enumerable and len(left.columns) == len(right.columns):
        pairs = zip(left.columns, right.columns, strict=True)
        return _beside(left, right, [(name, a | b) for (name, a), (_, b) in pairs])
    if not left.columns and not right.columns and left.passes == right.passes:
        return _beside(left, right, [])
    doubt = scope.reading.doubt("which columns of a UNION belong together is not known")
    mixed = union((right.everything, doubt))
    return replace(
        _beside(left, right, [(name, sources | mixed) for name, sources in left.columns]),
        otherwise=union((left.otherwise or NOTHING, right.otherwise or NOTHING, mixed)),
    )


def _beside(left: Relation, right: Relation, columns: Iterable[Named]) -> Relation:
    others = [side.otherwise for side in (left, right) if side.otherwise is not None]
    return Relation(
        columns=tuple(columns),
        passes=left.passes | right.passes,
        complete=left.complete and right.complete,
        otherwise=union(others) if others else None,
    )
