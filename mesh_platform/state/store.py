"""Reads and writes the registry. Who only reads gets a `RegistryReader`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update

from mesh_platform.state.compliance import ComplianceHistory, ComplianceReader
from mesh_platform.state.database import RegistryError
from mesh_platform.state.records import (
    Attempt,
    CheckCounts,
    CheckRecord,
    ContractRecord,
    PortRecord,
    State,
)
from mesh_platform.state.rows import (
    attempt_values,
    check_rows,
    file_rows,
    to_attempt,
    to_check,
)
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
from mesh_platform.state.writes import (
    change,
    end,
    free_number,
    insert_parts,
    insert_rows,
    keep_contracts,
    make_current_release,
    next_number,
    point,
    set_table_versions,
)


class RegistryReader:
    """Everything that can be asked of the registry."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def compliance(self) -> ComplianceReader:
        """How well the mesh kept its policies."""
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
        """How many releases of all products there are."""
        query = select(func.count()).where(attempt.c.state == State.RELEASED)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def next_number(self, product: str) -> int:
        """The number of the next release; only the product's builder may rely on it."""
        with self._engine.connect() as connection:
            return next_number(connection, product)

    def setting(self, name: str) -> str | None:
        """What was set under a name."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(setting.c.value).where(setting.c.name == name)
            ).scalar()

    def checks(self, attempt_id: str) -> list[CheckRecord]:
        """What the checks of an attempt said, in the contract's order."""
        query = (
            select(check_result)
            .where(check_result.c.attempt_id == attempt_id)
            .order_by(check_result.c.port, check_result.c.position)
        )
        with self._engine.connect() as connection:
            return [to_check(row) for row in connection.execute(query)]

    def checks_of_kind(self, kind: str, attempt_ids: Iterable[str]) -> dict[str, list[CheckRecord]]:
        """What checks of one kind said, for each attempt that has any, in one look."""
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


class Registry(RegistryReader):
    """A reader that may also write; each method is one transaction."""

    @property
    def compliance(self) -> ComplianceHistory:
        """How well the mesh kept its policies."""
        return ComplianceHistory(self._engine)

    def begin(self, item: Attempt, contracts: Iterable[ContractRecord] = ()) -> None:
        """Note an attempt, and the files it is going to write, before the first of them exists.

        Args:
            item: the attempt.
            contracts: the promises it will be held against.
        """
        with self._engine.begin() as connection:
            keep_contracts(connection, contracts)
            connection.execute(insert(attempt).values(**attempt_values(item)))
            insert_parts(connection, item)

    def record(
        self,
        attempt_id: str,
        state: State,
        ports: Sequence[PortRecord],
        checks: Sequence[CheckRecord],
        *,
        reason: str | None = None,
    ) -> None:
        """Note what an attempt wrote and what its checks said; `state` is verified or failed."""
        with self._engine.begin() as connection:
            change(
                connection, attempt_id, state=state, reason=reason, **end(connection, attempt_id)
            )
            if ports:
                connection.execute(delete(port_file).where(port_file.c.attempt_id == attempt_id))
                insert_rows(connection, port_file, attempt_id, file_rows(ports))
            insert_rows(connection, check_result, attempt_id, list(check_rows(checks)))

    def release_now(
        self, attempt_id: str, table_versions: dict[str, int], at: datetime | None = None
    ) -> int:
        """Make a verified attempt the current release of its product, all ports together.

        Args:
            attempt_id: the attempt, verified.
            table_versions: Delta version of each port.
            at: the moment; None means now.

        Returns:
            The number of the release.

        Raises:
            MeshError: the attempt is not verified.
        """
        with self._engine.begin() as connection:
            return make_current_release(
                connection, attempt_id, table_versions, at or datetime.now(UTC)
            )

    def promote_now(
        self,
        checks: Mapping[str, Sequence[CheckRecord]],
        table_versions: Mapping[str, dict[str, int]],
        at: datetime | None = None,
    ) -> dict[str, int]:
        """Make attempts of several products current together; they took what another release took.

        Args:
            checks: what the checks of each attempt said when its data was built.
            table_versions: Delta version of each port, for each attempt.
            at: the moment; None means now.

        Returns:
            The number of each release.
        """
        numbers, moment = {}, at or datetime.now(UTC)
        with self._engine.begin() as connection:
            for attempt_id, versions in table_versions.items():
                insert_rows(
                    connection, check_result, attempt_id, list(check_rows(checks[attempt_id]))
                )
                seconds = connection.execute(
                    select(attempt.c.seconds).where(attempt.c.id == attempt_id)
                ).scalar()
                change(connection, attempt_id, state=State.VERIFIED)
                numbers[attempt_id] = make_current_release(connection, attempt_id, versions, moment)
                change(connection, attempt_id, seconds=seconds)
        return numbers

    def restore(
        self,
        releases: Sequence[Attempt],
        checks: Mapping[str, Sequence[CheckRecord]],
        contracts: Iterable[ContractRecord],
        current_ids: Mapping[str, str],
    ) -> None:
        """Note releases that were made before this registry, with the numbers they had.

        A number that is taken by then gives way to the next one; a pin on a release that nobody
        knows is left out.

        Args:
            releases: whole, oldest first.
            checks: what the checks of each said.
            contracts: the promises they were held against.
            current_ids: the release that becomes current, by product.
        """
        with self._engine.begin() as connection:
            keep_contracts(connection, contracts)
            for item in releases:
                number = free_number(connection, item)
                values = attempt_values(replace(item, number=number))
                connection.execute(insert(attempt).values(**values))
            known: set[str] = set(connection.execute(select(attempt.c.id)).scalars())
            for item in releases:
                pins = (p for p in item.inputs if p.environment or p.release_id in known)
                insert_parts(connection, replace(item, inputs=tuple(pins)))
                rows = list(check_rows(checks.get(item.id, ())))
                insert_rows(connection, check_result, item.id, rows)
            for product, attempt_id in current_ids.items():
                point(connection, product, attempt_id)

    def withdraw_failures(self, product: str) -> None:
        """Note that what made earlier attempts fail is gone, without a new release."""
        with self._engine.begin() as connection:
            connection.execute(
                update(attempt)
                .where(attempt.c.product == product, attempt.c.state == State.FAILED)
                .values(state=State.WITHDRAWN)
            )

    def point_to(self, item: Attempt) -> None:
        """Make an earlier release current again."""
        with self._engine.begin() as connection:
            point(connection, item.product, item.id)

    def move(self, attempt_id: str, port: str, table_version: int) -> None:
        """Note where a port's release is in a Delta log that was written again."""
        with self._engine.begin() as connection:
            set_table_versions(connection, attempt_id, {port: table_version})

    def let_go(self, product: str) -> None:
        """Have no current release of a product here: another environment's is read again."""
        with self._engine.begin() as connection:
            connection.execute(delete(current).where(current.c.product == product))

    def set(self, name: str, value: str | None) -> None:
        """Remember something under a name, or forget it."""
        with self._engine.begin() as connection:
            connection.execute(delete(setting).where(setting.c.name == name))
            if value is not None:
                connection.execute(insert(setting).values(name=name, value=value))


def _by_attempt(connection: Connection, table: Any, ids: list[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    query = select(table).where(table.c.attempt_id.in_(ids)).order_by(*table.primary_key.columns)
    for row in connection.execute(query) if ids else ():
        found.setdefault(row.attempt_id, []).append(row)
    return found
