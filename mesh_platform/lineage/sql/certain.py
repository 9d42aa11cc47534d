"""Find what is certain in SQL: the columns that it returns, and names that mean nothing.

A finding that blocks stands on it, so it knows plain SQL only, by its kinds of parts. Of a text
with any other part in it nothing is certain, whatever lineage makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlglot import exp
from sqlglot.errors import SqlglotError

from mesh_platform.lineage.sql.stars import name_parts
from mesh_platform.model.sql_text import parsed

Parts = tuple[str, ...]
"""A name in its parts, in lower case."""
_PLAIN = frozenset(
    {exp.Add, exp.Alias, exp.All, exp.And, exp.Any, exp.AtTimeZone, exp.Between, exp.Boolean}
    | {exp.CTE, exp.Case, exp.Column, exp.DPipe, exp.DataType, exp.DataTypeParam, exp.Distinct}
    | {exp.Div, exp.EQ, exp.Except, exp.Exists, exp.Filter, exp.From, exp.GT, exp.GTE, exp.Group}
    | {exp.Having, exp.ILike, exp.Identifier, exp.If, exp.In, exp.IntDiv, exp.Intersect}
    | {exp.Interval, exp.Is, exp.Join, exp.LT, exp.LTE, exp.Like, exp.Limit, exp.Literal, exp.Mod}
    | {exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Offset}
    | {exp.Or, exp.Order, exp.Ordered, exp.Paren, exp.Qualify, exp.Select, exp.SimilarTo, exp.Star}
    | {exp.Sub, exp.Subquery, exp.Table, exp.TableAlias, exp.Tuple, exp.Union, exp.Var, exp.Where}
    | {exp.Window, exp.WindowSpec, exp.With}
)
"""Parts that are as plain as they look; functions are plain too, but for those below."""
_MAKES_NAMES = (exp.UDTF, exp.Columns, exp.Explode, exp.Pivot, exp.PositionalColumn)
"""Parts that bring columns whose names the text does not say."""
_MAKERS = frozenset({"unnest", "columns", "struct_pack", "row"})
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_NO_COLUMN = re.compile(r"user|current_.*|session_.*|local.*|system_user|rowid|default|unknown")
"""Words that stand alone and may mean something without any column."""


def told_columns(text: str) -> bool:
    """Tell whether a SELECT says the names of all its columns, or takes them from whole tables."""
    tree = _read(text)
    return tree is not None and _names_are_told(tree)


def surely_nothing(text: str, names: Collection[Parts]) -> tuple[Parts, ...]:
    """Those names of columns that the engine finds nowhere.

    Args:
        text: one SELECT.
        names: what its columns could not be resolved to.
    """
    tree = _read(text)
    if tree is None or not _names_are_told(tree) or not all(map(_is_plain, tree.walk())):
        return ()
    made = frozenset(name for name, makers in _makers(tree).items() if not _own_only(tree, makers))
    used = {name_parts(column) for column in tree.find_all(exp.Column)}
    tables = {table.alias_or_name.lower() for table in tree.find_all(exp.Table, exp.Subquery)}
    return tuple(
        name for name in names if name in used and not _may_mean_something(name, made, tables)
    )


def _may_mean_something(name: Parts, made: Collection[str], tables: Collection[str]) -> bool:
    """Tell whether a name may be one that the text itself makes, or a word of the engine."""
    own = name[1:] if name[0] in tables else name
    return len(name) > 2 or any(
        part in made or not _WORD.fullmatch(part) or _NO_COLUMN.fullmatch(part) for part in own
    )


def _read(text: str) -> exp.Expr | None:
    try:
        statements = parsed(text)
    except (SqlglotError, RecursionError):
        return None
    return statements[0] if len(statements) == 1 else None


def _is_plain(node: exp.Expr) -> bool:
    if type(node) in _PLAIN:
        return True
    return isinstance(node, exp.Func) and not isinstance(node, exp.Binary | exp.Query)


def _names_are_told(tree: exp.Expr) -> bool:
    if any(isinstance(node, _MAKES_NAMES) or _makes_names(node) for node in tree.walk()):
        return False
    named = [
        (id(table.parent_select), table.alias_or_name.lower())
        for table in tree.find_all(exp.Table, exp.Subquery)
        if table.alias_or_name and isinstance(table.parent, exp.From | exp.Join)
    ]
    return len(named) == len(set(named))


def _makes_names(node: exp.Expr) -> bool:
    """Tell whether a part, plain by its kind, hides names of columns or mixes those of tables."""
    match node:
        case exp.Table():
            found = isinstance(node.this, exp.Func) or node.args.get("joins")
        case exp.TableAlias():
            found = node.args.get("columns")
        case exp.With():
            found = node.args.get("recursive")
        case exp.Join():
            found = node.args.get("method") in ("NATURAL", "POSITIONAL")
        case exp.SetOperation() | exp.Subquery():
            found = node.args.get("order")
        case exp.Anonymous():
            found = node.name.lower() in _MAKERS
        case _:
            found = None
    return bool(found)


def _makers(tree: exp.Expr) -> dict[str, list[exp.Expr]]:
    """Names that the text itself gives to something, with the parts that do."""
    found: dict[str, list[exp.Expr]] = {}
    for node in tree.find_all(exp.Alias, exp.TableAlias, exp.CTE, exp.Table, exp.Window):
        found.setdefault(node.alias_or_name.lower(), []).append(node)
    return found


def _own_only(tree: exp.Expr, makers: Collection[exp.Expr]) -> bool:
    """Tell whether a name is made once, as a column, and used only in what makes it: `sum(a) as a`.

    No column can be referenced before it is defined.
    """
    maker = next(iter(makers))
    if (
        len(makers) > 1
        or not isinstance(maker, exp.Alias)
        or not isinstance(maker.parent, exp.Select)
    ):
        return False
    name, inside = maker.alias.lower(), {id(column) for column in maker.find_all(exp.Column)}
    uses = (column for column in tree.find_all(exp.Column) if column.name.lower() == name)
    return all(id(column) in inside for column in uses)
