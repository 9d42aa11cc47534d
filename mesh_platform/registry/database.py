"""Opens the registry's database and brings its tables up to date."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError

from mesh_platform.errors import MeshError
from mesh_platform.registry.schema import HEAD

_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(url: str) -> Engine:
    """Open a database, SQLite by file or any that SQLAlchemy knows by URL, with current tables.

    Raises:
        MeshError: it cannot be opened, or a newer platform wrote it.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    try:
        if _revision(engine) != HEAD:
            _prepare(engine)
    except DatabaseError as error:
        raise MeshError(
            f"the registry {engine.url.render_as_string()} cannot be opened: {error.orig}",
            fix="check the path and its permissions, or run `mesh doctor`",
        ) from error
    return engine


def _prepare(engine: Engine) -> None:
    """Migrate, one process at a time; SQLite remembers the journal mode in its file."""
    if engine.dialect.name != "sqlite":
        migrate(engine)
        return
    with FileLock(f"{engine.url.database}.lock"):
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma journal_mode = wal")
        if _revision(engine) != HEAD:
            migrate(engine)


def migrate(engine: Engine) -> None:
    """Apply the migrations that this database lacks; two processes at once do it once.

    Raises:
        MeshError: the database is newer than this platform.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("begin immediate"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise MeshError(
                f"the registry was written by a newer platform ({error})",
                fix="install the newer mesh-platform",
            ) from error
        connection.commit()


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(
            text("select version_num from alembic_version")
        ).scalar()
        return revision


def _configure_sqlite(connection, _record) -> None:  # type: ignore[no-untyped-def]
    """Readers never wait for a writer, writers wait for each other, and keys are enforced."""
    connection.execute("pragma busy_timeout = 30000")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
