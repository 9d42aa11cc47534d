"""Compare SQL texts by meaning, and list the columns and tables that a query reads.

Spacing and comments make no difference.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mesh_platform.model.changes.sql_aliases import without_aliases

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_PLACEHOLDER = re.compile(r"\$?\{(\w+)\}")
_SAME_PLACEHOLDERS = {"table": "object", "schema": "object", "column": "property"}
"""Map each placeholder that has two names in the standard to the name that is used here."""
_MATTERS = re.compile(r"['\"]|--")
"""Match signs after which spacing may change the meaning: quotes and line comments."""
_DEEPEST = 200
_OWN = "__object__"


Names = frozenset[str]
"""Names by which a contract calls its own table, in lower case."""
OWN_NAMES = (_OWN, "port")
"""Names by which every contract may call its own table."""


def same_sql(
    old: object, new: object, names_old: Names = frozenset(), names_new: Names = frozenset()
) -> bool:
    """Tell whether two queries mean the same.

    Two texts that cannot be parsed must be the same word for word; where one has quotes or `--`,
    letter for letter.

    Args:
        old: the query before.
        new: the query now.
        names_old: names by which the query before may call the table of its contract.
        names_new: such names now.
    """
    if not (isinstance(old, str) and isinstance(new, str)):
        return old == new
    old, new = _PLACEHOLDER.sub(_as_name, old), _PLACEHOLDER.sub(_as_name, new)
    alike = old == new or (old.split() == new.split() and not _MATTERS.search(old))
    if alike and names_old == names_new:
        return True
    first = _normal(old, names_old)
    return first is not None and first == _normal(new, names_new)


@functools.lru_cache(maxsize=1024)
def columns_of(query: str) -> tuple[str, ...]:
    """Return the column names that a query uses; none where it cannot be parsed."""
    from sqlglot import expressions

    found = (each for statement in _read(query) for each in statement.find_all(expressions.Column))
    return tuple(dict.fromkeys(each.name for each in found))


@functools.lru_cache(maxsize=1024)
def tables_of(query: str) -> frozenset[tuple[str, ...]]:
    """Return the tables that a query reads, each as the parts of its name in lower case.

    A placeholder is one part, such as `__object__`. A common table expression counts as the tables
    that it reads, where the query uses it. A query that cannot be parsed gives none.
    """
    from sqlglot import expressions

    statements = _read(query)
    named: dict[str, list[Expr]] = {}
    for statement in statements:
        for each in statement.find_all(expressions.CTE):
            named.setdefault(each.alias.lower(), []).append(each.this)
    found, todo, seen = set[tuple[str, ...]](), [*statements], set[str]()
    while todo:
        for node in todo.pop().walk(prune=lambda node: isinstance(node, expressions.With)):
            if isinstance(node, expressions.Table) and not isinstance(node.this, expressions.Func):
                parts = tuple(part.name.lower() for part in node.parts)
                if len(parts) > 1 or parts[0] not in named:
                    found.add(parts)
                elif parts[0] not in seen:
                    seen.add(parts[0])
                    todo += named[parts[0]]
    return frozenset(found)


@functools.lru_cache(maxsize=1024)
def _normal(query: str, own: Names) -> tuple[str, ...] | None:
    """Return the statements in one spelling, or None where the query cannot be parsed."""
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

    found = [normalize_identifiers(each, dialect="duckdb") for each in _read(query)]
    spelt = [without_aliases(_called_alike(each, own)) for each in found]
    return (
        tuple(each.sql(dialect="duckdb", comments=False, identify=True) for each in spelt) or None
    )


def _called_alike(statement: Expr, own: Names) -> Expr:
    """Rename the contract's own table to its placeholder, also as a qualifier of columns."""
    from sqlglot import expressions

    taken = {each.alias.lower() for each in statement.find_all(expressions.CTE)}
    aliases = {each.alias.lower() for each in statement.find_all(expressions.Table)} | taken
    for table in statement.find_all(expressions.Table):
        if _name(table.parts) in own - taken:
            _call_own(table, ("this", "db", "catalog"))
    for column in statement.find_all(expressions.Column):
        if _name(column.parts[:-1]) in own - aliases:
            _call_own(column, ("table", "db", "catalog"))
    return statement


def _name(parts: Iterable[Expr]) -> str:
    return ".".join(part.name.lower() for part in parts)


def _call_own(node: Expr, keys: tuple[str, ...]) -> None:
    from sqlglot import expressions

    for key in keys:
        node.set(key, expressions.to_identifier(_OWN) if key == keys[0] else None)


def _read(query: str) -> list[Expr]:
    import sqlglot
    from sqlglot.errors import SqlglotError

    if query.count("(") > _DEEPEST:
        return []
    text = _PLACEHOLDER.sub(_as_name, query)
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        return [found for found in sqlglot.parse(text, read="duckdb") if found is not None]
    except (SqlglotError, RecursionError):
        return []
    finally:
        logger.disabled = before


def _as_name(match: re.Match[str]) -> str:
    return f"__{_SAME_PLACEHOLDERS.get(match[1], match[1])}__"
