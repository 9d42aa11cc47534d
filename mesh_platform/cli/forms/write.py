"""`--format`: in which form a report is written, for a person or for what shows a pull request."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from mesh_platform.cli.forms.annotations import github
from mesh_platform.cli.forms.report import Report, text
from mesh_platform.cli.forms.report_markdown import markdown
from mesh_platform.cli.forms.sarif import sarif
from mesh_platform.cli.options import Settings
from mesh_platform.cli.output import emit
from mesh_platform.errors import MeshError


class Format(StrEnum):
    """In which form findings are written."""

    TEXT = "text"
    GITHUB = "github"
    SARIF = "sarif"
    MARKDOWN = "markdown"


Form = Annotated[
    Format, typer.Option("--format", help="For a person, or for what shows a pull request.")
]


def write(report: Report, form: Format, said: Settings) -> None:
    """Write a report to standard output in a form that is not for a terminal's colours.

    Raises:
        MeshError: JSON was asked for, too.
    """
    if said.json:
        raise MeshError("`--output json` is a form of its own", fix="leave out `--format`")
    writers = {Format.GITHUB: github, Format.SARIF: sarif, Format.MARKDOWN: markdown}
    emit(writers.get(form, text)(report) + "\n")
