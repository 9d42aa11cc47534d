"""Makes the plan of a change: gathers what was promised, who reads it, what a build would cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import PRODUCT_FILE
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.cost import BuildStep, Cost
from mesh_platform.planning.impact import Readers
from mesh_platform.planning.plan import Plan, plan
from mesh_platform.planning.promises import ProductChanges, product_changes
from mesh_platform.registry.records import Attempt
from mesh_platform.release.baseline import Baseline, committed, released
from mesh_platform.release.plan_policies import policies_on
from mesh_platform.release.reads import reads_of
from mesh_platform.release.stale import needs
from mesh_platform.release.workspace import Workspace

ReadersOf = Callable[[tuple[ProductChanges, ...]], Readers]


def make_plan(
    workspace: Workspace,
    chosen: frozenset[ProductName] | None,
    against: str | None,
    readers: ReadersOf,
    today: date,
) -> Plan:
    """Work out what the files, as they are, would change.

    Args:
        workspace: the mesh and the environment whose releases count.
        chosen: products to look at; None means all.
        against: a name that git knows; None compares with the current releases.
        readers: gives who reads which column, once it is known what changes.
        today: the day on which agreements are judged.

    Raises:
        MeshError: the state to compare with cannot be read.
    """
    mesh = workspace.mesh
    baseline = committed(mesh, against) if against else released(workspace)
    changed = tuple(_changed(mesh, baseline, chosen))
    steps = tuple(_builds(workspace, chosen))
    made = plan(baseline.known_as, mesh, changed, readers(changed), steps, today)
    unread = tuple(name for name in _names(mesh, baseline, chosen) if _is_unread(mesh, name))
    made = replace(made, unread=unread)
    reads = reads_of(workspace, _touched(made, baseline, mesh))
    found = [*_of_the_files(mesh, chosen, made), *policies_on(mesh, made, today, reads)]
    return made.joined_by(found)


def _touched(made: Plan, baseline: Baseline, mesh: Mesh) -> set[ProductName]:
    """Products whose promise or code is another than before."""
    promised = {product.name for product in made.products}
    coded = baseline.touched or {step.product for step in made.builds if step.cost is not None}
    return (promised | coded) & set(mesh.products)


def _changed(
    mesh: Mesh, baseline: Baseline, chosen: frozenset[ProductName] | None
) -> Iterator[ProductChanges]:
    for name in _names(mesh, baseline, chosen):
        before, now = baseline.products.get(name), mesh.products.get(name)
        new = before is None and baseline.looked_at(name)
        if (before is not None or new) and not _is_unread(mesh, name):
            yield product_changes(name, before, now)


def _names(
    mesh: Mesh, baseline: Baseline, chosen: frozenset[ProductName] | None
) -> list[ProductName]:
    names = {*baseline.products, *mesh.products}
    return sorted(names if chosen is None else names & chosen)


def _is_unread(mesh: Mesh, name: ProductName) -> bool:
    """Whether a product is there, and its files cannot be read: that is a finding already."""
    if name in mesh.products:
        return False
    return (mesh.folder / name.domain / "products" / name.name / PRODUCT_FILE).is_file()


def _builds(workspace: Workspace, chosen: frozenset[ProductName] | None) -> Iterator[BuildStep]:
    """What a build would make: of the chosen products and of all that depends on them."""
    mesh = workspace.mesh
    names = set(mesh.products)
    if chosen is not None:
        names = {n for name in chosen & names for n in mesh.reach(name, up=False)}
    costs = workspace.all_current() | workspace.registry.newest()
    for need in needs(workspace, mesh.in_order(mesh.products)):
        if need.stale and need.product.name in names:
            yield BuildStep(need.product.name, need.reason, _cost(need.product, costs))


def _cost(product: Product, releases: Mapping[str, Attempt]) -> Cost | None:
    release = releases.get(str(product.name))
    if release is None:
        return None
    rows = sum(port.rows or 0 for port in release.ports)
    return Cost(rows, sum(port.bytes or 0 for port in release.ports), release.seconds or 0.0)


def _of_the_files(
    mesh: Mesh, chosen: frozenset[ProductName] | None, made: Plan
) -> Iterator[Finding]:
    """What is wrong in the files; that a major is gone is told once, by the plan."""
    told = {finding.product for finding in made.findings if finding.code == "change.not-agreed"}
    domains = {name.domain for name in chosen} if chosen is not None else None
    for finding in mesh.findings:
        domain = (finding.product or "").split("/")[0]
        if domains is not None and domain and domain not in domains:
            continue
        if finding.code == "input.unknown-port" and told:
            continue
        yield finding
