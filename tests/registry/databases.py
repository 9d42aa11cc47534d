"""The databases that the registry's behaviour is tested on.

`MESH_TEST_POSTGRES` names a PostgreSQL server (`postgresql+psycopg2://user:password@host/database`)
whose schema `public` the tests may empty; without it only SQLite is tested.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POSTGRES = os.environ.get("MESH_TEST_POSTGRES")
DATABASES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'registry.db'}"
        return
    from sqlalchemy import create_engine, text

    engine = create_engine(POSTGRES or "")
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    yield POSTGRES or ""
