"""`mesh dbt`: the plain dbt command in a domain, for editors and habits."""

from __future__ import annotations

from typing import Annotated

import typer

from mesh_platform.cli.options import settings
from mesh_platform.cli.output import tell


def dbt(
    context: typer.Context,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="The domain's name.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- [ARGS]...", help="What follows goes to dbt as it is."),
    ] = None,
) -> None:
    """Run plain dbt in a domain's project, with its profile and all its inputs mounted.

    Sources are the current releases and the files from outside. Nothing is released, and the next
    build starts without the tables that are made here. The exit code is dbt's. Write `--` before
    the arguments of dbt.

    Example: mesh dbt flights -- show --select departures --limit 5
    """
    from mesh_platform.release.dbt_command import dbt_in_domain

    workspace = settings(context).workspace()
    found = workspace.mesh.domain(domain)
    code = dbt_in_domain(workspace, found, arguments or ["--help"], tell)
    if code:
        raise typer.Exit(code)
