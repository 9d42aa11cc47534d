"""Builds the dbt models of a product, and holds what came of it against the rules of the mesh."""

from __future__ import annotations

from dataclasses import dataclass

from mesh_platform.engine.dbt import NodeResult
from mesh_platform.engine.dbt_tests import blames_rows, dbt_checks, dbt_results, with_rows
from mesh_platform.engine.engine_words import EngineWords
from mesh_platform.engine.manifest import Manifest, read_manifest
from mesh_platform.engine.masks import OpenColumns
from mesh_platform.engine.views import View, write_views
from mesh_platform.engine.warehouse import Warehouse
from mesh_platform.errors import Place, PromiseBrokenError
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.quality.spec import CheckResult
from mesh_platform.release.in_step import explained
from mesh_platform.release.inputs import Inputs, pin_views, source_views
from mesh_platform.release.workspace import Workspace


@dataclass(frozen=True, slots=True)
class BuiltModels:
    """What dbt said of a product's nodes, and what its tests say as checks.

    `harmless` are the tests, by dbt's id, that withhold nothing whatever they say.
    """

    nodes: tuple[NodeResult, ...]
    manifest: Manifest
    tests: tuple[CheckResult, ...]
    harmless: frozenset[str]


def build_models(workspace: Workspace, product: Product, inputs: Inputs) -> BuiltModels:
    """Mount the inputs and run the models and tests of a product.

    Raises:
        MeshError: dbt cannot start, or the warehouse cannot be opened.
    """
    domain = workspace.mesh.domain(product.name.domain)
    places = workspace.dbt_places(domain)
    views = pin_views(workspace, inputs) + source_views(workspace, domain.name, inputs)
    write_views(views, places.mounts)
    Warehouse(places.warehouse).close()  # a clear word, before dbt starts, if it is locked
    folder = product.folder.relative_to(domain.folder).as_posix()
    with explained(workspace.mesh, domain):
        nodes = workspace.dbt.build(places, [folder], words_of(workspace.mesh, product))
    manifest = read_manifest(places.manifest)
    checks = dbt_checks(manifest, product.name.name)
    results = dbt_results(checks, nodes)
    if any(map(blames_rows, results)):
        results = _with_rows(workspace, product, views, results)
    return BuiltModels(
        nodes,
        manifest,
        results,
        frozenset(check.test.unique_id for check in checks if not check.blocking),
    )


def words_of(mesh: Mesh, product: Product) -> EngineWords:
    """What may be told of an engine's errors while a product is built."""
    return EngineWords(mesh.readable(product).values())


def _with_rows(
    workspace: Workspace, product: Product, views: list[View], results: tuple[CheckResult, ...]
) -> tuple[CheckResult, ...]:
    """Show rows that failed, values only under names that the product promises to all."""
    mesh = workspace.mesh
    promised = [port.contract for port in product.ports]
    shown = OpenColumns(promised, mesh.readable(product).values())
    with Warehouse(workspace.warehouse(product.name.domain)) as warehouse:
        warehouse.mount(views)
        return tuple(with_rows(each, warehouse, shown, mesh.check_seconds) for each in results)


def refuse_foreign_models(built: BuiltModels, domain: Domain, product: Product) -> None:
    """Models are private to their product: others read its ports.

    Raises:
        PromiseBrokenError: a model reads one of another product.
    """
    owner = {model.name: model.product for model in built.manifest.models}
    for model in built.manifest.models_of(product.name.name):
        for read in model.models:
            if owner.get(read, model.product) != model.product:
                raise PromiseBrokenError(
                    f"{product.name}: model `{model.name}` reads `{read}`, "
                    f"a private model of {product.name.domain}/{owner[read]}",
                    place=_in_domain(domain, model.path),
                    fix="declare an input port and read the product's output port",
                )


def refuse_failures(built: BuiltModels, domain: Domain, product: Product) -> None:
    """A model that failed, or a test that withholds the release, ends the build.

    Raises:
        PromiseBrokenError: there is one.
    """
    broken = [node for node in built.nodes if not node.ok]
    ran = [node for node in broken if node.status != "skipped"]
    if any(node.unique_id not in built.harmless for node in broken):
        grave = [node for node in ran if node.unique_id not in built.harmless]
        node = (grave or ran or broken)[0]
        kind = node.kind.replace("_", " ")
        raise PromiseBrokenError(
            f"{product.name}: {kind} `{node.name}` failed: {node.message or node.status}",
            place=_in_domain(domain, node.path),
        )
    for result in built.tests:
        if result.blocks:
            raise PromiseBrokenError(
                f"{product.name}: dbt test `{result.check}` could not run: {result.message}",
                fix="look for a setting of the dbt project that leaves it out",
            )


def _in_domain(domain: Domain, path: str) -> Place:
    return Place(f"{domain.folder.parent.name}/{domain.name}/{path}")
