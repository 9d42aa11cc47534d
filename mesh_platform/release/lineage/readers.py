"""Find who reads which column, by the lineage of the files as they are.

What a change removes is kept for this question: the models may still read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mesh_platform.lineage.mesh_lineage import MeshLineage, Reader
from mesh_platform.lineage.sql.sources import ROWS
from mesh_platform.lineage.usage import Use
from mesh_platform.model.contract import Contract
from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import PortName
from mesh_platform.model.odcs import contract_as_written
from mesh_platform.planning.before import PortBefore
from mesh_platform.planning.impact import ANY_COLUMN, ColumnUse
from mesh_platform.planning.promises import PortChanges, ProductChanges
from mesh_platform.release.lineage.files import MeshSql


class LineageReaders:
    """Reads models when the first question is asked."""

    def __init__(self, sql: MeshSql, changed: tuple[ProductChanges, ...]) -> None:
        self._sql, self._changed = sql, changed

    def of(self, port: PortName, column: str, /) -> Iterator[ColumnUse]:
        """Everyone who uses the column, first those who read the port itself."""
        for found in self._lineage.downstream(port, column):
            columns = (f"{found.port}.{found.column}",) if _is_shown(found) else ()
            yield ColumnUse(
                found.product, frozenset({found.use}), columns, found.direct, found.reads
            )

    @cached_property
    def _lineage(self) -> MeshLineage:
        return self._sql.lineage(_widened(self._sql.workspace.mesh, self._changed))


def _is_shown(found: Reader) -> bool:
    """Tell whether a promised column of the consumer is made of the one asked about."""
    return found.use is Use.VALUES and found.column not in (None, ROWS)


def _widened(mesh: Mesh, changed: Iterable[ProductChanges]) -> Mesh:
    """The mesh with what its ports promised before, beside what they promise now."""
    wider = {changes.name: _with_before(changes) for changes in changed if changes.now}
    domains = tuple(
        domain.model_copy(
            update={"products": tuple(wider.get(p.name) or p for p in domain.products)}
        )
        for domain in mesh.domains
    )
    return mesh.with_domains(domains)


def _with_before(changes: ProductChanges) -> Product | None:
    if changes.now is None or not any(port.changes or not port.kept for port in changes.ports):
        return changes.now
    ports = {port.name: port for port in changes.now.ports}
    for change in changes.ports:
        ports |= _ports(change)
    return changes.now.model_copy(update={"ports": tuple(ports.values())})


def _ports(change: PortChanges) -> dict[PortName, Port]:
    """The port that was, and the one that is, each with the columns of both."""
    if change.before is None:
        return {}
    before, now = contract_as_written(change.before.text, change.before.file), change.now
    if now is None:
        return {change.before.name: _port(change.before, before)}
    both = _joined(now.contract, before)
    if any(item.code == "columns.moved" for item in change.changes):
        both = _with_any_column(both)
    found = {now.name: now.model_copy(update={"contract": both})}
    if not change.kept:
        found[change.before.name] = _port(change.before, before)
    return found


def _port(before: PortBefore, contract: Contract) -> Port:
    return Port(name=before.name, description=None, version=before.version, contract=contract)


def _joined(now: Contract, before: Contract) -> Contract:
    names = {column.name for column in now.columns}
    gone = tuple(column for column in before.columns if column.name not in names)
    return now.model_copy(update={"columns": (*now.columns, *gone)})


def _with_any_column(contract: Contract) -> Contract:
    """With a column that no SQL names: who reads it reads all columns."""
    other = contract.columns[0].model_copy(update={"name": ANY_COLUMN})
    return contract.model_copy(update={"columns": (*contract.columns, other)})
