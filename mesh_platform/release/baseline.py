"""What products promised before: by the current release, or by a commit of git.

Only products whose promise differs from the working files are read: the others cannot have changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract
from mesh_platform.model.documents import Document, parse_document
from mesh_platform.model.loader import PRODUCT_FILE
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.model.odcs import parse_contract
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.registry.records import Attempt, ContractRecord
from mesh_platform.release.history import History
from mesh_platform.release.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Baseline:
    """Products as they were; `touched` are those whose files differ, None means all were read."""

    known_as: str
    products: Mapping[ProductName, ProductBefore]
    touched: frozenset[ProductName] | None = None

    def looked_at(self, name: ProductName) -> bool:
        """Whether a product that is not among them is new."""
        return self.touched is None or name in self.touched


def released(workspace: Workspace) -> Baseline:
    """Every product as its consumers read it now: in the environment that this one defers to.

    An environment that defers to none is compared with its own releases.
    """
    source = workspace.beyond or workspace
    found = (_released(source, item) for item in source.all_current().values())
    of = "" if source is workspace else f" of {source.environment}"
    return Baseline(f"the current releases{of}", {before.name: before for before in found})


def _released(workspace: Workspace, release: Attempt) -> ProductBefore:
    name, registry = ProductName.parse(release.product), workspace.home_of(release).registry
    kept = {record.port: registry.contract(record.contract_digest) for record in release.ports}
    ports = [_port(PortName(name, port), promise) for port, promise in kept.items() if promise]
    digest = release.descriptor_digest
    descriptor = registry.contract(digest) if digest else None
    text = descriptor.text if descriptor else None
    return ProductBefore(name, release.version, tuple(ports), f"release {release.number}", text)


def _port(name: PortName, promise: ContractRecord) -> PortBefore:
    return PortBefore(name, promise.version, promise.file, promise.text, promise.suite)


def committed(mesh: Mesh, ref: str) -> Baseline:
    """Products whose files differ from a commit, as they were in it.

    Raises:
        MeshError: git knows no such name, or a file of then cannot be read.
    """
    history = History(mesh.root)
    commit = history.commit(ref)
    folder = mesh.folder.relative_to(mesh.root).as_posix()
    touched_files = history.touched(commit, folder)
    folders = sorted(set(filter(None, (_product_folder(file, folder) for file in touched_files))))
    files = {name: _promises(history.files(commit, name)) for name in folders}
    texts = history.texts(commit, [file for names in files.values() for file in names])
    found = (
        _committed(PurePosixPath(name), {file: texts[file] for file in names}, ref)
        for name, names in files.items()
    )
    before = {product.name: product for product in found if product is not None}
    names = (PurePosixPath(name) for name in folders)
    touched = frozenset(ProductName(name.parts[-3], name.name) for name in names)
    return Baseline(ref, before, touched)


def _product_folder(file: str, domains: str) -> str | None:
    """`domains/<domain>/products/<product>` of a file inside it."""
    parts = PurePosixPath(file).parts
    depth = len(PurePosixPath(domains).parts)
    if len(parts) < depth + 4 or parts[depth + 1] != "products":
        return None
    return "/".join(parts[: depth + 3])


def _promises(files: Iterable[str]) -> list[str]:
    """Files that say what a product promises."""
    return [
        file
        for file in files
        if file.endswith(".odcs.yaml")
        or PurePosixPath(file).name == PRODUCT_FILE
        or (PurePosixPath(file).name.startswith("expectations") and file.endswith(".json"))
    ]


def _committed(folder: PurePosixPath, texts: dict[str, str], ref: str) -> ProductBefore | None:
    file = (folder / PRODUCT_FILE).as_posix()
    if file not in texts:
        return None
    name = ProductName(folder.parts[-3], folder.name)
    descriptor = parse_document(texts[file], file)
    ports = tuple(_ports(name, descriptor, texts, ref))
    return ProductBefore(name, str(descriptor.data.get("version")), ports, ref, texts[file])


def _ports(
    name: ProductName, descriptor: Document, texts: dict[str, str], ref: str
) -> Iterator[PortBefore]:
    contracts = [
        (file, _contract(text, file, ref))
        for file, text in texts.items()
        if file.endswith(".odcs.yaml")
    ]
    for entry in descriptor.data.get("outputPorts") or ():
        port = PortName.versioned(name, entry["name"], str(entry["version"]))
        wanted = entry.get("contractId") or port.path
        for file, contract in contracts:
            if contract.id == wanted and contract.version == str(entry["version"]):
                yield PortBefore(port, contract.version, file, contract.text)


def _contract(text: str, file: str, ref: str) -> Contract:
    contract, findings = parse_contract(text, f"{ref}:{file}", os.environ)
    if contract is None:
        raise MeshError(
            f"the contract {file} of {ref} cannot be read: {findings[0].message}",
            place=findings[0].place,
            fix="compare with a commit in which `mesh check` finds nothing",
        )
    return contract
