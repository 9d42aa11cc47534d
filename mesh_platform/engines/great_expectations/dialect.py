"""Lets SQLAlchemy read an open DuckDB session: Great Expectations speaks SQL only through it.

Small on purpose: it reads, in the session it is given, and nothing else. It opens no database,
starts no transaction and refuses what is not one SELECT. Everything about tables is asked of
DuckDB's own catalog functions.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Connection as SqlConnection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.sql.compiler import GenericTypeCompiler, IdentifierPreparer
from sqlalchemy.types import TypeEngine

from mesh_platform.engines.duckdb.session import Connection

ROWS_AT_MOST = 100_000
"""Rows that one statement may bring into memory; an expectation that needs more is refused."""
URL = "meshduckdb://"
_FAMILIES: dict[str, type[TypeEngine[Any]]] = {
    "BOOLEAN": sa.Boolean,
    "TINYINT": sa.SmallInteger,
    "SMALLINT": sa.SmallInteger,
    "INTEGER": sa.Integer,
    "BIGINT": sa.BigInteger,
    "HUGEINT": sa.BigInteger,
    "UTINYINT": sa.SmallInteger,
    "USMALLINT": sa.Integer,
    "UINTEGER": sa.BigInteger,
    "UBIGINT": sa.BigInteger,
    "UHUGEINT": sa.BigInteger,
    "FLOAT": sa.Float,
    "DOUBLE": sa.Double,
    "DECIMAL": sa.Numeric,
    "VARCHAR": sa.String,
    "ENUM": sa.String,
    "UUID": sa.Uuid,
    "BLOB": sa.LargeBinary,
    "DATE": sa.Date,
    "TIME": sa.Time,
    "TIMESTAMP": sa.DateTime,
    "TIMESTAMP WITH TIME ZONE": sa.DateTime,
    "INTERVAL": sa.Interval,
}


class RefusedStatementError(duckdb.ProgrammingError):
    """A statement that this dialect does not run, or whose result is too large to hold."""


class BufferedCursor:
    """Holds a result, so that it can be read after the session has run something else."""

    arraysize = 1

    def __init__(self, session: Connection) -> None:
        self._session = session
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[Any] | None = None
        self.rowcount = -1

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> None:
        """Run one SELECT and keep its rows."""
        statements = self._session.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise RefusedStatementError("an expectation may run one SELECT, nothing else")
        result = self._session.execute(statements[0], list(parameters))
        self.description = list(result.description or [])
        rows = result.fetchmany(ROWS_AT_MOST + 1)
        if len(rows) > ROWS_AT_MOST:
            result.fetchall()
            raise RefusedStatementError(
                f"it would bring more than {ROWS_AT_MOST:,} rows into memory"
            )
        self._rows, self.rowcount = rows, len(rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Take the next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Take the next rows."""
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Take all rows that are left."""
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []


class BorrowedConnection:
    """A session that belongs to the caller: never closed here, and without transactions."""

    def __init__(self, session: Connection) -> None:
        self._session = session

    def cursor(self) -> BufferedCursor:
        """Open a cursor on the session."""
        return BufferedCursor(self._session)

    def commit(self) -> None:
        """Do nothing: DuckDB commits each statement."""

    def rollback(self) -> None:
        """Do nothing: nothing is ever written."""

    def close(self) -> None:
        """Do nothing: the session stays with who opened it."""


class _Quoted(IdentifierPreparer):
    """Quotes every name: DuckDB's reserved words are not those SQLAlchemy knows."""

    def quote(self, ident: str, force: Any = None) -> str:  # noqa: ARG002
        return self.quote_identifier(ident)


class _Types(GenericTypeCompiler):
    """DuckDB's FLOAT has 32 bits and its bare NUMERIC three decimals: neither may round a check."""

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: N802, ARG002
        return "DOUBLE"

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:  # noqa: N802
        return "DOUBLE" if type_.precision is None else super().visit_NUMERIC(type_, **kw)


class DuckDBDialect(DefaultDialect):
    """What SQLAlchemy must know of DuckDB to read it."""

    name = "duckdb"
    driver = "mesh"
    default_paramstyle = "qmark"
    supports_statement_cache = True
    supports_native_boolean = True
    div_is_floordiv = False
    preparer = _Quoted
    type_compiler_cls = _Types
    DremioDialect = True
    """Great Expectations then writes `REGEXP_MATCHES(column, pattern)`, which DuckDB means too."""

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Name the module that holds the exceptions."""
        return duckdb

    def _get_default_schema_name(self, connection: SqlConnection) -> str:  # noqa: ARG002
        return "main"

    def get_schema_names(self, connection: SqlConnection, **_: Any) -> list[str]:
        """List the schemas of the session's database."""
        query = "select schema_name from duckdb_schemas() where database_name = current_database()"
        return [row[0] for row in connection.exec_driver_sql(query)]

    def get_table_names(
        self, connection: SqlConnection, schema: str | None = None, **_: Any
    ) -> list[str]:
        """List the tables of a schema."""
        return self._named(connection, "table", schema)

    def get_view_names(
        self, connection: SqlConnection, schema: str | None = None, **_: Any
    ) -> list[str]:
        """List the views of a schema."""
        return self._named(connection, "view", schema)

    def _named(self, connection: SqlConnection, kind: str, schema: str | None) -> list[str]:
        query = (
            f"select {kind}_name from duckdb_{kind}s() where schema_name = ? and not internal"
            " and database_name = current_database()"
        )
        return [row[0] for row in connection.exec_driver_sql(query, (schema or "main",))]

    def has_table(
        self, connection: SqlConnection, table_name: str, schema: str | None = None, **_: Any
    ) -> bool:
        """Tell whether there is such a table or view."""
        return bool(_columns(connection, table_name, schema))

    def get_columns(
        self, connection: SqlConnection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[ReflectedColumn]:
        """Describe the columns of a table or view, types in DuckDB's words.

        Raises:
            sqlalchemy.exc.NoSuchTableError: there is no such table.
        """
        found = _columns(connection, table_name, schema)
        if not found:
            raise sa.exc.NoSuchTableError(table_name)
        return [
            {"name": name, "type": type_class(kind)(), "nullable": nullable, "default": None}
            for name, kind, nullable in found
        ]


def _columns(
    connection: SqlConnection, table: str, schema: str | None
) -> Sequence[tuple[str, str, bool]]:
    query = (
        "select column_name, data_type, is_nullable from duckdb_columns() where table_name = ?"
        " and schema_name = ? and database_name = current_database() order by column_index"
    )
    rows = connection.exec_driver_sql(query, (str(table), schema or "main"))
    return [(row[0], row[1], row[2]) for row in rows]


@functools.cache
def type_class(text: str) -> type[TypeEngine[Any]]:
    """Class of a DuckDB type; that of `DECIMAL(9,2)` is a kind of `DECIMAL`, called as DuckDB does.

    Great Expectations holds types against each other by `isinstance` and shows the class's name.
    """
    family = "LIST" if text.endswith("]") else text.partition("(")[0]
    if family == text:
        base: type[TypeEngine[Any]] = _FAMILIES.get(text, sa.types.NullType)
    else:
        base = type_class(family)
    return type(text, (base,), {"cache_ok": True})


class TypeNames:
    """Stands where Great Expectations looks for a dialect's types by name: asks DuckDB itself."""

    __name__ = "duckdb"
    name = "duckdb"
    DremioDialect = True

    def __init__(self, session: Connection) -> None:
        self._session = session

    def __getattr__(self, text: str) -> type[TypeEngine[Any]]:
        """Find the class of a type by any name that DuckDB has for it."""
        try:
            known = str(self._session.sqltype(text))
        except duckdb.Error as error:
            raise AttributeError(text) from error
        bare = known.startswith("DECIMAL(") and "(" not in text
        return type_class("DECIMAL" if bare else known)


def engine_options(session: Connection) -> dict[str, Any]:
    """Make SQLAlchemy able to open `URL` on a session; returns arguments of `create_engine`."""
    registry.register("meshduckdb", __name__, DuckDBDialect.__name__)
    return {"creator": lambda: BorrowedConnection(session), "poolclass": sa.pool.StaticPool}
