"""Spell a statement so that the aliases of its tables make no difference.

A statement in which a name is ambiguous stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.expressions import Expr
    from sqlglot.optimizer.scope import Scope

_NUMBERED = re.compile(r"_\d+")
_QUALIFIED = 2
"""Number of parts in the name of a column that is qualified by its table."""


def without_aliases(statement: Expr) -> Expr:
    """Return the statement with tables by number and without needless qualifiers."""
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify_tables import qualify_tables
    from sqlglot.optimizer.scope import traverse_scope

    try:
        if any(map(_is_doubtful, traverse_scope(statement))):
            return statement
        spelt = qualify_tables(statement.copy(), canonicalize_table_aliases=True, dialect="duckdb")
        scopes = traverse_scope(spelt)
    except (SqlglotError, RecursionError):
        return statement
    for scope in scopes:
        if _has_one_source(scope) and _is_closed(scope):
            _drop_qualifiers(scope)
    _number_common_tables(spelt, scopes)
    return spelt


def _number_common_tables(statement: Expr, scopes: list[Scope]) -> None:
    """Call each common table expression by its number; a recursive one keeps its name."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    if any(each.recursive for each in statement.find_all(exp.With)):
        return
    numbers = {id(each.this): n for n, each in enumerate(statement.find_all(exp.CTE))}
    read = [source for scope in scopes for source in scope.selected_sources.values()]
    for node, source in read:
        number = numbers.get(id(source.expression)) if isinstance(source, Scope) else None
        if isinstance(node, exp.Table) and number is not None:
            node.set("this", exp.to_identifier(f"__common_{number}"))
    for number, each in enumerate(statement.find_all(exp.CTE)):
        each.args["alias"].set("this", exp.to_identifier(f"__common_{number}"))


def _is_doubtful(scope: Scope) -> bool:
    """Tell whether a name may mean a whole row of a table, or looks like a numbered alias."""
    names = set[str]()
    around: Scope | None = scope
    while around is not None:
        names |= {name.lower() for name in around.selected_sources}
        around = around.parent
    columns = (each.parts for each in scope.columns if len(each.parts) != _QUALIFIED)
    rows = any(parts[0].name.lower() in names for parts in columns)
    return rows or any(map(_NUMBERED.fullmatch, names))


def _has_one_source(scope: Scope) -> bool:
    return len(scope.selected_sources) == 1


def _is_closed(scope: Scope) -> bool:
    """Tell whether no column inside the scope can come from a query around it."""
    if scope.parent is None:
        return True
    if scope.is_udtf or (scope.is_subquery and scope.parent.selected_sources):
        return False
    beside = scope.is_derived_table and not _has_one_source(scope.parent)
    return not beside and _is_closed(scope.parent)


def _drop_qualifiers(scope: Scope) -> None:
    """Remove the table from the name of each column that is clear without it.

    A column keeps its table where an alias in the query has the same name as the column.
    """
    from sqlglot import expressions

    (name,) = scope.selected_sources
    called = {each.alias.lower() for each in scope.expression.find_all(expressions.Alias)}
    for column in scope.columns:
        inside = column.find_ancestor(expressions.Select) is scope.expression
        own = len(column.parts) == _QUALIFIED and column.table == name
        if inside and own and column.name.lower() not in called:
            column.set("table", None)
