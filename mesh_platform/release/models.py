"""Build the dbt models of a product, and check the result against the rules of the mesh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mesh_platform.checks.spec import CheckResult
from mesh_platform.checks.types import usual_type
from mesh_platform.engines.dbt.manifest import Manifest, Model, read_manifest
from mesh_platform.engines.dbt.runner import NodeResult, UnreadableProjectError
from mesh_platform.engines.dbt.tests import (
    DbtCheck,
    blames_rows,
    dbt_checks,
    dbt_results,
    queries,
    with_rows,
)
from mesh_platform.engines.duckdb.empty_tables import promised_table
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.masks import OpenColumns
from mesh_platform.engines.duckdb.views import View, empty_query, parquet_query, write_views
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import Place, PromiseBrokenError
from mesh_platform.files import files_under, text_of
from mesh_platform.lineage.model_rules import (
    INCREMENTAL,
    building_findings,
    lost_test_findings,
    setup_findings,
)
from mesh_platform.lineage.model_setup import ModelSetup
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.release.failed_nodes import refusal
from mesh_platform.release.in_step import explained
from mesh_platform.release.inputs import (
    Inputs,
    landing_cache,
    pin_views,
    refuse_unreadable,
    source_views,
)
from mesh_platform.release.lineage.files import MeshSql, read_models
from mesh_platform.release.lineage.reads import reads_of

MAIN = "main"
"""Schema in which dbt builds models that name no other."""


@dataclass(frozen=True, slots=True)
class BuiltModels:
    """Hold dbt's results for a product's nodes, with its tests as checks.

    `harmless` holds dbt's ids of the tests that never withhold a release. `views` are the mounted
    inputs, `grown` the tables that continued from the current release.
    """

    nodes: tuple[NodeResult, ...]
    manifest: Manifest
    tests: tuple[CheckResult, ...]
    harmless: frozenset[str]
    views: tuple[View, ...] = ()
    grown: frozenset[str] = frozenset()


def build_models(
    workspace: Workspace, product: Product, inputs: Inputs, *, full: bool = False
) -> BuiltModels:
    """Mount the inputs and run the models and tests of a product.

    First drop what earlier builds left in the warehouse: an incremental model behind a port
    continues from the current release, and from nothing else.

    Args:
        workspace: where the mesh is.
        product: whose models.
        inputs: what they read.
        full: build incremental models from the start.

    Raises:
        MeshError: dbt cannot start, or the warehouse cannot be opened.
        PromiseBrokenError: a model keeps rows that no release has.
    """
    domain = workspace.mesh.domain(product.name.domain)
    places = workspace.dbt_places(domain)
    views = pin_views(workspace, inputs) + source_views(workspace, product, inputs)
    refuse_unreadable(inputs, views, landing_cache(workspace, product))
    write_views(views, places.mounts)
    with readable(workspace, domain):
        workspace.dbt.parse(places)
    _refuse(product, lost_test_findings(read_models(workspace, [domain.name]).domain(domain.name)))
    manifest = read_manifest(places.manifest)
    _refuse_unfit_setups(manifest, domain, product)
    started_from, anew = _start(workspace, product, manifest, full=full)
    folder = product.folder.relative_to(domain.folder).as_posix()
    with readable(workspace, domain):
        nodes = workspace.dbt.build(places, [folder], words_of(workspace.mesh, product), full=anew)
    checks = dbt_checks(manifest, product.name.name)
    return BuiltModels(
        tuple(replace(node, sql=None) if node.kind == "test" else node for node in nodes),
        manifest,
        _results(workspace, product, views, checks, nodes),
        frozenset(check.test.unique_id for check in checks if not check.blocking),
        tuple(views),
        started_from,
    )


def _start(
    workspace: Workspace, product: Product, manifest: Manifest, *, full: bool
) -> tuple[frozenset[str], bool]:
    """Leave in the warehouse what a build goes on from.

    Returns:
        The names of the tables that it goes on from, and whether it refreshes in full.
    """
    state = _state(workspace, product, manifest, full=full)
    empty = [] if state else _empty(product, manifest)
    with Warehouse(workspace.warehouse(product.name.domain)) as warehouse:
        warehouse.start_from([*state, *empty], keep=_of_others(manifest, product))
    return frozenset(table.name for table in state), full or bool(empty)


def _results(
    workspace: Workspace,
    product: Product,
    views: list[View],
    checks: tuple[DbtCheck, ...],
    nodes: tuple[NodeResult, ...],
) -> tuple[CheckResult, ...]:
    """Return the results of dbt's tests, with rows of those that failed."""
    results = dbt_results(checks, nodes)
    if not any(map(blames_rows, results)):
        return results
    return _with_rows(workspace, product, views, results, queries(checks, nodes))


@contextmanager
def readable(workspace: Workspace, domain: Domain) -> Iterator[None]:
    """Explain why dbt cannot read a domain as `mesh check` does; else raise dbt's own error.

    Raises:
        PromiseBrokenError: a model is the reason.
        UnreadableProjectError: dbt cannot read it.
    """
    try:
        with explained(workspace.mesh, domain):
            yield
    except UnreadableProjectError:
        for product in domain.products:
            refuse_unfit_models(workspace, product)
        reads = reads_of(MeshSql(workspace), [product.name for product in domain.products])
        for finding in reads.findings:
            if finding.stops_domain:
                raise PromiseBrokenError(
                    f"{finding.product}: {finding.message}", place=finding.place, fix=finding.fix
                ) from None
        raise


def words_of(mesh: Mesh, product: Product) -> EngineWords:
    """Return the rules for how much of an engine's errors is shown while a product is built."""
    secret = any(item.shown != item.location for item in product.landings)
    return EngineWords(mesh.in_reach(product), secret=secret)


def written_in(product: Product) -> str:
    """Return what the team wrote where it may name columns: its models, and headers of sources."""
    files = (path for path in files_under(product.folder) if path.suffix in (".sql", ".py"))
    headers = (item.dialect.header for item in product.landings)
    names = (name for header in headers if isinstance(header, tuple) for name in header)
    return "\n".join((*map(text_of, files), *names))


def refuse_unfit_models(workspace: Workspace, product: Product) -> None:
    """End a build that its files already decide, with the words of `mesh check`.

    Raises:
        PromiseBrokenError: a model can surely not be built, or not be released.
    """
    domain = product.name.domain
    models = read_models(workspace, [domain]).domain(domain)
    _refuse(product, building_findings(product, models))


def _refuse_unfit_setups(manifest: Manifest, domain: Domain, product: Product) -> None:
    """End a build where only dbt's manifest shows how a model is set up wrongly."""
    ports = {port.contract.table for port in product.ports}
    for model in manifest.models_of(product.name.name):
        schema, alias = model.relation
        said: dict[str, object] = {
            "materialized": model.materialized,
            "alias": alias or None,
            "schema": schema if schema not in ("", MAIN) else None,
            "snapshots": model.snapshots,
            "brought": model.brought,
        }
        setup, place = ModelSetup(model.name, said), _in_domain(domain, model.path)
        _refuse(product, setup_findings(setup, product, place, behind_port=model.name in ports))


def _refuse(product: Product, findings: Iterable[Finding]) -> None:
    if found := next((item for item in findings if item.blocking), None):
        raise PromiseBrokenError(
            f"{found.product or product.name}: {found.message}", place=found.place, fix=found.fix
        )


def _state(workspace: Workspace, product: Product, manifest: Manifest, *, full: bool) -> list[View]:
    """Return the current release of each port whose model continues from it, as tables.

    Compare the digest of each file: what a build goes on from is in its release, too.

    Raises:
        DamagedError: a file is not what was released.
    """
    current = workspace.current(str(product.name))
    models = {model.name: model for model in manifest.models_of(product.name.name)}
    state = []
    for port in product.ports:
        model, table = port.contract.table, current and current.port(port.name.name)
        found = models.get(model)
        if current and table and found and _goes_on(found, full=full):
            files = workspace.files(current, port.name.name, deep=True)
            state.append(View(*found.relation, parquet_query(files, table.columns)))
    return state


def _empty(product: Product, manifest: Manifest) -> list[View]:
    """Return an empty table for each model that a unit test gives rows of its own.

    dbt takes the types of these rows from the table, which is not there before the first release
    and in a full build. The build then refreshes in full, so that the model does not go on from it.
    """
    given = {test.about for test in manifest.tests if test.gives_own}
    models = {model.name: model for model in manifest.models_of(product.name.name)}
    contracts = [port.contract for port in product.ports if port.contract.table in given]
    return [
        View(*models[each.table].relation, empty_query(_promised(each)))
        for each in contracts
        if each.table in models and models[each.table].full_refresh is not False
    ]


def _promised(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the promised columns with types; what is left open has the usual one, or is text."""
    table = promised_table(contract)
    filled = dict(table.filled("VARCHAR"))
    for column in contract.columns:
        usual = None if table.columns[column.name] else usual_type(column)
        yield column.name, str(usual or filled[column.name])


def _goes_on(model: Model, *, full: bool) -> bool:
    """Tell whether a build of a model adds to the rows that it has.

    A model with `full_refresh: false` does so in a full build, too.
    """
    return model.materialized == INCREMENTAL and not (full and model.full_refresh is not False)


def _of_others(manifest: Manifest, product: Product) -> set[tuple[str, str]]:
    """Return the tables of the other products of the domain."""
    own = product.name.name
    return {model.relation for model in manifest.models if model.product != own}


def _with_rows(
    workspace: Workspace,
    product: Product,
    views: list[View],
    results: tuple[CheckResult, ...],
    ran: Mapping[str, str],
) -> tuple[CheckResult, ...]:
    """Add the rows that failed to the results.

    Show values only of promised columns that no contract classifies.
    """
    mesh = workspace.mesh
    promised = [port.contract for port in product.ports]
    shown = OpenColumns(promised, mesh.in_reach(product))
    with Warehouse(workspace.warehouse(product.name.domain)) as warehouse:
        warehouse.mount(views)
        return tuple(
            with_rows(each, ran.get(each.check), warehouse, shown, mesh.check_seconds)
            for each in results
        )


def refuse_foreign_models(built: BuiltModels, domain: Domain, product: Product) -> None:
    """Refuse a model that reads a private model of another product.

    Raises:
        PromiseBrokenError: a model reads one of another product.
    """
    owner = {model.name: model.product for model in built.manifest.models}
    behind = {port.contract.table for each in domain.products for port in each.ports}
    for model in built.manifest.models_of(product.name.name):
        for read in model.models:
            if owner.get(read, model.product) != model.product:
                what = "the model behind a port" if read in behind else "a private model"
                raise PromiseBrokenError(
                    f"{product.name}: model `{model.name}` reads `{read}`, "
                    f"{what} of {product.name.domain}/{owner[read]}",
                    place=_in_domain(domain, model.path),
                    fix="declare an input port and read the product's output port",
                )


def refuse_failures(workspace: Workspace, built: BuiltModels, product: Product) -> None:
    """End the build where a model failed, or a test withholds the release.

    Raises:
        PromiseBrokenError: there is one.
    """
    broken = [node for node in built.nodes if not node.ok]
    ran = [node for node in broken if node.status != "skipped"]
    if any(node.unique_id not in built.harmless for node in broken):
        grave = [node for node in ran if node.unique_id not in built.harmless]
        first = (grave or ran or broken)[0]
        error = refusal(workspace, product, first)
        names = (first.message or "").startswith("Binder Error")
        if (
            names
            and first.name in built.grown
            and (new := _new_columns(workspace, product, first.name))
        ):
            error.message += f"; {new}"
            error.fix = f"mesh build {product.name} --full{workspace.option}"
        raise error
    for result in built.tests:
        if result.blocks:
            raise PromiseBrokenError(
                f"{product.name}: dbt test `{result.check}` could not run: {result.message}",
                place=_place_of_test(workspace, built, product, result.check),
                fix="correct each `ref` and `source` in it that names what is not there or is"
                " turned off; or remove the setting that leaves the test out",
            )


def _place_of_test(
    workspace: Workspace, built: BuiltModels, product: Product, name: str
) -> Place | None:
    checks = dbt_checks(built.manifest, product.name.name)
    path = next((check.test.path for check in checks if check.name == name), None)
    domain = workspace.mesh.domain(product.name.domain)
    return _in_domain(domain, path) if path is not None else None


def _new_columns(workspace: Workspace, product: Product, table: str) -> str | None:
    """Return which promised column the release lacks from which an incremental model went on."""
    port = next(port for port in product.ports if port.contract.table == table)
    current = workspace.current(str(product.name))
    record = current.port(port.name.name) if current else None
    if current is None or record is None:
        return None
    known = {name.lower() for name in record.columns}
    new = next(
        (each.name for each in port.contract.columns if each.name.lower() not in known), None
    )
    if new is None:
        return None
    return f"it is incremental and went on from release {current.number}, which has no `{new}`"


def _in_domain(domain: Domain, path: str) -> Place:
    return Place((PurePosixPath(domain.folder.parent.name) / domain.name / path).as_posix())
