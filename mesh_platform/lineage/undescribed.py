"""Check models against what files of properties say of them: groups, and contracts of dbt's own."""

from __future__ import annotations

from collections.abc import Iterator

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.lineage.model_files import DomainModels, ModelFile
from mesh_platform.lineage.model_setup import UNKNOWN, ModelSetup
from mesh_platform.model.contract import Contract
from mesh_platform.model.dbt_yaml import column_entry
from mesh_platform.model.findings import Finding

_HELD = ("table", "view", "incremental")
"""Materializations that dbt holds to its contracts when it builds them."""


def described_findings(
    model: ModelFile, models: DomainModels, product: str, port: Contract | None
) -> Iterator[Finding]:
    """Report a group that is not there, and a contract of dbt's own without columns.

    Args:
        model: a model of the product.
        models: the domain's.
        product: its name.
        port: the contract of the port that it is behind.
    """
    setup = models.setup(model)
    if setup.get("enabled") not in (None, True):
        return
    yield from _group(model, setup, models, product)
    held = setup.enforced and setup.materialized in _HELD and models.described is not None
    if held and (said := _lacking(model, models, port)) is not None:
        message = f"dbt is told to enforce its contract on the model `{model.name}`, {said}"
        way = "give each of its columns a `data_type` in a file of properties, or take"
        way += " `contract: {enforced: true}` out: a port keeps its contract without it"
        yield Finding("model.dbt-contract", message, _place(model, models), way, product)


def _group(
    model: ModelFile, setup: ModelSetup, models: DomainModels, product: str
) -> Iterator[Finding]:
    group = setup.get("group")
    if models.groups is None or not isinstance(group, str) or group in (UNKNOWN, *models.groups):
        return
    entry = (models.described or {}).get(model.name)
    place = entry.place if entry is not None and entry.grouped else Place(model.file, 1)
    said = f"the model `{model.name}` is in the group `{group}`, and there is no such group"
    near = f"; {did_you_mean(group, models.groups)}" if models.groups else ""
    way = f"write it under `groups:` in a file of properties, or correct the name{near}"
    yield Finding("model.undefined", said, place, way, product)


def _lacking(model: ModelFile, models: DomainModels, port: Contract | None) -> str | None:
    """Return what dbt lacks to hold a model to a contract."""
    if port is not None:
        columns = {column.name: "data_type" in column_entry(column) for column in port.columns}
    else:
        entry = (models.described or {}).get(model.name)
        columns = dict(entry.columns) if entry is not None else {}
    untyped = [name for name, typed in columns.items() if not typed]
    if not columns:
        return "and no file of properties describes its columns"
    return f"and the column `{untyped[0]}` is described without `data_type`" if untyped else None


def _place(model: ModelFile, models: DomainModels) -> Place:
    entry = (models.described or {}).get(model.name)
    return entry.place if entry is not None else Place(model.file, 1)
