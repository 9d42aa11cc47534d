"""Tells whether the engine can read a regular expression: its dialect is nobody else's."""

from __future__ import annotations

from collections.abc import Iterable

from mesh_platform.engine.session import Connection, QueryError, open_session


def pattern_problems(patterns: Iterable[str]) -> list[str | None]:
    """What the engine says against each pattern, or None where it can read it."""
    listed = list(patterns)
    if not listed:
        return []
    session = open_session()
    try:
        return [_problem(session, pattern) for pattern in listed]
    finally:
        session.close()


def _problem(session: Connection, pattern: str) -> str | None:
    try:
        session.execute("select regexp_matches('', $1)", [pattern])
    except QueryError as error:
        return f"the pattern `{pattern}` cannot be read: {str(error).splitlines()[0]}"
    return None
