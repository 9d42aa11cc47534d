"""Lineage of the whole mesh: what a product makes of its inputs, and who uses a column.

Each model is read once, and only when a question needs it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mesh_platform.lineage.domain_lineage import DomainLineage
from mesh_platform.lineage.model_files import MeshModels
from mesh_platform.lineage.port_tables import PortTables
from mesh_platform.lineage.product_lineage import ProductLineage
from mesh_platform.lineage.product_reading import read_product, unread_product
from mesh_platform.lineage.sql.sources import ROWS, Column, Table
from mesh_platform.lineage.templates import Templates
from mesh_platform.lineage.usage import Use
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PortName, ProductName


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer's column that depends on a column of a port.

    Args:
        product: the consumer.
        port: its output port; None where only its SQL names the column, and no port shows it.
        column: of that port; `*` for its rows.
        use: how, along the whole way.
        reads: the port through which it gets there.
        direct: whether that is the port that was asked about.
    """

    product: ProductName
    port: PortName | None
    column: str | None
    use: Use
    reads: PortName
    direct: bool


class MeshLineage:
    """Answers questions about lineage.

    Args:
        mesh: what ports promise and products declare.
        models: the texts of the models.
    """

    def __init__(self, mesh: Mesh, models: MeshModels) -> None:
        self.mesh = mesh
        self._models = models
        self._templates = Templates(models.packages)
        self._domains: dict[str, DomainLineage] = {}
        self._products: dict[ProductName, ProductLineage] = {}
        self._readers: dict[PortName, tuple[ProductName, ...]] = {}
        self._ports = PortTables(mesh)

    def product(self, name: ProductName) -> ProductLineage:
        """The lineage of one product."""
        if name not in self._products:
            try:
                found = read_product(self.mesh, name, self.domain(name.domain))
            except Exception as error:  # noqa: BLE001 - the boundary: one product stops no other
                found = unread_product(self.mesh.products[name], error)
            self._products[name] = found
        return self._products[name]

    def port_of(self, table: Table) -> PortName | None:
        """The output port that SQL reads under a name; None for data from outside the mesh."""
        return self._ports.port(table)

    def readers(self, port: PortName) -> tuple[ProductName, ...]:
        """Products that read a port, declared or not, and those of which nobody can tell."""
        if port not in self._readers:
            self._readers[port] = tuple(self._reading(port))
        return self._readers[port]

    def downstream(self, port: PortName, column: str | None = None) -> tuple[Reader, ...]:
        """Return who depends on a column of a port, or on the port as a whole, however far away.

        A consumer whose SQL is not understood counts as one that may.
        """
        return tuple(_Walk(self, port).down(column.lower() if column else None))

    def domain(self, name: str) -> DomainLineage:
        """Return the models of one domain."""
        if name not in self._domains:
            models = self._models.domain(name)
            templates = self._templates.of_domain(name, models.macros, models.configurations.values)
            self._domains[name] = DomainLineage(self._ports, models, templates)
        return self._domains[name]

    def _reading(self, port: PortName) -> Iterator[ProductName]:
        table = Table(*port.relation)
        declared = self._declared.get(port, set())
        for name in self._candidates(port):
            lineage = self.product(name)
            if table in lineage.read or (not lineage.whole and name in declared):
                yield name

    def _candidates(self, port: PortName) -> list[ProductName]:
        """Products whose models are worth reading: they declare the port, or SQL names it."""
        naming = (
            domain
            for domain in self.mesh.domains
            if self._models.domain(domain.name).words.issuperset(port.relation)
        )
        named = {product.name for domain in naming for product in domain.products}
        return sorted(named | self._declared.get(port, set()))

    @cached_property
    def _declared(self) -> dict[PortName, set[ProductName]]:
        found: dict[PortName, set[ProductName]] = {}
        for product in self.mesh.products.values():
            for item in product.inputs:
                found.setdefault(item.port, set()).add(product.name)
        return found


class _Walk:
    """One walk from a port down to all that depend on it."""

    def __init__(self, lineage: MeshLineage, start: PortName) -> None:
        self.lineage, self.start = lineage, start
        self.found: dict[tuple[ProductName, PortName | None, str | None], Reader] = {}
        self.todo: deque[tuple[PortName, str, Use]] = deque()

    def down(self, column: str | None) -> Iterable[Reader]:
        port = self.lineage.mesh.ports.get(self.start)
        names = [item.name.lower() for item in port.contract.columns] if port else []
        for name in [column] if column else [ROWS, *names]:
            self.todo.append((self.start, name, Use.VALUES))
        while self.todo:
            self._step(*self.todo.popleft())
        shown = {product for product, port, _ in self.found if port is not None}
        found = [item for item in self.found.values() if item.port or item.product not in shown]
        return sorted(found, key=_place)

    def _step(self, port: PortName, column: str, use: Use) -> None:
        for name in self.lineage.readers(port):
            if name != port.product:
                for item in self._uses(self.lineage.product(name), port, column, use):
                    self._note(item)

    def _uses(
        self, consumer: ProductLineage, port: PortName, column: str, use: Use
    ) -> Iterator[Reader]:
        direct = port == self.start
        table = Table(*port.relation)
        certain = list(consumer.uses(Column(table, column)))
        for own, name, how in certain:
            worse = max(use, how, key=lambda each: each.rank)
            yield Reader(consumer.product, own, name, worse, port, direct)
        for own, name in consumer.unsure:
            yield Reader(consumer.product, own, name, Use.UNKNOWN, port, direct)
        if direct and not consumer.whole:
            yield Reader(consumer.product, None, None, Use.UNKNOWN, port, direct)
        elif direct and consumer.reads(Column(table, column)):
            yield Reader(consumer.product, None, None, Use.NAMED, port, direct)

    def _note(self, item: Reader) -> None:
        key = (item.product, item.port, item.column)
        before = self.found.get(key)
        if before is not None and before.use.rank <= item.use.rank:
            if item.direct and not before.direct:
                self.found[key] = replace(before, direct=True, reads=item.reads)
            return
        self.found[key] = item
        if item.port is not None and item.column is not None:
            self.todo.append((item.port, item.column, item.use))


def _place(item: Reader) -> tuple[ProductName, str, str]:
    return item.product, str(item.port or ""), item.column or ""
