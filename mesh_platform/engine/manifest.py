"""Reads dbt's manifest without dbt: which models a domain has and what they read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from mesh_platform.errors import MeshError


@dataclass(frozen=True, slots=True)
class Model:
    """One dbt model: the product folder it lies in, what it reads."""

    name: str
    product: str
    description: str
    path: str
    materialized: str
    models: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


def read_models(path: Path) -> tuple[Model, ...]:
    """List the models of a manifest, each after those it reads.

    Raises:
        MeshError: there is no manifest, or it is not one.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        own = data["metadata"]["project_name"]
        models = [
            _model(node)
            for node in data["nodes"].values()
            if node["resource_type"] == "model" and node["package_name"] == own
        ]
        return _in_order(models)
    except FileNotFoundError as error:
        raise MeshError(f"there is no dbt manifest at {path}", fix="run `mesh build`") from error
    except (ValueError, KeyError) as error:
        raise MeshError(
            f"the dbt manifest at {path} cannot be read: {error}", fix="delete it and build again"
        ) from error


def _model(node: dict) -> Model:  # type: ignore[type-arg] # dbt's JSON
    reads = [unique_id.split(".") for unique_id in node["depends_on"]["nodes"]]
    return Model(
        name=node["name"],
        product=node["fqn"][1],
        description=node["description"] or "",
        path=node["original_file_path"],
        materialized=node["config"]["materialized"],
        models=tuple(parts[2] for parts in reads if parts[0] == "model"),
        sources=tuple((parts[2], parts[3]) for parts in reads if parts[0] == "source"),
    )


def _in_order(models: list[Model]) -> tuple[Model, ...]:
    by_name = {model.name: model for model in models}
    order = TopologicalSorter({model.name: model.models for model in models}).static_order()
    return tuple(by_name[name] for name in order if name in by_name)
