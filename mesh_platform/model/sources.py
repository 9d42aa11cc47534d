"""The dbt sources of a domain: its input ports, with the columns that their providers promise."""

from __future__ import annotations

from mesh_platform.model.dbt_yaml import Value, column_entry, written
from mesh_platform.model.mesh import Domain, Mesh, Port
from mesh_platform.model.naming import LANDING


def expected_sources(mesh: Mesh, domain: Domain) -> str:
    """Text that the domain's file should have below its mark."""
    tables: dict[str, dict[str, Port | None]] = {}
    for product in domain.products:
        for landing in product.landings:
            tables.setdefault(LANDING, {})[landing.name] = None
        for item in product.inputs:
            schema, name = item.port.relation
            tables.setdefault(schema, {})[name] = mesh.ports.get(item.port)
    sources = [_source(schema, ports) for schema, ports in sorted(tables.items())]
    return written({"version": 2, "sources": sources})


def unknown_providers(mesh: Mesh, domain: Domain) -> bool:
    """Whether a port that the domain reads is offered by a domain whose files have errors."""
    return any(item.port not in mesh.ports for p in domain.products for item in p.inputs)


def _source(schema: str, ports: dict[str, Port | None]) -> dict[str, Value]:
    return {
        "name": schema,
        "database": "mesh",
        "schema": schema,
        "tables": [_table(name, port) for name, port in sorted(ports.items())],
    }


def _table(name: str, port: Port | None) -> dict[str, Value]:
    if port is None:
        return {"name": name}
    entry: dict[str, Value] = {"name": name}
    said = port.contract.description or port.description or port.contract.purpose
    if said:
        entry["description"] = said.strip()
    entry["columns"] = [column_entry(column) for column in port.contract.columns]
    return entry
