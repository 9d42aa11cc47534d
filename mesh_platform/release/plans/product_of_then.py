"""Reads what a product promised in a commit of git, by the rules that hold for the files of now.

What git keeps elsewhere, behind a symbolic link or in a repository of its own, it cannot compare:
that is refused, because it would look as if nothing had changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract
from mesh_platform.model.descriptors import described
from mesh_platform.model.documents import Document, parse_document
from mesh_platform.model.loader import MESH_FILE, PRODUCT_FILE
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PRODUCTS, PortName, ProductName, major, valid_segment
from mesh_platform.model.odcs import contract_as_written
from mesh_platform.model.odps import Descriptor
from mesh_platform.model.selection import Selection
from mesh_platform.model.suites import STEM
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.release.history import Kept

_CONTRACT = ".odcs.yaml"
_Texts = Mapping[str, str]


def touched_products(files: Iterable[str], folder: str) -> Iterator[ProductName]:
    """Products that some files lie in.

    Args:
        files: names relative to the mesh.
        folder: of the domains, relative to the mesh.
    """
    for file in files:
        parts = _parts(file, folder) if _is_below(file, folder) else ()
        if len(parts) > 3 and parts[1] == PRODUCTS:
            yield ProductName(parts[0], parts[2])


def touched_domains(mesh: Mesh, files: Iterable[str], folder: str) -> Iterator[str]:
    """Domains that something is said of in the files: by their own, or by those of the mesh.

    Args:
        mesh: the mesh as the files say it.
        files: names relative to the mesh.
        folder: of the domains, relative to the mesh.
    """
    for file in files:
        if file == MESH_FILE or _is_below(file, mesh.policy_folder):
            yield from (domain.name for domain in mesh.domains)
        elif _is_below(file, folder) and len(parts := _parts(file, folder)) == 2:
            yield parts[0]


def promises(kept: Iterable[str], folder: str) -> Mapping[ProductName, list[str]]:
    """Files that say what products promise, by product."""
    found: dict[ProductName, list[str]] = {}
    for file in kept:
        parts = _parts(file, folder)
        if len(parts) == 4 and _matters(parts):
            found.setdefault(ProductName(parts[0], parts[2]), []).append(file)
    return found


def refuse_elsewhere(mesh: Mesh, kept: Mapping[str, Kept], chosen: Selection) -> None:
    """Refuse to compare what git does not keep itself, then or now.

    Args:
        mesh: the mesh as the files say it.
        kept: everything that the commit held.
        chosen: products that are asked about.

    Raises:
        MeshError: a folder or a promise is a link, or lies in another repository.
    """
    folder = mesh.folder.relative_to(mesh.root).as_posix()
    then = ((name, each.elsewhere) for name, each in kept.items())
    now = ((path.relative_to(mesh.root).as_posix(), _elsewhere(path)) for path in _paths(mesh))
    for name, what in ((name, what) for name, what in (*then, *now) if what):
        parts = _parts(name, folder)
        if _matters(parts) and _is_chosen(parts, chosen):
            raise MeshError(
                f"{name} is {what}: what it holds is not in this repository's history",
                fix="leave `--against` out to compare with the last release",
            )


def product_of_then(name: ProductName, texts: _Texts, ref: str) -> ProductBefore | None:
    """The product as the texts of its promises say it; None where there was none.

    Raises:
        MeshError: a text cannot be read.
    """
    file = next((file for file in texts if PurePosixPath(file).name == PRODUCT_FILE), None)
    if file is None:
        return None
    try:
        descriptor = _descriptor(parse_document(texts[file], f"{ref}:{file}"))
        ports = tuple(_ports(name, descriptor, texts, ref))
    except MeshError as error:
        fix = "compare with a commit in which `mesh check` finds nothing"
        raise MeshError(error.message, place=error.place, fix=fix) from error
    return ProductBefore(
        name, descriptor.version, ports, ref, texts[file], option=f" --against {ref}"
    )


def _descriptor(document: Document) -> Descriptor:
    descriptor, findings = described(document)
    if descriptor is None:
        raise MeshError(findings[0].message, place=findings[0].place)
    return descriptor


def _ports(
    name: ProductName, descriptor: Descriptor, texts: _Texts, ref: str
) -> Iterator[PortBefore]:
    contracts = {
        (contract.id, major(contract.version)): (file, contract)
        for file, contract in _contracts(texts, ref)
    }
    for entry in descriptor.output_ports:
        port = PortName.versioned(name, entry.name, entry.version)
        found = contracts.get((entry.contract_id or port.path, major(entry.version)))
        if found is None:
            raise MeshError(f"the port `{port}` of {ref} has no contract")
        file, contract = found
        stem = STEM if len(descriptor.output_ports) == 1 else f"{STEM}_{port.name}"
        suite = texts.get(PurePosixPath(file).with_name(f"{stem}.json").as_posix())
        yield PortBefore(port, contract.version, file, texts[file], suite)


def _contracts(texts: _Texts, ref: str) -> Iterator[tuple[str, Contract]]:
    for file, text in texts.items():
        if file.endswith(_CONTRACT):
            yield file, contract_as_written(text, f"{ref}:{file}")


def _paths(mesh: Mesh) -> Iterator[Path]:
    """Folders and files of now behind which a promise may lie."""
    if mesh.folder != mesh.root:
        yield mesh.folder
    for domain in mesh.domains:
        yield from (domain.folder, domain.folder / PRODUCTS)
    for product in mesh.products.values():
        yield from (product.folder, *product.folder.iterdir())


def _elsewhere(path: Path) -> str | None:
    if path.is_symlink():
        return "a symbolic link"
    return "a git repository of its own" if (path / ".git").exists() else None


def _is_below(name: str, folder: str) -> bool:
    return folder == "." or name.startswith(f"{folder}/")


def _parts(name: str, folder: str) -> tuple[str, ...]:
    """A name as seen from the folder of the domains."""
    depth = 0 if folder == "." else folder.count("/") + 1
    return () if name == "." else tuple(name.split("/"))[depth:]


def _matters(parts: tuple[str, ...]) -> bool:
    """Whether a promise stands there, or below: `<domain>/products/<product>/<file>`."""
    match parts:
        case () | (_, "products"):
            return True
        case (name,) | (_, "products", name):
            return valid_segment(name)
        case (_, "products", _, file):
            suite = file.startswith(STEM) and file.endswith(".json")
            return file == PRODUCT_FILE or file.endswith(_CONTRACT) or suite
    return False


def _is_chosen(parts: tuple[str, ...], chosen: Selection) -> bool:
    if len(parts) < 3:
        return not parts or chosen.reaches(parts[0])
    return ProductName(parts[0], parts[2]) in chosen
