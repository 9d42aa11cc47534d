"""Compare SQL texts by meaning, and list the columns and tables that a query reads.

Spacing and comments make no difference.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mesh_platform.contract_diff.sql_aliases import without_aliases
from mesh_platform.contract_diff.sql_forms import in_one_form, with_brackets
from mesh_platform.model.sql_text import parsed

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_PLACEHOLDER = re.compile(r"\$?\{(\w+)\}")
_SCHEMA_OF_TABLE = re.compile(r"\$?\{schema\}\s*\.\s*(?=\$?\{(?:object|table)\})")
"""Match the schema in `${schema}.${table}`, which is the table alone."""
_SAME_PLACEHOLDERS = {"table": "object", "schema": "object", "column": "property"}
"""Map each placeholder that has two names in the standard to the name that is used here."""
_MATTERS = re.compile(r"['\"]|--")
"""Match signs after which spacing may change the meaning: quotes and line comments."""
_OWN = "__object__"
OWN_NAMES = (_OWN, "port")
"""Names by which every contract may call its own table."""


class Own(NamedTuple):
    """What a query may call the table and the column that it is written at.

    Args:
        names: names of the table, in lower case.
        column: SQL of the column that `${property}` stands for; empty where it stands for none.
    """

    names: frozenset[str] = frozenset()
    column: str = ""


_NO_OWN = Own()


def same_sql(old: object, new: object, own_old: Own = _NO_OWN, own_new: Own = _NO_OWN) -> bool:
    """Tell whether two queries mean the same.

    Args:
        old: the query before.
        new: the query now.
        own_old: what the query before may call its own table and column.
        own_new: the same for the query now.
    """
    if not (isinstance(old, str) and isinstance(new, str)):
        return old == new
    if own_old == own_new and _words(_filled(old, own_old)) == _words(_filled(new, own_new)):
        return True
    return spelling(old, own_old) == spelling(new, own_new)


def spelling(query: str, own: Own) -> tuple[str, ...]:
    """Spell a query in one way: two that mean the same are spelt the same.

    Two texts that cannot be parsed are the same word for word; where one has quotes or `--`,
    letter for letter.
    """
    text = _filled(query, own)
    return _normal(text, own.names) or ("", *sorted(own.names), *_words(text))


def _words(text: str) -> tuple[str, ...]:
    return (text,) if _MATTERS.search(text) else tuple(text.split())


def _filled(query: str, own: Own = _NO_OWN) -> str:
    """Write one name for each placeholder, and the column itself."""

    def named(match: re.Match[str]) -> str:
        name = _SAME_PLACEHOLDERS.get(match[1], match[1])
        return own.column if own.column and name == "property" else f"__{name}__"

    return _PLACEHOLDER.sub(named, _SCHEMA_OF_TABLE.sub("", query))


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
def _normal(query: str, names: frozenset[str]) -> tuple[str, ...]:
    """Return the statements in one spelling; none where the query cannot be parsed or followed."""
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

    try:
        found = [normalize_identifiers(each, dialect="duckdb") for each in _read(query)]
        alike = [without_aliases(in_one_form(_called_alike(each, names))) for each in found]
        spelt = [with_brackets(each) for each in alike]
        return tuple(each.sql(dialect="duckdb", comments=False, identify=True) for each in spelt)
    except RecursionError:  # a long sum is a deep tree
        return ()


def _called_alike(statement: Expr, own: frozenset[str]) -> Expr:
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
    from sqlglot.errors import SqlglotError

    try:
        return parsed(_filled(query))
    except (SqlglotError, RecursionError):
        return []
