"""The expression behind a column of a query, as the query writes it."""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


def expression_of(query: str, column: str) -> str | None:
    """The expression that a query returns as a column; None where it is not one of its text.

    A `select *` from a CTE is followed; of a union no branch is chosen.
    """
    try:
        node = parse_one(query, read="duckdb")
        found = _expression(node, column.lower(), {})
        return found.sql(dialect="duckdb", comments=False) if found is not None else None
    except (SqlglotError, RecursionError):
        return None


def is_union(query: str) -> bool:
    """Tell whether the rows of a query come from several SELECTs."""
    try:
        return isinstance(parse_one(query, read="duckdb"), exp.SetOperation)
    except (SqlglotError, RecursionError):
        return False


def _expression(node: exp.Expr, column: str, ctes: dict[str, exp.Expr]) -> exp.Expr | None:
    if not isinstance(node, exp.Select):
        return None
    ctes = ctes | {cte.alias.lower(): cte.this for cte in node.ctes}
    for item in node.expressions:
        if item.alias_or_name.lower() == column and not item.is_star:
            found: exp.Expr = item.unalias()
            return found
    source = node.args.get("from_")
    is_passed_on = [item.is_star for item in node.expressions] == [True]
    if not is_passed_on or source is None or node.args.get("joins"):
        return None
    name = source.this.name.lower()
    inner = source.this.this if isinstance(source.this, exp.Subquery) else ctes.pop(name, None)
    return _expression(inner, column, ctes) if inner is not None else None
