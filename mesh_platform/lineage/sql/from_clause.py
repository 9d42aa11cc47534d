"""Read what FROM brings into a query: tables, subqueries, functions, and their joins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from mesh_platform.checks.sql_rules import function_name, reaches_outside
from mesh_platform.lineage.sql.expressions import depends, pivot_doubt
from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.sources import NOTHING, Named, Relation, Sources, base_table, union
from mesh_platform.lineage.sql.stars import name_parts

_HALF = ("SEMI", "ANTI")
_JSON = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")
_COLUMNS = {"json_each": _JSON, "json_tree": _JSON}
"""Columns of functions in FROM; one that is not here may have any."""


def read_from(select: exp.Expr, scope: Scope) -> Sources:
    """Bring the tables of a query into its scope; what they and their joins say of its rows."""
    clause = select.args.get("from_")
    first = [clause.this] if clause is not None else []
    found = [_add(node, scope) for node in (*first, *(select.args.get("laterals") or ()))]
    return union((*found, *_joins(select, scope)))


def renamed(relation: Relation, alias: exp.Expr | None, scope: Scope) -> Relation:
    """A relation under the column names that its alias lists, as in `t(a, b)`."""
    given = alias.args.get("columns") if alias is not None else None
    if not given:
        return relation
    names = [item.name.lower() for item in given]
    scope.reading.by_place(relation)
    columns: list[Named] = list(relation.columns)
    if len(columns) < len(names):
        columns += [(None, _beyond(relation, scope))] * (len(names) - len(columns))
    new = [(name, sources) for name, (_, sources) in zip(names, columns, strict=False)]
    return Relation(
        columns=(*new, *columns[len(new) :]),
        rows=relation.rows,
        order=relation.order,
        otherwise=relation.otherwise,
    )


def _beyond(relation: Relation, scope: Scope) -> Sources:
    """A column that a relation has in a place beyond those that are known."""
    if relation.otherwise is not None and relation.complete:
        return relation.otherwise
    return relation.everything | scope.reading.doubt("columns are renamed that are not known")


def _joins(node: exp.Expr, scope: Scope) -> Iterator[Sources]:
    for join in node.args.get("joins") or ():
        yield _join(join, scope)


def _add(node: exp.Expr, scope: Scope) -> Sources:
    """Bring one item of FROM into the scope, with the joins that hang on it."""
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table) and not node.alias:
        found = _add(node.this, scope)
    else:
        alias = node.args.get("alias")
        relation = renamed(_item(node, scope), alias, scope)
        name = (node.alias_or_name or "").lower() or f"#{len(scope.relations)}"
        scope.relations[name] = relation
        found = relation.rows
    if node.args.get("sample"):
        found |= scope.order.as_rows()
    return union((found, *_joins(node, scope)))


def _item(node: exp.Expr, scope: Scope) -> Relation:
    if node.args.get("pivots") or isinstance(node, exp.Pivot):
        return _pivoted(node, scope)
    if isinstance(node, exp.Table) and not isinstance(node.this, exp.Func):
        return _named(node, scope)
    inner = node.this if isinstance(node, exp.Table | exp.Lateral) else node
    if isinstance(inner, exp.Func | exp.Unnest) and not isinstance(inner, exp.Query):
        return _function(inner, node.alias.lower(), scope)
    return scope.reading.read_query(inner, scope)


def _named(table: exp.Expr, scope: Scope) -> Relation:
    parts = name_parts(table)
    if len(parts) == 1 and parts[0] in scope.ctes:
        return scope.ctes[parts[0]]
    found, relation = scope.reading.find_table(parts)
    scope.reading.tables[found] = None
    if relation is not None:
        return relation
    doubt = scope.reading.partly_unread(f"`{found}` is neither an input nor a model of the product")
    unknown = base_table(found, ())
    return Relation(rows=unknown.rows | doubt, passes=unknown.passes)


def _function(call: exp.Expr, alias: str, scope: Scope) -> Relation:
    """A table made by a function: its columns and rows depend on the arguments."""
    found = union(depends(part, scope) for part in call.iter_expressions())
    if isinstance(call, exp.Func) and reaches_outside(call):
        name = function_name(call)
        scope.reading.outside[name] = None
        found |= scope.reading.doubt(f"`{name}` reads what is no input of the product")
    names = _function_columns(call, alias)
    columns = tuple((name, found) for name in names)
    return Relation(columns, found.as_rows(), otherwise=None if names else found)


def _function_columns(call: exp.Expr, alias: str) -> tuple[str, ...]:
    if isinstance(call, exp.Unnest | exp.Explode):
        numbered = ("ordinality",) if call.args.get("offset") else ()
        return (alias or "unnest", *numbered)
    if isinstance(call, exp.GenerateSeries):
        return (alias or ("range" if call.args.get("is_end_exclusive") else "generate_series"),)
    return _COLUMNS.get(call.name.lower(), ())


def _pivoted(node: exp.Expr, scope: Scope) -> Relation:
    """PIVOT: what it reads is known, what becomes of it is not."""
    inner = scope.inner()
    table = node.this if isinstance(node, exp.Pivot) else node.copy()
    if not isinstance(node, exp.Pivot):
        table.set("pivots", None)
    rows = _add(table, inner)
    found = union((*(inner.whole(item) for item in inner.relations.values()), rows))
    pivot = node if isinstance(node, exp.Pivot) else node.args["pivots"][0]
    found |= pivot_doubt(pivot, scope)
    scope.reading.mentioned |= found.values
    return Relation(rows=found.as_rows(), otherwise=found)


def _join(join: exp.Expr, scope: Scope) -> Sources:
    before = dict(scope.relations)
    found = [_add(join.this, scope)]
    new = [name for name in scope.relations if name not in before]
    if join.args.get("method") == "NATURAL":
        found.append(_natural(join, scope, before, new))
    keys = [key.name.lower() for key in join.args.get("using") or ()]
    found += [_using(join, key, scope, before, new) for key in keys]
    found.append(depends(join.args.get("on"), scope))
    if join.args.get("method") == "POSITIONAL":
        found.append(scope.order)
    if join.args.get("kind") in _HALF:
        for name in new:
            del scope.relations[name]
    return union(found).as_rows()


def _natural(join: exp.Expr, scope: Scope, before: dict[str, Relation], new: list[str]) -> Sources:
    right = [scope.relations[name] for name in new]
    if not all(item.enumerable for item in (*before.values(), *right)):
        return scope.reading.doubt("which columns a natural join compares is not known")
    there = {name for item in before.values() for name in item.by_name}
    shared = [name for item in right for name in item.by_name if name in there]
    return union(_using(join, name, scope, before, new) for name in shared)


def _using(
    join: exp.Expr, key: str, scope: Scope, before: dict[str, Relation], new: list[str]
) -> Sources:
    """Both sides of a column in `using`; what the one column that is left of them comes from."""
    left = scope.merged.get(key) or _side(key, list(before), scope)
    right = _side(key, new, scope)
    side = join.args.get("side")
    merged = right if side == "RIGHT" else left | right if side == "FULL" else left
    if join.args.get("kind") not in _HALF:
        scope.merged[key] = merged
        homes = [(name, key) for name in before if key in before[name].by_name]
        home = next((item for item in homes if scope.shown.get(item, NOTHING) is not None), None)
        if home is not None:
            scope.shown[home] = merged
        scope.shown |= {(name, key): None for name in new}
    return left | right


def _side(key: str, names: list[str], scope: Scope) -> Sources:
    """A column of `using` on one side of the join."""
    side = Scope(scope.reading, {})
    side.relations = {name: scope.relations[name] for name in names}
    return side.name((key,))
