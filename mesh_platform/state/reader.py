"""Reads the registry: the releases, what they were made of, what their checks said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from mesh_platform.state.compliance import ComplianceReader
from mesh_platform.state.database import RegistryError
from mesh_platform.state.records import Attempt, CheckCounts, CheckRecord, ContractRecord, State
from mesh_platform.state.rows import to_attempt, to_check
from mesh_platform.state.schema import (
    attempt,
    attempt_foreign_input,
    attempt_input,
    attempt_port,
    check_result,
    contract,
    current,
    port_file,
    setting,
)
from mesh_platform.state.writes import next_number


class RegistryReader:
    """Everything that can be asked of the registry."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def compliance(self) -> ComplianceReader:
        """Return how well the mesh kept its policies."""
        return ComplianceReader(self._engine)

    def current(self, product: str) -> Attempt | None:
        """The release that consumers of a product read now, whole."""
        return self._one(
            select(attempt)
            .join(current, current.c.attempt_id == attempt.c.id)
            .where(current.c.product == product)
        )

    def all_current(self) -> dict[str, Attempt]:
        """The current release of every product, in one look."""
        found = self._many(select(attempt).join(current, current.c.attempt_id == attempt.c.id))
        return {item.product: item for item in found}

    def get(self, attempt_id: str) -> Attempt | None:
        """One attempt by id."""
        return self._one(select(attempt).where(attempt.c.id == attempt_id))

    def release(self, product: str, number: int) -> Attempt | None:
        """One release of a product by its number."""
        return self._one(
            select(attempt).where(attempt.c.product == product, attempt.c.number == number)
        )

    def products(self) -> list[str]:
        """Every product that was ever released, by name."""
        query = select(attempt.c.product).where(attempt.c.state == State.RELEASED).distinct()
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def releases(self, product: str) -> list[Attempt]:
        """All releases of a product, newest first."""
        return self._many(
            select(attempt)
            .where(attempt.c.product == product, attempt.c.state == State.RELEASED)
            .order_by(attempt.c.number.desc())
        )

    def last_attempts(self) -> dict[str, Attempt]:
        """The latest attempt at every product, released or not."""
        latest = (
            select(attempt.c.product, func.max(attempt.c.started_at).label("at"))
            .group_by(attempt.c.product)
            .subquery()
        )
        found = self._many(
            select(attempt).join(
                latest,
                (attempt.c.product == latest.c.product) & (attempt.c.started_at == latest.c.at),
            )
        )
        return {item.product: item for item in found}

    def newest(self) -> dict[str, Attempt]:
        """The newest release of every product: not the current one where somebody rolled back."""
        latest = (
            select(attempt.c.product, func.max(attempt.c.number).label("number"))
            .group_by(attempt.c.product)
            .subquery()
        )
        same = (attempt.c.product == latest.c.product) & (attempt.c.number == latest.c.number)
        return {item.product: item for item in self._many(select(attempt).join(latest, same))}

    def unfinished(self, product: str) -> list[Attempt]:
        """Attempts that a crash left behind, oldest first."""
        return self._many(
            select(attempt)
            .where(
                attempt.c.product == product,
                attempt.c.state.in_([State.BUILDING, State.VERIFIED]),
            )
            .order_by(attempt.c.started_at)
        )

    def interrupted(self) -> set[str]:
        """Products with an attempt that is under way, or that a crash left behind."""
        states = [State.BUILDING, State.VERIFIED]
        query = select(attempt.c.product).where(attempt.c.state.in_(states)).distinct()
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def release_count(self) -> int:
        """Return how many releases of all products there are."""
        query = select(func.count()).where(attempt.c.state == State.RELEASED)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def next_number(self, product: str) -> int:
        """The number of the next release; only the product's builder may rely on it."""
        with self._engine.connect() as connection:
            return next_number(connection, product)

    def setting(self, name: str) -> str | None:
        """Return what was set under a name."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(setting.c.value).where(setting.c.name == name)
            ).scalar()

    def checks(self, attempt_id: str) -> list[CheckRecord]:
        """Return what the checks of an attempt said, in the contract's order."""
        query = (
            select(check_result)
            .where(check_result.c.attempt_id == attempt_id)
            .order_by(check_result.c.port, check_result.c.position)
        )
        with self._engine.connect() as connection:
            return [to_check(row) for row in connection.execute(query)]

    def checks_of_kind(self, kind: str, attempt_ids: Iterable[str]) -> dict[str, list[CheckRecord]]:
        """Return what checks of one kind said, for each attempt that has any, in one look."""
        ids = list(attempt_ids)
        asked = check_result.c.attempt_id.in_(ids) & (check_result.c.kind == kind)
        found: dict[str, list[CheckRecord]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(select(check_result).where(asked)):
                found.setdefault(row.attempt_id, []).append(to_check(row))
        return found

    def contract(self, digest: str) -> ContractRecord | None:
        """The promise of that digest, if a build was ever held against it."""
        with self._engine.connect() as connection:
            row = connection.execute(select(contract).where(contract.c.digest == digest)).first()
        return ContractRecord(**row._mapping) if row else None

    def check_counts(self, attempt_ids: Iterable[str]) -> dict[str, CheckCounts]:
        """Number of checks by outcome, for each attempt."""
        ids = list(attempt_ids)
        query = (
            select(check_result.c.attempt_id, check_result.c.outcome, func.count())
            .where(check_result.c.attempt_id.in_(ids))
            .group_by(check_result.c.attempt_id, check_result.c.outcome)
        )
        found: dict[str, dict[str, int]] = {attempt_id: {} for attempt_id in ids}
        with self._engine.connect() as connection:
            for attempt_id, outcome, count in connection.execute(query).tuples():
                found[attempt_id][outcome] = count
        return {attempt_id: CheckCounts(**counts) for attempt_id, counts in found.items()}

    def _one(self, query: Select[Any]) -> Attempt | None:
        found = self._many(query)
        return found[0] if found else None

    def _many(self, query: Select[Any]) -> list[Attempt]:
        """Attempts with their ports and inputs, which no longer change once it is released."""
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            ids = [row.id for row in rows]
            ports = _by_attempt(connection, attempt_port, ids)
            inputs = _by_attempt(connection, attempt_input, ids)
            foreign = _by_attempt(connection, attempt_foreign_input, ids)
            files = _by_attempt(connection, port_file, ids)
        for attempt_id, found in foreign.items():
            inputs.setdefault(attempt_id, []).extend(found)
        parts = [[table.get(row.id, ()) for table in (ports, files, inputs)] for row in rows]
        attempts = [to_attempt(row, *part) for row, part in zip(rows, parts, strict=True)]
        for item in attempts:
            _refuse_lost_files(item)
        return attempts


def _refuse_lost_files(item: Attempt) -> None:
    """Refuse a release without files: each port was written as one at least.

    Raises:
        RegistryError: the registry has lost them.
    """
    lost = next((port.port for port in item.ports if not port.files), None)
    if item.state is State.RELEASED and lost is not None:
        raise RegistryError(
            f"the registry has lost which files port `{lost}` of {item.product} has in release"
            f" {item.number}",
            fix="mesh doctor --rebuild-registry",
        )


def _by_attempt(connection: Connection, table: Any, ids: list[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    query = select(table).where(table.c.attempt_id.in_(ids)).order_by(*table.primary_key.columns)
    for row in connection.execute(query) if ids else ():
        found.setdefault(row.attempt_id, []).append(row)
    return found
