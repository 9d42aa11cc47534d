"""Asks DuckDB whether it can evaluate expressions and parse SQL, before there is any data."""

from __future__ import annotations

from collections.abc import Collection

from mesh_platform.engines.duckdb.session import Connection, QueryError, open_session, seal

_AT_ONCE = 200
"""Expressions of one query; of one that fails each is asked alone."""


def refusals(expressions: Collection[str]) -> dict[str, str]:
    """Return what the engine says against each expression that it cannot evaluate."""
    if not expressions:
        return {}
    session = open_session(threads=1)
    try:
        seal(session, ())
        wanted = sorted(expressions)
        groups = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
        return {text: said for group in groups for text, said in _of_group(session, group).items()}
    finally:
        session.close()


def unparsed(statements: Collection[str]) -> frozenset[str]:
    """Return the statements that are no SQL of DuckDB; none of them is run."""
    if not statements:
        return frozenset()
    session = open_session(threads=1)
    try:
        return frozenset(text for text in statements if not _is_parsed(session, text))
    finally:
        session.close()


def _is_parsed(session: Connection, text: str) -> bool:
    try:
        session.extract_statements(text)
    except QueryError:
        return False
    return True


def _of_group(session: Connection, group: list[str]) -> dict[str, str]:
    if _refusal(session, ", ".join(group)) is None:
        return {}
    answers = ((text, _refusal(session, text)) for text in group)
    return {text: said for text, said in answers if said is not None}


def _refusal(session: Connection, text: str) -> str | None:
    try:
        session.execute(f"select {text}").fetchall()
    except QueryError as error:
        return str(error).splitlines()[0]
    return None
