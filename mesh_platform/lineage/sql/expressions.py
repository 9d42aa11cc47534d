"""Collect what an expression depends on: every column in it, and all queries inside it.

A function that nobody knows is a function of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from mesh_platform.lineage.sql.carried import conditions, weight
from mesh_platform.lineage.sql.methods import hidden_names, is_method
from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.sources import NOTHING, Relation, Sources, union
from mesh_platform.lineage.sql.stars import is_star, name_parts, starred

_IN_ORDER = (exp.ArrayAgg, exp.GroupConcat, exp.First, exp.Last, exp.AnyValue)
"""Aggregates whose result depends on the order in which rows come."""
_HAS_FIELDS = (
    *(exp.Array, exp.Bracket, exp.Column, exp.Dot, exp.Explode, exp.Struct, exp.StructExtract),
    *(exp.Unnest, exp.Cast, exp.Coalesce, exp.Case, exp.If, exp.Try, exp.Subquery),
    *(exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.First, exp.Last),
    *(exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Window, exp.Filter),
    *(exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup, exp.ArrayConcat, exp.ArraySlice),
    *(exp.ArrayFilter, exp.Flatten, exp.Paren, exp.Order),
)
"""Expressions that return a part of them as it is: a field of them is that of the part.

A list stands for its elements: DuckDB takes fields from elements only. Any other expression mixes
what it is made of: `max`, a sorted list and a distinct one compare all fields with each other.
"""
_HAS_FIELDS_BY_NAME = frozenset(
    {"arbitrary", "arg_max", "arg_min", "max_by", "min_by", "list", "list_value", "list_concat"}
    | {"list_extract", "list_element", "element_at", "list_first", "list_last", "list_any_value"}
    | {"list_slice", "list_append", "array_extract", "unnest"}
)
_MULTIPLIES = frozenset({"generate_subscripts", "unnest"})
_AGGREGATE_UNSURE = (exp.Anonymous, exp.AnonymousAggFunc)


def depends(node: exp.Expr | None, scope: Scope) -> Sources:
    """Return what the value of an expression depends on."""
    if node is None:
        return NOTHING
    return union(_parts(node, scope))


def _has_fields(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return node.name.lower() in _HAS_FIELDS_BY_NAME
    return isinstance(node, _HAS_FIELDS)


def surely_plain(node: exp.Expr) -> bool:
    """Tell whether no part of an expression can be an aggregate."""
    return not any(isinstance(part, (exp.AggFunc, *_AGGREGATE_UNSURE)) for part in _level(node))


def _level(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of an expression, without those of the queries inside it."""
    todo = [node]
    while todo:
        part = todo.pop()
        yield part
        if not isinstance(part, exp.Query):
            todo.extend(part.iter_expressions())


def _parts(node: exp.Expr, scope: Scope) -> Iterator[Sources]:
    todo = [(node, False)]
    while todo:
        part, mixed = todo.pop()
        mixed = mixed or not _has_fields(part)
        special = _SPECIAL.get(type(part))
        if special is not None:
            found = special(part, scope)
            yield found.whole() if mixed else found
            continue
        if isinstance(part, _IN_ORDER) and not part.find(exp.Order):
            yield scope.order.as_rows()
        if weigh := weight(part):
            yield weigh(union(_parts_below(part, scope))).whole()
            continue
        decides = conditions(part)
        yield from (union(_parts(each, scope)).tested().whole() for each in decides.values())
        todo.extend((each, mixed) for each in part.iter_expressions() if id(each) not in decides)


def _column(node: exp.Expr, scope: Scope) -> Sources:
    return _star(node, scope) if is_star(node) else scope.name(name_parts(node))


def _star(node: exp.Expr, scope: Scope) -> Sources:
    return scope.whole(starred(node, scope, depends))


def _columns(node: exp.Expr, scope: Scope) -> Sources:
    """`columns(…)`: one column at a time where the expression is repeated for each."""
    found = starred(node, scope, depends)
    if node.args.get("unpack"):
        return scope.whole(found)
    scope.expanded = found
    return scope.whole(found) if scope.only is None else found.by_name.get(scope.only, NOTHING)


def _count(node: exp.Expr, scope: Scope) -> Sources:
    """`count(*)` and `count(t.*)` count rows, whatever they hold."""
    if node.this is None or is_star(node.this):
        return NOTHING
    return union(_parts(node.this, scope)).tested()


def _query(node: exp.Expr, scope: Scope) -> Sources:
    """A query as a value: all that it returns, and what decides its rows."""
    relation = scope.reading.read_query(node, scope)
    order = relation.order.as_rows() if isinstance(node.parent, exp.Array) else NOTHING
    return union((scope.whole(relation), relation.rows, order))


def _exists(node: exp.Expr, scope: Scope) -> Sources:
    if isinstance(node.this, exp.Query):
        return scope.reading.read_query(node.this, scope).rows.tested()
    return union(_parts(node.this, scope)).tested()


def _window(node: exp.Expr, scope: Scope) -> Sources:
    decides = conditions(node)
    found = [union(_parts(each, scope)).tested() for each in decides.values()]
    found += [union(_parts(e, scope)) for e in node.iter_expressions() if id(e) not in decides]
    name = node.text("alias").lower()
    if name in scope.windows:
        found.append(_window(scope.windows[name], scope).tested())
    elif not node.args.get("order"):
        found.append(scope.order.as_rows())
    return union(found)


def _multiplies(node: exp.Expr, scope: Scope) -> Sources:
    found = union(_parts_below(node, scope))
    scope.multipliers.append(found)
    return found


def _anonymous(node: exp.Expr, scope: Scope) -> Sources:
    if node.name.lower() in _MULTIPLIES:
        return _multiplies(node, scope)
    found, weigh = union(_parts_below(node, scope)), weight(node)
    return weigh(found) if weigh else found


def _comprehension(node: exp.Expr, scope: Scope) -> Sources:
    """`[x + a for x in l]`: `x` is no column."""
    inner = scope.inner()
    listed = depends(node.args.get("iterator"), scope)
    names = [part.name.lower() for part in (node.expression, node.args.get("position")) if part]
    inner.relations = {"": Relation(columns=tuple((name, listed) for name in names))}
    return union((listed, depends(node.this, inner), depends(node.args.get("condition"), inner)))


def _dot(node: exp.Expr, scope: Scope) -> Sources:
    """A field of an expression, or a function called as a method of it."""
    if not isinstance(node, exp.Dot) or not is_method(node):
        field = node.expression
        if isinstance(field, exp.Identifier):
            return depends(node.this, scope).inside((field.name.lower(),))
        return union(_parts_below(node, scope)).whole()
    if node.this.find(exp.Query):
        hidden = scope.reading.doubt("a method of a subquery cannot be followed")
    else:
        hidden = union(scope.name(parts) for parts in hidden_names(node.this))
    found, weigh = union((hidden, *_parts_below(node.expression, scope))), weight(node.expression)
    return weigh(found) if weigh else found


def _cast(node: exp.Expr, scope: Scope) -> Sources:
    """A struct keeps its fields by name where it is cast to one with just the same names."""
    found, to = depends(node.this, scope), node.args["to"]
    while to.is_type(exp.DType.ARRAY, exp.DType.LIST) and to.expressions:
        to = to.expressions[0]
    names = [item.name.lower() for item in to.expressions]
    return found if sorted(names) == sorted(dict(found.fields)) else found.whole()


def _struct(node: exp.Expr, scope: Scope) -> Sources:
    """A struct that SQL builds: the whole, and each field under its name."""
    names = [_field_name(item) for item in node.expressions]
    if not all(names) or len(set(names)) < len(names):
        return union(_parts_below(node, scope)).whole()
    found = [depends(item.expression, scope) for item in node.expressions]
    fields = tuple((str(name), sources) for name, sources in zip(names, found, strict=True))
    return replace(union(sources.whole() for sources in found), fields=fields)


def _field_name(node: exp.Expr) -> str | None:
    """The name of a field; None where it has none, or is the key of a map."""
    named = isinstance(node, exp.PropertyEQ) and isinstance(node.this, exp.Identifier | exp.Literal)
    return node.this.name.lower() if named else None


def _bracket(node: exp.Expr, scope: Scope) -> Sources:
    """`s['a']` and `struct_extract(s, 'a')` are a field; `l[1]` is like all elements of a list."""
    keys = node.expressions or [node.expression]
    named = len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string
    if named:
        struct = depends(node.this, scope)
        if struct.plain or keys[0].name.lower() in dict(struct.fields):
            return struct.inside((keys[0].name.lower(),))
    decides = conditions(node)
    found = [union(_parts(each, scope)).tested() for each in decides.values()]
    found += [union(_parts(e, scope)) for e in node.iter_expressions() if id(e) not in decides]
    return union(found).whole() if named else union(found)


def _position(_node: exp.Expr, scope: Scope) -> Sources:
    return scope.reading.doubt("a column is named by its position, as in `#1`")


def pivot_doubt(node: exp.Expr, scope: Scope) -> Sources:
    """Return the doubt about columns that come from PIVOT or UNPIVOT."""
    return scope.reading.doubt(f"what {word_of_pivot(node)} makes of the columns is not followed")


def word_of_pivot(node: exp.Expr) -> str:
    """Return the word for which a node stands: sqlglot has one kind of node for both."""
    return "UNPIVOT" if node.args.get("unpivot") else "PIVOT"


def _parts_below(node: exp.Expr, scope: Scope) -> Iterator[Sources]:
    for part in node.iter_expressions():
        yield from _parts(part, scope)


_SPECIAL: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Sources]] = {
    exp.Anonymous: _anonymous,
    exp.Bracket: _bracket,
    exp.Cast: _cast,
    exp.Column: _column,
    exp.Columns: _columns,
    exp.Comprehension: _comprehension,
    exp.Count: _count,
    exp.Except: _query,
    exp.Dot: _dot,
    exp.Exists: _exists,
    exp.Explode: _multiplies,
    exp.Intersect: _query,
    exp.Pivot: pivot_doubt,
    exp.PositionalColumn: _position,
    exp.Select: _query,
    exp.Star: _star,
    exp.Struct: _struct,
    exp.StructExtract: _bracket,
    exp.Subquery: _query,
    exp.TryCast: _cast,
    exp.Union: _query,
    exp.Unnest: _multiplies,
    exp.Window: _window,
}
