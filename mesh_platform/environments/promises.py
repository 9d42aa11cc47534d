"""Read what releases promised, as the registry keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Suite, with_suite
from mesh_platform.model.mesh import Port
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.model.odcs import contract_as_written
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.state.records import Attempt

if TYPE_CHECKING:
    from mesh_platform.environments.workspace import Workspace


def promise_of(workspace: Workspace, release: Attempt) -> ProductBefore | None:
    """Return what a release promised; None where the text of a contract was not kept."""
    registry = workspace.home_of(release).registry
    name, ports = ProductName.parse(release.product), list[PortBefore]()
    for record in release.ports:
        kept = registry.contract(record.contract_digest)
        if kept is None:
            return None
        port = PortName(name, record.port)
        ports.append(PortBefore(port, kept.version, kept.file, kept.text, kept.suite))
    digest = release.descriptor_digest
    descriptor = registry.contract(digest) if digest else None
    text = descriptor.text if descriptor else None
    place = f" of {release.environment}" if release.environment else ""
    known_as = f"release {release.number}{place}"
    return ProductBefore(
        name, release.version, tuple(ports), known_as, text, option=workspace.option
    )


def port_as_promised(promise: PortBefore) -> Port:
    """Return a port with what it promised in a release."""
    contract = contract_as_written(promise.text, promise.file)
    if promise.suite is not None:
        suite = Suite(file=f"the expectations of {promise.file}", text=promise.suite)
        contract = with_suite(contract, suite)
    return Port(name=promise.name, description=None, version=promise.version, contract=contract)


def released_ports(workspace: Workspace, releases: Iterable[Attempt]) -> dict[PortName, Port]:
    """Return the ports of releases that do not promise what the files promise now.

    Args:
        workspace: where the releases are read.
        releases: of products whose files may have errors.

    Returns:
        The ports as they were promised; a port is left out where nobody can tell.
    """
    found: dict[PortName, Port] = {}
    for release in releases:
        with suppress(MeshError):  # the text is lost, or this version cannot read it
            promise = promise_of(workspace, release)
            for port in promise.ports if promise else ():
                now = workspace.mesh.ports.get(port.name)
                if now is None or now.contract.text != port.text:
                    found[port.name] = port_as_promised(port)
    return found
