"""Whether two texts are the same SQL, and what a text reads: spacing and comments say nothing."""

from __future__ import annotations

import functools
import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_PLACEHOLDER = re.compile(r"\$?\{(\w+)\}")
_SAME_PLACEHOLDERS = {"table": "object", "schema": "object", "column": "property"}
"""Placeholders of the standard that have two names; the platform fills both alike."""
_MATTERS = re.compile(r"['\"]|--")
"""Signs after which spacing may say something."""
_DEEPEST = 200


def same_sql(old: object, new: object) -> bool:
    """Compare two queries by what they say; text that is no SQL by its letters."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return old == new
    old, new = _PLACEHOLDER.sub(_as_name, old), _PLACEHOLDER.sub(_as_name, new)
    if old.split() == new.split() and not _MATTERS.search(old):
        return True
    first = _normal(old)
    return first is not None and first == _normal(new)


@functools.lru_cache(maxsize=1024)
def columns_of(query: str) -> tuple[str, ...]:
    """Names that stand where columns do; none where the query cannot be read."""
    from sqlglot import expressions

    found = (each for statement in _read(query) for each in statement.find_all(expressions.Column))
    return tuple(dict.fromkeys(each.name for each in found))


@functools.lru_cache(maxsize=1024)
def tables_of(query: str) -> frozenset[tuple[str, ...]]:
    """Tables that the answer of a query depends on, each by the parts of its name in lower case.

    A placeholder is one part, `__object__`. What a `with` names counts where it is read, as the
    tables that it reads; none where the query cannot be read.
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
def _normal(query: str) -> tuple[str, ...] | None:
    """Statements in one spelling, or None where they cannot be read."""
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

    found = [normalize_identifiers(each, dialect="duckdb") for each in _read(query)]
    return tuple(each.sql(dialect="duckdb", comments=False) for each in found) or None


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
