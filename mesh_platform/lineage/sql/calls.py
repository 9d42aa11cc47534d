"""Keeps the parser from losing arguments of calls.

Of some functions sqlglot keeps a unit of time as a word, whether it was text or a column, and drops
arguments that it has no place for. Under a name that it does not know it keeps all of them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sqlglot import TokenType
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

_LOSES = frozenset({"date_trunc", "datetrunc", "date_diff", "datediff", "time_bucket", "decode"})
"""Functions of DuckDB that are parsed so; a test goes through all of DuckDB's."""
_ANY = re.compile("|".join(sorted(_LOSES)), re.IGNORECASE)
_STAND_IN = "_"
"""Goes before their names."""


def with_all_arguments(text: str) -> str:
    """The text with such calls under names that the parser does not know."""
    if not _ANY.search(text):
        return text
    try:
        tokens = DuckDB().tokenize(text)
    except SqlglotError:
        return text
    calls = [
        token.start
        for token, after in pairwise(tokens)
        if token.text.lower() in _LOSES
        and after.token_type is TokenType.L_PAREN
        and token.token_type is not TokenType.IDENTIFIER
    ]
    for start in reversed(calls):
        text = f"{text[:start]}{_STAND_IN}{text[start:]}"
    return text
