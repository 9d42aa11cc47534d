"""Honest version numbers in a product's files, and the names that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.model.documents import read_document
from mesh_platform.model.loader import PRODUCT_FILE
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.naming import PortName
from mesh_platform.scaffold.editing import EditedFile


def edited_files(
    product: Product, root: Path, version: str | None, ports: Mapping[PortName, str]
) -> list[EditedFile]:
    """The descriptor and the contracts with their new versions, not yet written.

    Raises:
        MeshError: a version is not where it can be edited.
    """
    raised = (port for port in product.ports if port.name in ports)
    contracts = [_contract(port, root, ports[port.name]) for port in raised]
    return [_descriptor(product, root, version, ports), *contracts]


def refuse_taken(
    product: Product, ports: Mapping[PortName, str], kept: Iterable[PortName] = ()
) -> None:
    """Refuse versions with which two ports of a product would have one name.

    Args:
        product: as its files say it now.
        ports: new version of each port that gets one.
        kept: names of ports that come back.

    Raises:
        MeshError: the next major of a port is offered already.
    """
    names = {port.name: port.name for port in product.ports}
    names |= {old: PortName.versioned(old.product, old.base, new) for old, new in ports.items()}
    taken = [*kept, *(new for old, new in names.items() if new == old)]
    for old, new in names.items():
        if new != old and (new in taken or list(names.values()).count(new) > 1):
            raise MeshError(
                f"`{old}` cannot become `{new}`: that one is offered already",
                place=next(port.contract.place for port in product.ports if port.name == old),
                fix=f"take back what breaks `{old}`, and offer it as a major after `{new}`",
            )


def output_entries(product: Product, root: Path) -> list[tuple[int, PortName]]:
    """Position and name of each output port in the descriptor."""
    path = product.folder / PRODUCT_FILE
    entries = read_document(path, path.relative_to(root).as_posix()).data["outputPorts"]
    return [
        (index, PortName.versioned(product.name, entry["name"], str(entry["version"])))
        for index, entry in enumerate(entries)
    ]


def _descriptor(
    product: Product, root: Path, version: str | None, ports: Mapping[PortName, str]
) -> EditedFile:
    path = product.folder / PRODUCT_FILE
    edited = EditedFile(path, path.relative_to(root).as_posix())
    if version is not None:
        edited.set(("version",), version)
    for index, name in output_entries(product, root):
        if name in ports:
            edited.set(("outputPorts", index, "version"), ports[name])
    return edited


def _contract(port: Port, root: Path, version: str) -> EditedFile:
    file = port.contract.place.file
    edited = EditedFile(root / file, file)
    edited.set(("version",), version)
    return edited
