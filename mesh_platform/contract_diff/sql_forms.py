"""Spell what SQL can say in two forms in one: brackets, joins, counts, the name of the result."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.expressions import Expr


def in_one_form(statement: Expr) -> Expr:
    """Return the statement without forms that say nothing.

    Brackets are gone: spell the tree with `with_brackets`.
    """
    _drop_result_names(statement)
    _drop_brackets(statement)
    _drop_grouping(statement)
    _name_joins(statement)
    _count_rows(statement)
    return statement


def with_brackets(statement: Expr) -> Expr:
    """Return the statement with brackets around each operation, so that its text is its tree."""
    from sqlglot import exp

    names = (exp.Dot, exp.PropertyEQ, exp.Slice, exp.Kwarg, exp.Paren)
    for node in list(statement.find_all(exp.Binary, exp.Unary, exp.Between, exp.In)):
        if not isinstance(node, names) and node.parent is not None:
            bracket = exp.Paren()
            node.replace(bracket)
            bracket.set("this", node)
    return statement


def _drop_result_names(statement: Expr) -> None:
    """Drop the name of each result that nothing in the statement uses."""
    from sqlglot import exp

    if not isinstance(statement, exp.Select):
        return
    used = {part.name.lower() for column in statement.find_all(exp.Column) for part in column.parts}
    for each in statement.expressions:
        if isinstance(each, exp.Alias) and each.alias.lower() not in used:
            each.replace(each.this)


def _drop_brackets(statement: Expr) -> None:
    """Drop the brackets around expressions; `(a).b` is the field `a.b` where no table is `a`."""
    from sqlglot import exp

    for bracket in list(statement.find_all(exp.Paren)):
        bracket.replace(bracket.this)
    named = statement.find_all(exp.Table, exp.Subquery, exp.CTE)
    tables = {each.alias_or_name.lower() for each in named}
    for field in list(statement.find_all(exp.Dot)):
        of, name = field.this, field.expression
        is_bare = isinstance(of, exp.Column) and len(of.parts) == 1
        if is_bare and isinstance(name, exp.Identifier) and of.name.lower() not in tables:
            field.replace(exp.Column(this=name, table=of.this))


def _drop_grouping(statement: Expr) -> None:
    """Group conditions from the left: `a and (b and c)` is `a and b and c`."""
    from sqlglot import exp

    chains = list(statement.find_all(exp.And, exp.Or))
    for chain in [each for each in chains if type(each.parent) is not type(each)]:
        kind, parts = type(chain), list(_parts(chain))
        place, key, index = chain.parent, chain.arg_key, chain.index
        whole = reduce(lambda left, right: kind(this=left, expression=right), parts)
        if place is not None and key is not None:
            place.set(key, whole, index)


def _parts(chain: Expr) -> Iterator[Expr]:
    for side in (chain.this, chain.expression):
        if type(side) is type(chain):
            yield from _parts(side)
        else:
            yield side


def _name_joins(statement: Expr) -> None:
    """Drop the words that a join does not need: `inner`, `outer`, and `cross` where all are so."""
    from sqlglot import exp

    for select in statement.find_all(exp.Select):
        joins: list[exp.Join] = select.args.get("joins") or []
        for join in joins:
            if join.kind == "INNER" or (join.kind == "OUTER" and join.side):
                join.set("kind", None)
        if not any(join.side or join.method for join in joins):
            for join in joins:
                if join.kind == "CROSS":
                    join.set("kind", None)


def _count_rows(statement: Expr) -> None:
    """Spell `count(1)` as `count(*)`."""
    from sqlglot import exp

    for count in statement.find_all(exp.Count):
        if isinstance(count.this, exp.Literal):
            count.set("this", exp.Star())
