"""Provides `mesh env`: list and drop environments, and promote releases between them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from mesh_platform.cli.build import remember
from mesh_platform.cli.options import MeshCommand, MeshGroup, settings
from mesh_platform.cli.output import answer, moment, size, table, tell
from mesh_platform.environments.lifecycle import (
    Environment,
    drop,
    environments,
    keeps_runs_elsewhere,
    known,
    refuse_drop,
)
from mesh_platform.environments.workspace import DEFERS_TO, Workspace
from mesh_platform.errors import MeshError, listed, several
from mesh_platform.release.promote import Promoted, promote

env = typer.Typer(
    cls=MeshGroup,
    help="Environments: trials beside the real thing, and the way from one to the other.\n\n"
    "The first build in an environment makes it: `mesh build --env alice`, or, to build only what "
    "differs from prod, `mesh build --env alice --defer-to prod`.\n\n"
    "Example: mesh env list",
    no_args_is_help=True,
)


@env.command("list", cls=MeshCommand)
def list_environments(context: typer.Context) -> None:
    """List environments: what was built there, how big they are, what they defer to.

    Example: mesh env list
    """
    said = settings(context)
    found = environments(said.workspace())
    data = [_json(item) for item in found]
    answer(said, data, lambda: _table(found))


@env.command("drop", cls=MeshCommand)
def drop_environments(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Environments.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even if another environment defers to it.")
    ] = False,
) -> None:
    """Remove environments with all that was built there. What was promoted from them stays.

    Example: mesh env drop alice
    """
    said = settings(context)
    workspace = said.workspace()
    chosen = list(dict.fromkeys(names))
    refuse_drop(workspace, chosen, force=force)
    found = [item for item in environments(workspace) if item.name in chosen]
    if not yes:
        _ask(found)
    drop(workspace, chosen, force=force, forget=_forget)
    data = {"dropped": chosen, "bytes": sum(item.bytes for item in found)}
    answer(said, data, lambda: f"dropped: {', '.join(chosen)}")


@env.command("promote", cls=MeshCommand)
def promote_releases(
    context: typer.Context,
    products: Annotated[list[str], typer.Argument(metavar="PRODUCT...", help="Which.")],
    source: Annotated[
        str | None, typer.Option("--from", metavar="ENV", help="Where from; else `--env`.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="ENV", help="Where to; else what it defers to.")
    ] = None,
) -> None:
    """Make current releases of one environment current in another, all together.

    Nothing is built and no data is copied: both environments share the files. A release that read
    what the other environment does not have is refused; promote what it read with it.

    PRODUCT is `domain/product`.

    Example: mesh env promote flights/departures --from alice --to prod
    """
    said = settings(context)
    workspace = said.workspace()
    giver = known(workspace, source or said.environment)
    taker = known(workspace, target or _deferred_to(giver))
    chosen = [workspace.mesh.product(name) for name in products]
    done = promote(giver, taker, chosen, tell)
    if any(item.new for item in done):
        _announce(taker, done)
        remember(taker)
    for item in done:
        if item.warning:
            tell(item.warning, style="yellow")
    answer(said, _promoted_json(done), lambda: _promoted_text(done, taker.environment))


def _announce(workspace: Workspace, done: list[Promoted]) -> None:
    """Show promoted releases in the Dagster UI; warn if that fails, and go on."""
    from mesh_platform.orchestration.announce import announce

    try:
        announce(workspace, done)
    except Exception as error:  # noqa: BLE001 - consumers read the release already
        tell(f"Dagster could not be told: {error}", style="yellow")


def _deferred_to(workspace: Workspace) -> str:
    found = workspace.registry.setting(DEFERS_TO)
    if found is None:
        raise MeshError(
            f"`{workspace.environment}` defers to no environment",
            fix="say where to with `--to ENV`",
        )
    return found


def _ask(found: list[Environment]) -> None:
    if not sys.stdin.isatty():
        raise MeshError("nothing was dropped: nobody is there to ask", fix="say `--yes`")
    for item in found:
        tell(
            f"{item.name}: {several(item.releases, 'release')} of "
            f"{several(len(item.products), 'product')}, {size(item.bytes)}; gone for good"
        )
    try:
        agreed = typer.confirm("drop?", err=True)
    except typer.Abort:
        agreed = False
        tell("")  # the answer ended without a line end
    if not agreed:
        raise MeshError("nothing was dropped")


def _forget(workspace: Workspace) -> None:
    if keeps_runs_elsewhere(workspace):
        from mesh_platform.orchestration.instance import forget_runs

        forget_runs(workspace)


def _json(item: Environment) -> dict[str, Any]:
    last = item.last_build.isoformat() if item.last_build else None
    return asdict(item) | {"products": list(item.products), "last_build": last}


def _table(found: list[Environment]) -> RenderableType:
    if not found:
        return "There is no environment yet: mesh build makes the first, `dev`."
    rows = [
        (
            item.name,
            listed(item.products, 3) or "none",
            item.releases,
            size(item.bytes),
            item.defers_to or "",
            "yes" if item.guarded else "",
            moment(item.last_build),
            item.problem or "",
        )
        for item in found
    ]
    names = (
        "environment",
        "built here",
        "#releases",
        "#size",
        "defers to",
        "guarded",
        "last build",
        "",
    )
    return table(names, rows)


def _promoted_json(done: list[Promoted]) -> dict[str, Any]:
    new = any(item.new for item in done)
    return {
        "outcome": "promoted" if new else "up_to_date",
        "products": [_promoted_entry(item) for item in done],
    }


def _promoted_entry(item: Promoted) -> dict[str, Any]:
    ports = item.release.ports
    return {
        "product": str(item.product.name),
        "outcome": "promoted" if item.new else "up_to_date",
        "release": item.release.number,
        "from": {"environment": item.source.environment, "release": item.source.number},
        "ports": [{"name": p.port, "rows": p.rows, "bytes": p.bytes} for p in ports],
        "copied_bytes": item.copied,
        "warning": item.warning,
    }


def _promoted_text(done: list[Promoted], target: str) -> RenderableType:
    rows = [
        (
            str(item.product.name),
            "promoted" if item.new else "was there",
            f"{item.source.number} of {item.source.environment}",
            item.release.number,
            " + ".join(f"{port.rows or 0:,}" for port in item.release.ports),
        )
        for item in done
    ]
    made = table(("product", "", "release", f"#release of {target}", "#rows"), rows)
    copied = sum(item.copied for item in done)
    word = f"{size(copied)} copied: the environments lie on different disks" if copied else ""
    return Group(made, *([word] if word else []))
