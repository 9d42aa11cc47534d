"""Has a product read another major of an input: what `mesh product move` does.

The descriptor, the models and tests of the product, and the SQL of its rules name the port; all of
them are edited, and nothing else, the descriptor last: until then the command can be run again.
Whether the columns are still there, the plan tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mesh_platform.errors import MeshError, listed
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.documents import Path as Keys
from mesh_platform.model.loader import PRODUCT_FILE
from mesh_platform.model.mesh import Mesh, Port, PortInput, Product
from mesh_platform.model.naming import PortName
from mesh_platform.scaffold.code import (
    SHARED,
    bytes_of,
    code_below,
    text_of,
    with_relation,
    with_source,
)
from mesh_platform.scaffold.editing import EditedFile
from mesh_platform.scaffold.files import replace_file


def move(mesh: Mesh, product: Product, port: Port) -> tuple[str, ...]:
    """Have a product read a port in the major that is named.

    Args:
        mesh: as its files say it now.
        product: of the mesh.
        port: what it is to read.

    Returns:
        The files written, relative to the mesh; none where it reads the port already.

    Raises:
        MeshError: the product reads no major of the port, or a file cannot be edited without
            touching other lines; nothing is written.
    """
    old = _read_now(product, port.name)
    if old.port == port.name:
        return ()
    root = mesh.root
    edited = [*_contracts(product, root, old, port.name), _descriptor(product, root, old, port)]
    texts = dict(_code(mesh, product, old.port, port.name))
    texts |= {each.path: each.text() for each in edited}
    for path, text in texts.items():
        replace_file(path, bytes_of(text))
    return tuple(sorted(path.relative_to(root).as_posix() for path in texts))


def _read_now(product: Product, name: PortName) -> PortInput:
    """The input of the product that is a major of the port; the newest of several."""
    found = [item for item in product.inputs if item.port.path == name.path]
    if not found:
        read = listed([f"`{item.port}`" for item in product.inputs]) or "no port"
        raise MeshError(
            f"{product.name} does not read `{name.path}`",
            place=product.place,
            fix=f"it reads {read}; a new input is an entry of `inputPorts`",
        )
    same = (item for item in found if item.port == name)
    return next(same, max(found, key=lambda item: item.port))


def _descriptor(product: Product, root: Path, old: PortInput, port: Port) -> EditedFile:
    path = product.folder / PRODUCT_FILE
    edited = EditedFile(path, path.relative_to(root).as_posix())
    document = read_document(path, edited.shown)
    for index in range(len(document.data["inputPorts"])):
        if document.place(("inputPorts", index)) == old.place:
            edited.set_below(("inputPorts", index, "version"), port.version, above="name")
    return edited


def _contracts(product: Product, root: Path, old: PortInput, new: PortName) -> Iterator[EditedFile]:
    """Contracts whose rules ask for the port in SQL."""
    for port in product.ports:
        file = port.contract.place.file
        edited, changed = EditedFile(root / file, file), False
        for path, query in _queries(read_document(root / file, file)):
            moved = with_relation(query, old.port, new)
            if moved != query:
                edited.set(path, moved)
                changed = True
        if changed:
            yield edited


def _queries(document: Document) -> Iterator[tuple[Keys, str]]:
    """The SQL of all rules of a contract, wherever they stand, with the path of each."""
    left: list[tuple[Keys, object]] = [((), document.data)]
    while left:
        path, value = left.pop()
        if isinstance(value, list):
            left += [((*path, index), each) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            if "quality" in path and isinstance(value.get("query"), str):
                yield (*path, "query"), value["query"]
            left += [((*path, key), each) for key, each in value.items()]


def _code(mesh: Mesh, product: Product, old: PortName, new: PortName) -> Iterator[tuple[Path, str]]:
    """Models, tests and their properties that name the port as a source of dbt."""
    for path in code_below([product.folder, *_shared(mesh, product, old)]):
        found = text_of(path)
        moved = with_source(found, old, new)
        if moved != found:
            yield path, moved


def _shared(mesh: Mesh, product: Product, old: PortName) -> list[Path]:
    """What the domain has beside its products, where no other of them reads the old major."""
    domain = mesh.domain(product.name.domain)
    others = (item.port for each in domain.products if each != product for item in each.inputs)
    return [] if old in others else [domain.folder / name for name in SHARED]
