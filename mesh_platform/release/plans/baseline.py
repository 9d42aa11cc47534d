"""Read what products promised before: in the current release, or in a commit of git.

Only products whose promise differs from the working files are read: the others cannot have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mesh_platform.environments.promises import promise_of
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.documents import parse_document
from mesh_platform.model.loader import MESH_FILE
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.model.selection import Selection
from mesh_platform.planning.before import ProductBefore
from mesh_platform.planning.promises import ProductChanges, product_changes
from mesh_platform.release.history import History
from mesh_platform.release.plans.product_of_then import (
    product_of_then,
    promises,
    refuse_elsewhere,
    touched_domains,
    touched_products,
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Products as they were; `touched` are those whose files differ, None means all were read.

    `domains` are those with files of their own, outside products, that differ, as far as somebody
    knows. `edited` are products, compared with releases, whose files are not as they were
    committed: a release keeps no README. `forgotten` are products of whose releases the registry
    kept no promise to compare with, `unreadable` those whose files of then cannot be read, with
    the reason.
    """

    known_as: str
    products: Mapping[ProductName, ProductBefore]
    touched: frozenset[ProductName] | None = None
    domains: frozenset[str] = frozenset()
    edited: frozenset[ProductName] = frozenset()
    forgotten: frozenset[ProductName] = frozenset()
    unreadable: Mapping[ProductName, MeshError] = field(default_factory=dict)

    def looked_at(self, name: ProductName) -> bool:
        """Tell whether a product that is not among them is new."""
        known = self.touched is None or name in self.touched
        return known and name not in self.forgotten and name not in self.unreadable


def baseline_of(workspace: Workspace, against: str | None, chosen: Selection) -> Baseline:
    """Return what the chosen products promised, in a commit or by their releases.

    Raises:
        MeshError: the state to compare with cannot be read.
    """
    if against is None:
        return released(workspace)
    return committed(workspace.mesh, against, chosen)


def changes_of(workspace: Workspace, product: Product, against: str | None) -> ProductChanges:
    """Return what one product promises now, held against what it promised.

    Raises:
        MeshError: the two cannot be compared.
    """
    name = product.name
    baseline = baseline_of(workspace, against, Selection.of(workspace.mesh, [str(name)]))
    try:
        if name in baseline.unreadable:
            raise baseline.unreadable[name]
        return product_changes(name, baseline.products.get(name), product)
    except MeshError as error:
        said = f"cannot be compared with {baseline.known_as}: {error.message}"
        raise MeshError(said, place=error.place, fix=error.fix) from error


def released(workspace: Workspace) -> Baseline:
    """Every product as its consumers read it now: in the environment that this one defers to.

    An environment that defers to none is compared with its own releases.
    """
    source = workspace.beyond or workspace
    current = {ProductName.parse(item.product): item for item in source.all_current().values()}
    found = {name: promise_of(source, item) for name, item in current.items()}
    edited = _edited(workspace.mesh)
    folder = workspace.mesh.folder.relative_to(workspace.mesh.root).as_posix()
    return Baseline(
        "the current releases" + ("" if source is workspace else f" of {source.environment}"),
        {
            name: replace(before, option=workspace.option)
            for name, before in found.items()
            if before is not None
        },
        domains=frozenset(touched_domains(workspace.mesh, edited, folder)),
        edited=frozenset(touched_products(edited, folder)),
        forgotten=frozenset(name for name, before in found.items() if before is None),
    )


def _edited(mesh: Mesh) -> frozenset[str]:
    """Files that are not as they were committed; none where git does not know."""
    history = History(mesh.root)
    try:
        return history.touched(history.commit("HEAD"), ".")
    except MeshError:
        return frozenset()


def committed(mesh: Mesh, ref: str, chosen: Selection) -> Baseline:
    """Products whose files differ from a commit, as they were in it.

    Args:
        mesh: the mesh as the files say it.
        ref: a name that git knows.
        chosen: products that are asked about.

    Raises:
        MeshError: git knows no such name, or keeps some of the files elsewhere.
    """
    history = History(mesh.root)
    commit = history.commit(ref)
    folder = mesh.folder.relative_to(mesh.root).as_posix()
    _refuse_other_folder(mesh, history, commit, ref)
    kept = history.files(commit, folder)
    refuse_elsewhere(mesh, kept, chosen)
    differing = history.touched(commit, ".")
    touched = frozenset(touched_products(differing, folder))
    files = {name: found for name, found in promises(kept, folder).items() if name in touched}
    files = {name: found for name, found in files.items() if name in chosen}
    texts = history.texts({file: kept[file] for found in files.values() for file in found})
    products, unreadable = dict[ProductName, ProductBefore](), dict[ProductName, MeshError]()
    for name, found in files.items():
        try:
            before = product_of_then(name, {file: texts[file] for file in found}, ref)
        except MeshError as error:
            unreadable[name] = error
        else:
            products |= {name: before} if before else {}
    domains = frozenset(filter(chosen.reaches, touched_domains(mesh, differing, folder)))
    return Baseline(ref, products, touched, domains, unreadable=unreadable)


def _refuse_other_folder(mesh: Mesh, history: History, commit: str, ref: str) -> None:
    """Refuse to look where the mesh did not lie then: all its products would pass for new.

    Raises:
        MeshError: the mesh, or its domains, lay in another folder.
    """
    if then := _other_folder(mesh, history, commit, ref):
        raise MeshError(
            f"in {ref} {then}: what was promised there cannot be compared",
            place=Place(MESH_FILE),
            fix="leave `--against` out to compare with the last release",
        )


def _other_folder(mesh: Mesh, history: History, commit: str, ref: str) -> str | None:
    kept = history.files(commit, MESH_FILE)
    if not kept:
        moved = history.moved_from(commit, MESH_FILE)
        return f"the mesh lay at `{moved}`" if moved else None
    text = history.texts(kept)[MESH_FILE]
    then = str(parse_document(text, f"{ref}:{MESH_FILE}").data.get("domains", "domains"))
    return None if mesh.root / then == mesh.folder else f"the domains lay in `{then}`"
