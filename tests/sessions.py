"""Sessions of one database in memory: to open a database takes longer than most tests need it."""

from __future__ import annotations

import functools

import duckdb


def session() -> duckdb.DuckDBPyConnection:
    """Return a session of its own, for temporary tables; what is set in it ends with it."""
    return _database().cursor()


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("set global TimeZone = 'UTC'")  # as in every session of the platform
    return database
