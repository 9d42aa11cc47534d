"""Single writes to the registry's tables; each is part of a transaction of `store`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from mesh_platform.errors import MeshError
from mesh_platform.state.records import Attempt, ContractRecord, State
from mesh_platform.state.rows import file_rows, port_values, utc
from mesh_platform.state.schema import (
    attempt,
    attempt_foreign_input,
    attempt_input,
    attempt_port,
    contract,
    current,
    port_file,
)


def keep_contracts(connection: Connection, contracts: Iterable[ContractRecord]) -> None:
    """Keep texts that are not kept yet."""
    for promise in contracts:
        known = select(contract.c.digest).where(contract.c.digest == promise.digest)
        if connection.execute(known).first() is None:
            connection.execute(insert(contract).values(**asdict(promise)))


def insert_parts(connection: Connection, item: Attempt) -> None:
    """Insert the ports, files and inputs of an attempt."""
    insert_rows(connection, attempt_port, item.id, list(map(port_values, item.ports)))
    insert_rows(connection, port_file, item.id, file_rows(item.ports))
    own = [asdict(pin) for pin in item.inputs if pin.environment is None]
    foreign = [asdict(pin) for pin in item.inputs if pin.environment is not None]
    for pin in own:
        del pin["environment"]
    insert_rows(connection, attempt_input, item.id, own)
    insert_rows(connection, attempt_foreign_input, item.id, foreign)


def free_number(connection: Connection, item: Attempt) -> int:
    """The number that a restored release had, or the next one where another release has it."""
    taken = select(attempt.c.id).where(
        attempt.c.product == item.product, attempt.c.number == item.number
    )
    if item.number and connection.execute(taken).first() is None:
        return item.number
    return next_number(connection, item.product)


def make_current_release(
    connection: Connection, attempt_id: str, table_versions: dict[str, int], at: datetime
) -> int:
    """Make a verified attempt the current release of its product; gives its number.

    Raises:
        MeshError: the attempt is not verified.
    """
    row = connection.execute(
        select(attempt.c.product, attempt.c.state).where(attempt.c.id == attempt_id)
    ).one()
    if row.state != State.VERIFIED:
        raise MeshError(f"attempt {attempt_id} is {row.state}, not verified")
    number = next_number(connection, row.product)
    ended = end(connection, attempt_id, at)
    change(connection, attempt_id, state=State.RELEASED, number=number, **ended)
    set_table_versions(connection, attempt_id, table_versions)
    point(connection, row.product, attempt_id)
    return number


def next_number(connection: Connection, product: str) -> int:
    """The number of a product's next release."""
    query = select(func.max(attempt.c.number)).where(attempt.c.product == product)
    return 1 + (connection.execute(query).scalar() or 0)


def end(connection: Connection, attempt_id: str, at: datetime | None = None) -> dict[str, Any]:
    """Columns that say when an attempt ended."""
    now = at or datetime.now(UTC)
    started: datetime = connection.execute(
        select(attempt.c.started_at).where(attempt.c.id == attempt_id)
    ).scalar_one()
    return {"ended_at": now, "seconds": (now - utc(started)).total_seconds()}


def change(connection: Connection, attempt_id: str, **values: Any) -> None:
    """Change columns of an attempt."""
    connection.execute(update(attempt).where(attempt.c.id == attempt_id).values(**values))


def set_table_versions(
    connection: Connection, attempt_id: str, table_versions: dict[str, int]
) -> None:
    """Note in which Delta version each port is."""
    for port, version in table_versions.items():
        connection.execute(
            update(attempt_port)
            .where(attempt_port.c.attempt_id == attempt_id, attempt_port.c.port == port)
            .values(table_version=version)
        )


def point(connection: Connection, product: str, attempt_id: str) -> None:
    """Make an attempt the current release of a product."""
    connection.execute(delete(current).where(current.c.product == product))
    connection.execute(insert(current).values(product=product, attempt_id=attempt_id))


def insert_rows(
    connection: Connection, table: Any, attempt_id: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows that belong to an attempt."""
    if rows:
        connection.execute(insert(table), [{"attempt_id": attempt_id, **row} for row in rows])
