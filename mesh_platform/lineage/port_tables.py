"""The output ports of the mesh under the names that SQL has for them; where lineage ends."""

from __future__ import annotations

from collections.abc import Collection

from mesh_platform.lineage.protection import Protections
from mesh_platform.lineage.sql.sources import Relation, Table, base_table
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PortName


class PortTables:
    """All ports of a mesh as tables; each is made once, for all who read it."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        read = {item.port for product in mesh.products.values() for item in product.inputs}
        names = sorted(mesh.promised, key=read.__contains__)  # a copy has the name of its original
        self._ports = {Table(*name.relation): name for name in names}
        self._relations: dict[Table, Relation] = {}
        self.protections = Protections(mesh)

    @property
    def tables(self) -> Collection[Table]:
        """Those that there are."""
        return self._ports.keys()

    def port(self, table: Table) -> PortName | None:
        """The output port that SQL reads under a name; None for data from outside the mesh."""
        return self._ports.get(table)

    def relation(self, table: Table) -> Relation:
        """The columns that a port promises; of data from outside the mesh, none are known."""
        if table not in self._relations:
            port = self._ports.get(table)
            columns = None if port is None else self._mesh.promised[port].contract.columns
            names = None if columns is None else [column.name for column in columns]
            self._relations[table] = base_table(table, names)
        return self._relations[table]
