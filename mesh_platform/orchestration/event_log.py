"""Dagster's SQLite event log with connections kept open, for one process that writes many events.

The stock storage opens a database for every statement: a build's some 700 events then cost more
than its SQL. Files and tables are the stock storage's own, so the UI and the daemon read the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_BUSY_SECONDS = 30


class OpenSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock storage, with one engine per database file for the life of the process."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> OpenSqliteEventLogStorage:
        """Dagster's way to make a storage from the instance's configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        engines: dict[str, Engine] = self.__dict__.setdefault("_engines", {})
        if shard not in engines:
            engines[shard] = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
            self._initdb(engines[shard])
            self._initialized_dbs.add(shard)
            event.listen(engines[shard], "connect", _flush_less)
            engines[shard].dispose()
        return engines[shard]


def _flush_less(connection, _record) -> None:  # type: ignore[no-untyped-def]
    """Leave flushing to SQLite's checkpoints: a crash cannot corrupt, only lose the last events."""
    connection.execute("pragma synchronous = normal")
