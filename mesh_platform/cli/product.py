"""`mesh product`: the honest version numbers in a product's files, and its end."""

from __future__ import annotations

from typing import Any

import typer

from mesh_platform.cli.arguments import AgainstOption, ProductArgument
from mesh_platform.cli.options import MeshCommand, MeshGroup, settings
from mesh_platform.cli.output import answer
from mesh_platform.cli.plan import today
from mesh_platform.errors import MeshError
from mesh_platform.model.naming import PortName
from mesh_platform.planning.plan import ProductPlan
from mesh_platform.release.lineage.readers import nobody
from mesh_platform.release.plans.plan import make_plan
from mesh_platform.release.retire import retire as take_away
from mesh_platform.scaffold.bump import bump as write_versions

product = typer.Typer(
    name="product",
    cls=MeshGroup,
    help="Change a product's versions, or end it.\n\nExample: mesh product bump flights/departures",
    no_args_is_help=True,
)


@product.command("bump", cls=MeshCommand)
def bump(
    context: typer.Context,
    name: ProductArgument,
    against: AgainstOption = None,
) -> None:
    """Write the versions that `mesh plan` asks for into the product's contracts and descriptor.

    A version that says enough already stays as it is.

    Example: mesh product bump flights/departures
    """
    said = settings(context)
    workspace = said.begun()
    found = workspace.mesh.product(name)
    made = make_plan(workspace, [name], against, nobody, today())
    if made.uncompared:
        wrong = made.uncompared[0]
        raise MeshError(wrong.message, place=wrong.place, fix=wrong.fix)
    own, ports = _needed(made.products)
    written = write_versions(found, workspace.mesh.root, own, ports) if own or ports else ()
    data = {
        "product": name,
        "version": own or found.version,
        "ports": {str(port): version for port, version in ports.items()},
        "written": list(written),
        "new_majors": [str(new) for new in _new_majors(ports)],
    }
    answer(said, data, lambda: _text(data))


@product.command("retire", cls=MeshCommand)
def retire(context: typer.Context, name: ProductArgument) -> None:
    """Take the last release of a product away whose folder is gone, and which nobody reads.

    Until then its data stays current, and `mesh plan` tells that it is gone. History and data of
    its releases are kept.

    Example: mesh product retire flights/departures
    """
    said = settings(context)
    workspace = said.begun()
    release = take_away(workspace, name)
    data = {"product": name, "release": release.number, "environment": workspace.environment}
    answer(said, data, lambda: f"{name}: release {release.number} is not current any more")


def _needed(products: tuple[ProductPlan, ...]) -> tuple[str | None, dict[PortName, str]]:
    own: str | None = None
    ports: dict[PortName, str] = {}
    for step in (step for product in products for step in product.versions if not step.enough):
        if step.port is None:
            own = step.required
        else:
            ports[step.port] = step.required
    return own, ports


def _new_majors(ports: dict[PortName, str]) -> list[PortName]:
    """Ports that have another name from this version on."""
    names = {old: PortName.versioned(old.product, old.base, new) for old, new in ports.items()}
    return [new for old, new in names.items() if new != old]


def _text(data: dict[str, Any]) -> str:
    if not data["written"]:
        return f"{data['product']}: the versions say enough already"
    lines = [f"port {port}: {version}" for port, version in data["ports"].items()]
    lines.insert(0, f"product {data['product']}: {data['version']}")
    lines += [f"written: {file}" for file in data["written"]]
    if data["new_majors"]:
        names = " and ".join(f"`{name}`" for name in data["new_majors"])
        lines.append(
            f"A new major is a port of its own, {names}: keep the old one beside it for its"
            f" readers, or have them move or agree. mesh plan {data['product']}"
        )
    return "\n".join(lines)
