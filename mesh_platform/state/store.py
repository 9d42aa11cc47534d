"""Writes the registry. Who only reads gets a `RegistryReader`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from mesh_platform.state.compliance import ComplianceHistory
from mesh_platform.state.reader import RegistryReader
from mesh_platform.state.records import Attempt, CheckRecord, ContractRecord, PortRecord, State
from mesh_platform.state.rows import attempt_values, check_rows, file_rows
from mesh_platform.state.schema import attempt, check_result, current, port_file, setting
from mesh_platform.state.writes import (
    change,
    end,
    free_number,
    insert_parts,
    insert_rows,
    keep_contracts,
    make_current_release,
    point,
    set_table_versions,
)


class Registry(RegistryReader):
    """A reader that may also write; each method is one transaction."""

    @property
    def compliance(self) -> ComplianceHistory:
        """Return how well the mesh kept its policies."""
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
