"""Opens the registry's database and brings its tables up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, IntegrityError

from mesh_platform.errors import MeshError
from mesh_platform.state.schema import HEAD, metadata

_MIGRATIONS = Path(__file__).parent / "migrations"
_ALONE = {
    "sqlite": "begin immediate",
    "postgresql": "select pg_advisory_xact_lock(7310593858020254331)",
}
"""The statement that keeps other processes from migrating until the transaction ends.

The number names the lock: any will do that no other program takes on this server.
"""
_DAMAGED = ("file is not a database", "malformed", "no such table", "no such column")


class RegistryError(MeshError):
    """The registry cannot be opened, read or written."""


def open_database(url: str, before_new: Callable[[], None] = lambda: None) -> Engine:
    """Open a database, SQLite by file or any that SQLAlchemy knows by URL, with current tables.

    Args:
        url: the database.
        before_new: called before tables are made in a database that has none; may refuse it.

    Raises:
        RegistryError: it cannot be opened; later, whenever it cannot be read or written.
        MeshError: a newer platform wrote it, or the URL names no driver.
    """
    if make_url(url).drivername == "postgresql":
        raise MeshError(
            "the URL of the registry begins with `postgresql://`, which names no driver",
            fix="write `postgresql+psycopg2://`: Dagster reads the same server through psycopg2",
        )
    engine = create_engine(url)
    event.listen(engine, "handle_error", _in_words)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    if _is_new(engine) or _revision(engine) != HEAD:
        _prepare(engine, before_new)
    return engine


def look_at_all(engine: Engine) -> None:
    """Look at every table and column, and read none.

    Raises:
        RegistryError: one is missing.
    """
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.select().limit(0))


def _is_new(engine: Engine) -> bool:
    """Tell whether looking at the database would make a file, which others might take for one."""
    if engine.dialect.name != "sqlite":
        return False
    file = Path(engine.url.database or "")
    return file.parent.is_dir() and not file.exists()


def _in_words(context: ExceptionContext) -> None:
    """Say what is wrong with the database, instead of what a statement was doing."""
    original = context.original_exception
    if not isinstance(context.sqlalchemy_exception, DatabaseError) or isinstance(
        context.sqlalchemy_exception, IntegrityError
    ):
        return
    engine = context.engine
    where = engine.url.render_as_string() if engine else "the database"
    if any(word in str(original) for word in _DAMAGED):
        fix = "mesh doctor --rebuild-registry"
    else:
        fix = "check the path, its permissions and the space on the disk, then try again"
    raise RegistryError(f"the registry {where} cannot be used: {original}", fix=fix) from original


def _prepare(engine: Engine, before_new: Callable[[], None]) -> None:
    """Migrate, one process at a time; SQLite remembers the journal mode in its file."""
    if engine.dialect.name != "sqlite":
        migrate(engine)
        return
    with FileLock(f"{engine.url.database}.lock"):
        if _is_new(engine) or _revision(engine) is None:
            before_new()
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
        connection.execute(text(_ALONE[engine.dialect.name]))
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
