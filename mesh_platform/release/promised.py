"""What a release promised, as the registry kept it, held against what the files promise now."""

from __future__ import annotations

from mesh_platform.errors import MeshError
from mesh_platform.model.changes.values import Level
from mesh_platform.model.mesh import Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.planning.promises import product_changes
from mesh_platform.planning.versions import version_steps
from mesh_platform.registry.records import Attempt
from mesh_platform.release.workspace import Workspace


def promise_of(workspace: Workspace, release: Attempt) -> ProductBefore | None:
    """What a release promised; None where the text of a promise was not kept."""
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
    return ProductBefore(name, release.version, tuple(ports), f"release {release.number}", text)


def understated(workspace: Workspace, product: Product, before: Attempt | None) -> tuple[str, ...]:
    """Tells that a product breaks what it promised in a release, and keeps its major version.

    A build goes on all the same: `mesh plan` is where this stands against a change.
    """
    was = promise_of(workspace, before) if before else None
    if was is None:
        return ()
    try:
        steps = version_steps(product_changes(product.name, was, product))
        breaks = any(step.level is Level.MAJOR and not step.enough for step in steps)
    except MeshError:
        return ()
    if not breaks:
        return ()
    said = f"{product.name} breaks what {was.known_as} promised, under the same major version"
    return (f"{said}: mesh plan {product.name}",)
