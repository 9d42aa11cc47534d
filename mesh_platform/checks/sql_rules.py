"""SQL in a contract is untrusted: it is parsed, and may be one SELECT over known tables.

The engine is sealed as well when it runs; this says earlier, and in plainer words, what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from mesh_platform.errors import did_you_mean
from mesh_platform.model.sql_text import parsed

if TYPE_CHECKING:
    from sqlglot import exp

_TABLE_FUNCTIONS = frozenset({"unnest", "explode", "range", "generate_series"})
_OUTSIDE = re.compile(
    r"read_|parquet_|pragma_|duckdb_|glob$|getenv$|getvariable$|current_setting$|query(_table)?$"
    r"|sniff_|scan_|http|which_secret$|write_|load_|set_config$|.*_scan$|nextval$|currval$"
)
"""Functions that read files, the network, the machine's settings, or change something."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_OBJECT = re.compile(
    r"<Token token_type: [\w.]+, text: (.*?), line: \d+[^>]*>|<class '(?:\w+\.)*(\w+)'>"
)
_JINJA = re.compile(r"\{[{%#]")
_TEXT = re.compile(r"'(?:[^']|'')*'")


def sql_problem(
    query: str, readable: Collection[tuple[str, str]], own: Collection[str] = ()
) -> str | None:
    """Say why a rule's SQL may not run, or return None where it may.

    Args:
        query: the rule, placeholders filled; `port` is the port, `previous` the port in
            the release before.
        readable: schema and view of each other port that the product may read.
        own: names that the contract has for the port's table; each means the port.
    """
    from sqlglot.errors import SqlglotError, TokenError

    if jinja := _JINJA.search(_TEXT.sub("", query)):
        return (
            f"the rule holds Jinja (`{jinja.group()}`), which only dbt renders; write plain SQL, in"
            " which `${object}` is the port and an input port is `domain.port`"
        )
    try:
        statements = parsed(query)
    except TokenError:  # its message quotes the text, in which a variable may be filled
        return "the rule is not SQL that can be read: a text in quotes or a comment does not end"
    except (SqlglotError, RecursionError) as error:
        return f"the rule is not SQL that can be read: {first_line(error)}"
    if len(statements) != 1:
        return f"the rule must be exactly one SELECT, it has {len(statements)} statements"
    others = ((schema.lower(), name.lower()) for schema, name in readable)
    known = {("port",), ("previous",), *others}
    return _statement_problem(statements[0], known | {tuple(n.lower().split(".")) for n in own})


def first_line(error: BaseException) -> str:
    """Return what a parser says, without the lines that show where, and without its own objects."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    text = _OBJECT.sub(lambda found: f"`{found.group(1) or found.group(2)}`", text)
    return text.strip().splitlines()[0] if text.strip() else "it is too deeply nested"


def _statement_problem(statement: exp.Expr, known: set[tuple[str, ...]]) -> str | None:
    from sqlglot import exp

    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        return f"the rule must be exactly one SELECT, it is {statement.key.upper()}"
    for node in statement.find_all(exp.DML, exp.DDL, exp.Into, exp.Command, exp.Describe):
        if not isinstance(node, exp.Query):
            return f"the rule must only read, it has {node.key.upper()} inside"
    problems = (*_function_problems(statement), *_table_problems(statement, known))
    return next(iter(problems), None)


def _function_problems(statement: exp.Expr) -> Iterator[str]:
    from sqlglot import exp

    for call in statement.find_all(exp.Func):
        name = function_name(call)
        in_from = call.arg_key == "this" and isinstance(
            call.parent, exp.Table | exp.From | exp.Join | exp.Lateral
        )
        if _OUTSIDE.match(name):
            yield f"the rule calls `{name}`, which reaches outside the data it may read"
        elif in_from and name not in _TABLE_FUNCTIONS:
            known = ", ".join(f"`{name}`" for name in sorted(_TABLE_FUNCTIONS - {"explode"}))
            yield f"the rule reads from `{name}`; of functions it may read from {known} only"


def reaches_outside(call: exp.Func) -> bool:
    """Tell whether a function reads files, the network, settings, or tables named by text."""
    return bool(_OUTSIDE.match(function_name(call)))


def function_name(call: exp.Func) -> str:
    """Return what a function is called, in lower case."""
    from sqlglot import exp

    return (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()


def _table_problems(statement: exp.Expr, known: set[tuple[str, ...]]) -> Iterator[str]:
    from sqlglot import exp

    named = {(cte.alias.lower(),) for cte in statement.find_all(exp.CTE)}
    own = {parts for parts in named if _WORD.fullmatch(parts[0])}
    for table in statement.find_all(exp.Table):
        parts = tuple(part.name.lower() for part in table.parts)
        if not isinstance(table.this, exp.Func) and parts not in known | own:
            name, names = ".".join(parts), map(".".join, known)
            yield (
                f"the rule reads `{name}`, which is neither the port nor an input port"
                f" of the product; {did_you_mean(name, names)}"
            )
