"""The memory of how well the mesh kept its policies: written where there is news, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select

from mesh_platform.state.records import ComplianceRecord, PolicyVersionRecord
from mesh_platform.state.rows import utc
from mesh_platform.state.schema import compliance, policy_version

_ALONE = {
    "sqlite": "begin immediate",
    "postgresql": "lock table compliance in share row exclusive mode",
}
"""Holds other recorders off until the transaction ends: between looking and writing, nobody may."""


class ComplianceReader:
    """Everything that can be asked of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(self, scope: str, name: str) -> list[ComplianceRecord]:
        """Everything that was noted of a scope, oldest first."""
        asked = (compliance.c.scope == scope) & (compliance.c.name == name)
        query = select(compliance).where(asked).order_by(compliance.c.id)
        with self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(query)]

    def names(self) -> set[tuple[str, str]]:
        """All scopes of which something was ever noted, also those that are gone."""
        query = select(compliance.c.scope, compliance.c.name).distinct()
        with self._engine.connect() as connection:
            return {(row.scope, row.name) for row in connection.execute(query)}

    def versions(self, digests: Iterable[str]) -> dict[str, PolicyVersionRecord]:
        """Return what the rules were."""
        query = select(policy_version).where(policy_version.c.digest.in_(set(digests)))
        with self._engine.connect() as connection:
            found = [
                PolicyVersionRecord(row.digest, row.rules) for row in connection.execute(query)
            ]
        return {version.digest: version for version in found}


class ComplianceHistory(ComplianceReader):
    """A reader that may also write."""

    def record(
        self, records: Sequence[ComplianceRecord], version: PolicyVersionRecord
    ) -> list[ComplianceRecord]:
        """Note how all scopes stand; what says the same as the last time is left out.

        Args:
            records: one for each scope, all measured by the same rules.
            version: the rules.

        Returns:
            What was news.
        """
        with self._engine.begin() as connection:
            if alone := _ALONE.get(connection.dialect.name):
                connection.exec_driver_sql(alone)
            last = _last(connection)
            news = [r for r in records if not _is_known(r, last.get((r.scope, r.name)))]
            if news:
                _keep(connection, version)
                connection.execute(insert(compliance), [_values(record) for record in news])
        return news


def _last(connection: Connection) -> dict[tuple[str, str], ComplianceRecord]:
    newest = select(func.max(compliance.c.id)).group_by(compliance.c.scope, compliance.c.name)
    rows = connection.execute(select(compliance).where(compliance.c.id.in_(newest)))
    return {(row.scope, row.name): _record(row) for row in rows}


def _is_known(record: ComplianceRecord, last: ComplianceRecord | None) -> bool:
    return last is not None and record.says_the_same(last)


def _keep(connection: Connection, version: PolicyVersionRecord) -> None:
    known = select(policy_version.c.digest).where(policy_version.c.digest == version.digest)
    if connection.execute(known).first() is None:
        connection.execute(insert(policy_version).values(**asdict(version)))


def _values(record: ComplianceRecord) -> dict[str, Any]:
    values = asdict(record)
    values["mesh_commit"] = values.pop("commit")
    return values


def _record(row: Row[Any]) -> ComplianceRecord:
    values = dict(row._mapping)
    del values["id"]
    values["commit"], values["at"] = values.pop("mesh_commit"), utc(row.at)
    return ComplianceRecord(**values)
