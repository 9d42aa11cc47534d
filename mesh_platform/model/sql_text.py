"""Parse SQL that people write."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def parsed(text: str) -> list[exp.Expr]:
    """Return the statements of a text.

    Raises:
        SqlglotError: it is not SQL of DuckDB.
        RecursionError: its parts are nested deeper than the parser can follow.
    """
    import sqlglot

    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True  # it logs what the caller says better
    try:
        return [found for found in sqlglot.parse(text, read="duckdb") if found is not None]
    except RecursionError:
        raise RecursionError("it is nested too deeply") from None
    finally:
        logger.disabled = before
