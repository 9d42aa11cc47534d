"""Finds the column that a query names and nothing that it reads has.

The query is bound again, not run: what the engine says then holds names of the query and of
columns, and no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.checks.sql import quoted
from mesh_platform.engines.duckdb.session import Connection, QueryError, mount, open_session
from mesh_platform.engines.duckdb.views import View

_NAMED = re.compile(r'(?:[Cc]olumn(?: named)?|Alias with name) "([^"]+)"')
Held = dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that is not there, and the columns of each view by its schema and name."""

    name: str
    held: Held


def unknown_column(warehouse: Path, views: Iterable[View], sql: str) -> UnknownColumn | None:
    """The column for which a query cannot be bound, or None where that is not what is wrong.

    Args:
        warehouse: the file in which the tables are that the query reads.
        views: what was mounted beside them.
        sql: the query.

    Raises:
        MeshError: the file cannot be opened.
    """
    with open_session(warehouse) as session:
        mounted = tuple(views)
        mount(session, mounted)
        try:
            session.execute(f"explain {sql}")
        except QueryError as error:
            found = _NAMED.search(str(error))
            if found is None or not str(error).startswith("Binder Error"):
                return None
            held = {(view.schema, view.name): _columns(session, view) for view in mounted}
            return UnknownColumn(found[1], held)
    return None


def _columns(session: Connection, view: View) -> tuple[str, ...]:
    relation = f"mesh.{quoted(view.schema)}.{quoted(view.name)}"
    return tuple(row[0] for row in session.execute(f"describe {relation}").fetchall())
