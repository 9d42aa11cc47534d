"""Answers on standard output, everything else on standard error; JSON is alone on its stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from mesh_platform.cli.options import Settings
from mesh_platform.errors import MeshError
from mesh_platform.model.findings import Finding

_MARKS = {
    "passed": "green",
    "released": "green",
    "up_to_date": "cyan",
    "warned": "yellow",
    "failed": "red",
    "could_not_run": "magenta",
}


def answer(said: Settings, data: Any, render: Callable[[], RenderableType]) -> None:
    """Print the command's answer: JSON for a program, something to look at for a person."""
    if said.json:
        sys.stdout.write(json.dumps(data, indent=2, default=str) + "\n")
    else:
        console().print(render())


def write_file(file: Path, text: str) -> None:
    """Write an answer to the file that a person named.

    Raises:
        MeshError: it cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MeshError(
            f"{file} cannot be written: {error.strerror}", fix="correct `-o`"
        ) from error


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; into a file or pipe, wide enough to cut nothing."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=200)


def tell(text: str, *, style: str | None = None) -> None:
    """Say something beside the answer."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(escape(text), style=style)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> Table:
    """A table of plain values; columns whose name starts with `#` are numbers."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        right = column.startswith("#")
        made.add_column(
            column.removeprefix("#"),
            justify="right" if right else "left",
            no_wrap=right or index == 0,
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(cell if isinstance(cell, str) else escape(str(cell)) for cell in row))
    return made


def colored(state: str) -> str:
    """A state in the colour that it has everywhere."""
    color = _MARKS.get(state)
    text = escape(state.replace("_", " "))
    return f"[{color}]{text}[/{color}]" if color else text


def moment(when: datetime | None) -> str:
    """A time as people read it, UTC."""
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else "never"


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as programs read it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "blocking": finding.blocking,
        "product": finding.product,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "fix": finding.fix,
        "why": finding.why,
        "standing": finding.standing,
        "waiver": finding.waiver,
        "could_not_run": finding.could_not_run,
    }
