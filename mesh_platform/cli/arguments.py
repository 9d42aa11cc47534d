"""Declare the arguments that several commands share, each with one name and one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProductArgument = Annotated[str, typer.Argument(metavar="PRODUCT", help="`domain/product`.")]
PortArgument = Annotated[str, typer.Argument(metavar="PORT", help="`domain/product[/port]`.")]
ReleaseOption = Annotated[int | None, typer.Option("--release", help="An earlier release.")]
AgainstOption = Annotated[
    str | None,
    typer.Option(
        "--against", metavar="REF", help="A branch, tag or commit of git; else the releases."
    ),
]


def _named(file: Path | None) -> Path | None:
    """Return the file that a person named, or None where `-` names standard output."""
    return None if file == Path("-") else file


FileOption = Annotated[
    Path | None,
    typer.Option("-o", help="Write to this file; `-` is standard output.", callback=_named),
]
Select = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SELECT]...", help="Domains or products, with `+` for what is around them."
    ),
]
