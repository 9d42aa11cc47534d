"""`mesh export omms`: the maturity model and what it says of each product, for other tools."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from mesh_platform.cli.options import settings
from mesh_platform.cli.output import tell, write_file
from mesh_platform.release.compliance import measure
from mesh_platform.release.maturity import maturity_document


def omms(
    context: typer.Context,
    file: Annotated[Path | None, typer.Option("-o", help="Write to this file.")] = None,
) -> None:
    """Write the maturity model and the level of each product in the form of Bitol's draft OMMS.

    Example: mesh export omms -o maturity.omms.yaml
    """
    measured = measure(settings(context).begun(), datetime.now(UTC))
    document = maturity_document(measured.model, measured.maturity, measured.at)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    if file is None:
        sys.stdout.write(text)
        return
    write_file(file, text)
    tell(f"{len(measured.maturity)} products written to {file}")
