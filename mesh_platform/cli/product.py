"""`mesh product`: the honest version numbers in a product's files, and its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from mesh_platform.cli.arguments import AgainstOption, PortArgument, ProductArgument
from mesh_platform.cli.options import MeshCommand, MeshGroup, Settings, settings
from mesh_platform.cli.output import answer
from mesh_platform.environments.ways_out import in_environment
from mesh_platform.errors import listed
from mesh_platform.model.naming import PortName
from mesh_platform.planning.versions import VersionStep, version_steps
from mesh_platform.release.plans.baseline import changes_of
from mesh_platform.release.plans.old_majors import OldMajor, beside, next_majors, old_majors
from mesh_platform.release.retire import retire as take_away
from mesh_platform.scaffold.move import move as move_to
from mesh_platform.scaffold.new_major import write_majors
from mesh_platform.scaffold.sync import bring_in_step

product = typer.Typer(
    name="product",
    cls=MeshGroup,
    help="Change a product's versions, move it to another version of an input, or end it.\n\n"
    "Example: mesh product bump flights/departures",
    no_args_is_help=True,
)


@product.command("bump", cls=MeshCommand)
def bump(
    context: typer.Context,
    name: ProductArgument,
    against: AgainstOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Offer an old major beside the new one, from git.")
    ] = False,
) -> None:
    """Write the versions that `mesh plan` asks for into the product's contracts and descriptor.

    A version that says enough already stays as it is.

    With `--keep`, a port that gets a new major is offered in both: its files take the name of the
    new major, and those of the old one come back as git has them.

    Example: mesh product bump flights/departures --keep
    """
    said = settings(context)
    workspace = said.begun()
    found, root = workspace.mesh.product(name), workspace.mesh.root
    changes = changes_of(workspace, found, against)
    own, ports = _needed(version_steps(changes))
    if keep:
        majors = tuple(old_majors(workspace, changes, ports, against))
        own, _ = _needed(version_steps(beside(changes, majors)))
    else:
        majors = tuple(next_majors(changes, ports))
    written = write_majors(found, root, own, ports, majors) if own or ports or majors else ()
    written += _synced(said, found.name.domain) if written else ()
    data = {
        "product": name,
        "compared_with": changes.before.known_as if changes.before else None,
        "version": own or found.version,
        "ports": {str(port): version for port, version in ports.items()},
        "written": list(dict.fromkeys(written)),
        "new_majors": [str(new) for new in _new_majors(ports)],
        "kept": [_kept(major) for major in majors if major.kept],
    }
    answer(said, data, lambda: in_environment(_text(data, keep), said.environment))


@product.command("move", cls=MeshCommand)
def move(context: typer.Context, name: ProductArgument, port: PortArgument) -> None:
    """Have a product read another major of a port, in its descriptor, models, tests and rules.

    Without `@2` the newest major is meant that is not deprecated. Columns that it does not have
    any more are named by `mesh plan`.

    Example: mesh product move punctuality/daily flights/departures@2
    """
    said = settings(context)
    mesh = said.begun().mesh
    found, target = mesh.product(name), mesh.port(port)
    written = move_to(mesh, found, target)
    written += _synced(said, found.name.domain) if written else ()
    data = {"product": name, "reads": str(target.name), "written": list(dict.fromkeys(written))}
    answer(said, data, lambda: in_environment(_moved_in_words(data), said.environment))


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


def _synced(said: Settings, domain: str) -> tuple[str, ...]:
    """Generated files that follow from what was written."""
    mesh = said.begun().mesh
    return bring_in_step(mesh, [mesh.domain(domain)]).written


def _moved_in_words(data: dict[str, Any]) -> str:
    name, port = data["product"], data["reads"]
    if not data["written"]:
        return f"{name} reads {port} already"
    lines = [f"{name} reads {port} now", *(f"written: {file}" for file in data["written"])]
    see, then = f"mesh plan {name.partition('/')[0]}", f"mesh product bump {name}"
    return "\n".join([*lines, f"see that it fits: {see}; it needs another version then: {then}"])


def _needed(steps: Iterable[VersionStep]) -> tuple[str | None, dict[PortName, str]]:
    own: str | None = None
    ports: dict[PortName, str] = {}
    for step in steps:
        if step.enough:
            continue
        if step.port is None:
            own = step.required
        else:
            ports[step.port] = step.required
    return own, ports


def _kept(major: OldMajor) -> dict[str, Any]:
    return {
        "port": str(major.before.name),
        "version": major.before.version,
        "beside": str(major.name),
        "commit": major.commit,
        "reads_changed": list(major.changed),
    }


def _new_majors(ports: dict[PortName, str]) -> list[PortName]:
    """Ports that have another name from this version on."""
    names = {old: PortName.versioned(old.product, old.base, new) for old, new in ports.items()}
    return [new for old, new in names.items() if new != old]


def _text(data: dict[str, Any], keep: bool) -> str:
    name = data["product"]
    if data["compared_with"] is None:
        return f"{name}: nothing of it is released, so that it may change freely"
    if not data["written"]:
        enough = f"{name}: the versions say enough already"
        return enough + (", and no port has a new major" if keep else "")
    lines = [f"product {name}: {data['version']}"]
    lines += [f"port {port}: {version}" for port, version in data["ports"].items()]
    lines += [f"written: {file}" for file in data["written"]]
    lines += [_kept_in_words(name, kept) for kept in data["kept"]]
    if keep and not data["kept"]:
        lines.append("Nothing is kept: no port has a new major under another name.")
    if data["new_majors"] and not data["kept"]:
        names = " and ".join(f"`{new}`" for new in data["new_majors"])
        lines.append(
            f"A new major is a port of its own, {names}: keep the old one beside it for its"
            f" readers (--keep), or have them move or agree. mesh plan {name}"
        )
    return "\n".join(lines)


def _kept_in_words(name: str, kept: dict[str, Any]) -> str:
    said = (
        f"`{kept['port']}` {kept['version']} stays beside `{kept['beside']}`, as commit"
        f" {kept['commit'][:7]} has it; say when it ends: `endOfSupport` under its `slaProperties`."
    )
    if kept["reads_changed"]:
        said += (
            f" Its model reads {listed(kept['reads_changed'])}, changed since then: see that it"
            f" still returns what {kept['version']} promised."
        )
    return f"{said} mesh plan {name}"
