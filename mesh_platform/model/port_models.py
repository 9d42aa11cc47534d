"""The dbt properties of the models behind output ports, as the contracts promise them.

Nothing here makes dbt check anything: the platform verifies what is released, against the same
contract. Private models are not described; their properties are the team's own.
"""

from __future__ import annotations

from mesh_platform.model.contract import Column, Contract
from mesh_platform.model.dbt_yaml import Value, column_entry, written
from mesh_platform.model.mesh import Port, Product


def expected_port_models(product: Product) -> str:
    """Text that the product's file should have below its mark."""
    ports = sorted(product.ports, key=lambda port: port.contract.table)
    return written({"version": 2, "models": [_model(port) for port in ports]})


def _model(port: Port) -> dict[str, Value]:
    contract = port.contract
    said = contract.description or port.description or contract.purpose
    parts = [part.strip() for part in (said, contract.granularity) if part]
    entry: dict[str, Value] = {"name": contract.table}
    if parts:
        entry["description"] = " ".join(parts)
    origin = {"contract": contract.id, "version": contract.version}
    entry["config"] = {"meta": {"mesh": origin}}
    if len(contract.key) > 1:
        entry["constraints"] = [{"type": "primary_key", "columns": contract.key}]
    entry["columns"] = [_column(contract, column) for column in contract.columns]
    return entry


def _column(contract: Contract, column: Column) -> dict[str, Value]:
    """One column; dbt hands its constraints to nobody unless a model enforces dbt's contract."""
    entry = column_entry(column)
    kept = {
        "not_null": column.required or column.key_position is not None,
        "unique": column.unique,
        "primary_key": contract.key == (column.name,),
    }
    if any(kept.values()):
        entry["constraints"] = [{"type": kind} for kind, holds in kept.items() if holds]
    return entry
