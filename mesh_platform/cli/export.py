"""`mesh export`: what the mesh knows, in the forms of Bitol's drafts, for other tools."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import typer
import yaml

from mesh_platform.cli.arguments import AgainstOption, FileOption, PortArgument, ReleaseOption
from mesh_platform.cli.look import tell_place
from mesh_platform.cli.options import MeshCommand, MeshGroup, settings
from mesh_platform.cli.output import put
from mesh_platform.errors import several

export = typer.Typer(cls=MeshGroup, help="What other tools read.", no_args_is_help=True)


@export.command("oors", cls=MeshCommand)
def oors(
    context: typer.Context,
    port: PortArgument,
    release: ReleaseOption = None,
    file: FileOption = None,
) -> None:
    """Write what the checks of a release said, as recorded, in the form of Bitol's draft OORS.

    Example: mesh export oors flights/departures -o results.json
    """
    from mesh_platform.release.results import observability_results
    from mesh_platform.release.verification import contract_of

    workspace = settings(context).begun()
    found, chosen = workspace.find(port, release)
    tell_place(workspace, chosen)
    records = [r for r in workspace.checks(chosen) if r.port == found.name.name]
    document = observability_results(chosen, contract_of(workspace, found, chosen), records)
    put(_json(document), file, f"{len(records)} results")


@export.command("omds", cls=MeshCommand)
def omds(
    context: typer.Context,
    port: PortArgument,
    against: AgainstOption = None,
    file: FileOption = None,
) -> None:
    """Write what changes in a port's contract, in the form of Bitol's draft OMDS.

    The files are compared with the current release, or with --against REF as git knows it.

    Example: mesh export omds flights/departures --against origin/main
    """
    from mesh_platform.release.plans.difference import metadata_difference

    workspace = settings(context).begun()
    document = metadata_difference(workspace, workspace.mesh.port(port), against)
    put(_json(document), file, f"{len(document['diffs'])} differences")


@export.command("omms", cls=MeshCommand)
def omms(context: typer.Context, file: FileOption = None) -> None:
    """Write the maturity model and the level of each product in the form of Bitol's draft OMMS.

    Example: mesh export omms -o maturity.omms.yaml
    """
    from mesh_platform.release.policies.compliance import measure
    from mesh_platform.release.policies.maturity import maturity_document

    measured = measure(settings(context).begun(), datetime.now(UTC))
    document = maturity_document(measured.model, measured.maturity, measured.at)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    put(text, file, several(len(measured.maturity), "product"))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, default=str) + "\n"
