"""Find a port and a release of it, even where the files of its product have errors.

The registry and the lake can still be read then. The contract must be readable, because it says
who may see what.
"""

from __future__ import annotations

import os
from functools import partial

from mesh_platform.environments.promises import port_as_promised, promise_of
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place, PromiseBrokenError
from mesh_platform.model.findings import Findings
from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import PRODUCTS, ProductName
from mesh_platform.model.odcs import read_contract
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.state.records import Attempt

_TEXT_LOST = "mend the files of the product: what the release promised was not kept"


def find_released(
    workspace: Workspace, text: str, number: int | None = None
) -> tuple[Port, Attempt]:
    """Return a port by its name and a release of it; the port has its contract of today.

    Raises:
        MeshError: there is no such port or release.
        PromiseBrokenError: neither the product nor the contract of the port can be read.
    """
    name = workspace.mesh.unread_by(text)
    if name is None:
        return workspace.find(text, number)
    release = workspace.release(name, number)
    promise = promise_of(workspace, release)
    if promise is None:
        raise MeshError(f"`{text}` cannot be read", fix=_TEXT_LOST)
    port = _with(workspace.mesh, name, promise).port(text)
    before = next(each for each in promise.ports if each.name == port.name)
    return _as_now(workspace.mesh, port, before), release


def _with(mesh: Mesh, name: ProductName, promise: ProductBefore) -> Mesh:
    """Return the mesh with a product that has the ports of a release, and nothing else."""
    product = Product(
        name=name,
        title=str(name),
        type="unspecified",
        version=promise.version,
        status="unknown",
        purpose=None,
        folder=mesh.domain(name.domain).folder / PRODUCTS / name.name,
        landings=(),
        inputs=(),
        ports=tuple(port_as_promised(each) for each in promise.ports),
        place=mesh.domain(name.domain).home,
    )
    return mesh.with_domains(
        tuple(
            domain.model_copy(update={"products": (*domain.products, product)})
            if domain.name == name.domain
            else domain
            for domain in mesh.domains
        )
    )


def _as_now(mesh: Mesh, port: Port, before: PortBefore) -> Port:
    """Return the port with its contract as in the file now, which may protect more than before.

    Raises:
        PromiseBrokenError: the file has errors.
    """
    found, place = Findings(), Place(before.file, 1)
    read = partial(read_contract, mesh.root / before.file, before.file, os.environ)
    contract, findings = found.attempt("contract.invalid", read, place) or (None, [])
    if contract is None:
        first = next(f for f in (*found.items, *findings) if f.blocking)
        raise PromiseBrokenError(
            f"`{port.name}` is not read: its contract, which says who may see what, has errors:"
            f" {first.message}",
            place=first.place,
            fix=first.fix or f"mesh check {port.name.product.domain}",
        )
    return port.model_copy(update={"contract": contract})
