"""Whether two texts are the same SQL: spacing, comments and the case of words say nothing."""

from __future__ import annotations

import functools
import logging
import re

_PLACEHOLDER = re.compile(r"\$?\{(\w+)\}")
_MATTERS = re.compile(r"['\"]|--")
"""Signs after which spacing may say something."""
_DEEPEST = 200


def same_sql(old: object, new: object) -> bool:
    """Compare two queries by what they say; text that is no SQL by its letters."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return old == new
    if old.split() == new.split() and not _MATTERS.search(old):
        return True
    first = _normal(old)
    return first is not None and first == _normal(new)


@functools.lru_cache(maxsize=1024)
def _normal(query: str) -> tuple[str, ...] | None:
    """Statements in one spelling, or None where they cannot be read."""
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

    if query.count("(") > _DEEPEST:
        return None
    text = _PLACEHOLDER.sub(lambda match: f"__{match[1]}__", query)
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        read = [found for found in sqlglot.parse(text, read="duckdb") if found is not None]
        found = [normalize_identifiers(statement, dialect="duckdb") for statement in read]
        return tuple(each.sql(dialect="duckdb", comments=False) for each in found)
    except (SqlglotError, RecursionError):
        return None
    finally:
        logger.disabled = before
