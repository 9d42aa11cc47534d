"""Reads dbt's manifest without dbt: which models and tests a domain has and what they read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Severity

Sources = tuple[tuple[str, str], ...]
"""dbt sources, each as its schema and name."""


@dataclass(frozen=True, slots=True)
class Model:
    """Hold one dbt model: the folder of its product, what it reads, and the name of its table.

    `seeds` are selectors of the seeds that it reads, `snapshots` names of the snapshots, `brought`
    models of packages that are not ephemeral, each with its package.
    `full_refresh` is False if the model keeps its rows even in a full refresh.
    """

    name: str
    product: str
    description: str
    path: str
    materialized: str
    models: tuple[str, ...]
    sources: Sources
    relation: tuple[str, str] = ("", "")
    full_refresh: bool | None = None
    seeds: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    brought: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DbtTest:
    """Hold a test that the team wrote: on data (`test`) or on a model's SQL (`unit_test`).

    `about` is the model or seed it is written at, None for one in a file of its own; `fails` and
    `warns` are dbt's conditions on the number of failures, None for a unit test. `gives_own` tells
    whether a unit test gives rows for the table of its own model, as `this`.
    """

    unique_id: str
    name: str
    kind: str
    selector: str
    description: str
    path: str
    severity: Severity
    about: str | None
    models: tuple[str, ...]
    sources: Sources
    fails: str | None
    warns: str | None
    seeds: tuple[str, ...] = ()
    gives_own: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hold a domain's models, each after those it reads, and its tests."""

    models: tuple[Model, ...]
    tests: tuple[DbtTest, ...]

    def models_of(self, product: str) -> tuple[Model, ...]:
        """Return the models in the folder of a product."""
        return tuple(model for model in self.models if model.product == product)

    def tests_of(self, product: str) -> tuple[DbtTest, ...]:
        """Return the tests that a build of the product must run.

        Each reads one of the product's models, or only sources and seeds that these read, too.
        """
        own = self.models_of(product)
        names = {model.name for model in own}
        sources = {source for model in own for source in model.sources}
        seeds = {seed for model in own for seed in model.seeds}
        return tuple(
            test
            for test in self.tests
            if names.intersection(test.models)
            or (_loose(test) and sources.issuperset(test.sources) and seeds.issuperset(test.seeds))
        )

    def loose_tests_of(self, product: str) -> tuple[DbtTest, ...]:
        """Return the tests of the product that dbt does not find by its models."""
        return tuple(filter(_loose, self.tests_of(product)))


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a domain.

    Raises:
        MeshError: there is no manifest, or it is not one.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        own = data["metadata"]["project_name"]
        nodes = [*data["nodes"].values(), *data.get("unit_tests", {}).values()]
        mine = [node for node in nodes if node["package_name"] == own]
        kinds = ("test", "unit_test")
        tests = [_test(node, data["nodes"]) for node in mine if node["resource_type"] in kinds]
        return Manifest(
            models=_in_order(
                [_model(node, data["nodes"]) for node in mine if node["resource_type"] == "model"]
            ),
            tests=tuple(sorted(tests, key=lambda test: test.unique_id)),
        )
    except FileNotFoundError as error:
        raise MeshError(f"there is no dbt manifest at {path}", fix="run `mesh build`") from error
    except CycleError as error:
        raise MeshError(
            f"models read each other: {' → '.join(reversed(error.args[1]))}",
            fix="take one of these `ref` out; a model reads what it was before as `{{ this }}`",
        ) from error
    except (ValueError, KeyError) as error:
        raise MeshError(
            f"the dbt manifest at {path} cannot be read: {error}", fix="delete it and build again"
        ) from error


def _model(node: dict[str, Any], nodes: dict[str, Any]) -> Model:
    models, sources = _reads(node)
    reads = [nodes[name] for name in node["depends_on"]["nodes"] if name in nodes]
    return Model(
        name=versioned(node["name"], node.get("version")),
        product=node["fqn"][1],
        description=node["description"] or "",
        path=node["original_file_path"],
        materialized=node["config"]["materialized"],
        models=models,
        sources=sources,
        relation=(node.get("schema") or "", node.get("alias") or ""),
        full_refresh=node["config"].get("full_refresh"),
        seeds=_seeds(node, nodes),
        snapshots=tuple(item["name"] for item in reads if item["resource_type"] == "snapshot"),
        brought=tuple(
            (item["name"], item["package_name"]) for item in reads if _is_brought(item, node)
        ),
    )


def _is_brought(item: dict[str, Any], reader: dict[str, Any]) -> bool:
    """Tell whether what a model reads is a model of a package that stands in the warehouse."""
    if item["resource_type"] != "model" or item["package_name"] == reader["package_name"]:
        return False
    return str(item["config"].get("materialized")) != "ephemeral"


def _test(node: dict[str, Any], nodes: dict[str, Any]) -> DbtTest:
    models, sources = _reads(node)
    config, attached = node["config"], node.get("attached_node")
    warns_only = str(config.get("severity", "error")).lower() == "warn"
    return DbtTest(
        unique_id=node["unique_id"],
        name=node["name"],
        kind=node["resource_type"],
        selector=_selector(node),
        description=node.get("description") or "",
        path=node["original_file_path"],
        severity=Severity.WARNING if warns_only else Severity.ERROR,
        about="_".join(attached.split(".")[2:]) if attached else node.get("model"),
        models=models,
        sources=sources,
        fails=config.get("error_if"),
        warns=config.get("warn_if"),
        seeds=_seeds(node, nodes),
        gives_own=any(each.get("input") == "this" for each in node.get("given") or ()),
    )


def versioned(name: str, version: object) -> str:
    """Return the name of a model with its version, as dbt names the table of the version."""
    return name if version is None else f"{name}_v{version}"


def macros_used(
    node: dict[str, Any], macros: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the manifest's entries of macros that a node calls, also through other macros."""
    todo, seen = [node], set[str]()
    while todo:
        for name in todo.pop().get("depends_on", {}).get("macros", ()):
            if name not in seen and name in macros:
                seen.add(name)
                todo.append(macros[name])
                yield macros[name]


def _selector(node: dict[str, Any]) -> str:
    return "fqn:" + ".".join(node["fqn"])


def _seeds(node: dict[str, Any], nodes: dict[str, Any]) -> tuple[str, ...]:
    """Return selectors of the seeds that a node reads."""
    reads = [nodes[name] for name in node["depends_on"]["nodes"] if name in nodes]
    return tuple(_selector(item) for item in reads if item["resource_type"] == "seed")


def _reads(node: dict[str, Any]) -> tuple[tuple[str, ...], Sources]:
    """Return the names of the models and sources that a node reads."""
    reads = [unique_id.split(".") for unique_id in node["depends_on"]["nodes"]]
    models = tuple("_".join(parts[2:]) for parts in reads if parts[0] == "model")
    return models, tuple((parts[2], parts[3]) for parts in reads if parts[0] == "source")


def _loose(test: DbtTest) -> bool:
    return bool(test.sources or test.seeds) and not test.models


def _in_order(models: list[Model]) -> tuple[Model, ...]:
    by_name = {model.name: model for model in models}
    order = TopologicalSorter({model.name: model.models for model in models}).static_order()
    return tuple(by_name[name] for name in order if name in by_name)
