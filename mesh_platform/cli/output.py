"""Prints answers on standard output, and everything else on standard error.

JSON is alone on its stream. A string is plain text here, never markup: colours come from `styled`,
and control characters are written as escapes, whoever wrote the text.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from mesh_platform.cli.options import Settings
from mesh_platform.errors import MeshError, several
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain
from mesh_platform.redaction import redacted, redacted_data
from mesh_platform.visible import visible
from mesh_platform.whole_files import delivered, streamed

_COLORS = {
    "passed": "green",
    "released": "green",
    "up_to_date": "cyan",
    "waits": "yellow",
    "warned": "yellow",
    "failed": "red",
    "damaged": "red",
    "could_not_run": "magenta",
}
_SIGNS = {"passed": "✓", "warned": "!", "failed": "✗", "could_not_run": "?"}
EXIT_CODES = {
    "passed": 0,
    "released": 0,
    "up_to_date": 0,
    "waits": 0,
    "failed": 1,
    "could_not_run": 2,
}
"""The exit code of each outcome, for every command."""
_UNITS = ("kB", "MB", "GB", "TB")


class PlainConsole(Console):
    """Print every string as plain text, also in tables, trees and titles."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return plain text: markup, emoji codes and control sequences have no effect."""
        return styled(text, options.get("style", ""))


def styled(text: str, style: str = "") -> Text:
    """Return text in a style, with secrets redacted and control characters as escapes."""
    return Text(visible(redacted(text)), style=style)


def joined(*parts: str | Text) -> Text:
    """Join plain and styled parts into one text."""
    made = Text()
    for part in parts:
        made.append_text(part if isinstance(part, Text) else styled(part))
    return made


def answer(said: Settings, data: Any, render: Callable[[], RenderableType]) -> None:
    """Print the answer of a command: JSON for a program, else what `render` returns."""
    if said.json:
        emit(json.dumps(redacted_data(data), indent=2, default=str) + "\n")
    else:
        console().print(render())


def emit(text: str) -> None:
    """Write a document to standard output."""
    sys.stdout.write(visible(redacted(text)))


def put(shown: RenderableType, file: Path | None, what: str) -> None:
    """Write an answer to the file that a person named, else to standard output.

    Args:
        shown: the answer; a string is a whole document, anything else is rendered by rich.
        file: where to write it; None is standard output.
        what: the answer in a few words, for the message that it was written.

    Raises:
        MeshError: the file cannot be written.
    """
    if file is None:
        emit(shown) if isinstance(shown, str) else console().print(shown)
        return
    with destination(file, what) as private:
        private.write_text(_laid_out(shown), encoding="utf-8")
    tell(f"{what} written to {file}")


@contextmanager
def destination(file: Path | None, what: str) -> Iterator[Path]:
    """Yield a private file; on success, its content goes to a named file or standard output.

    Args:
        file: where it goes, None for standard output; a link or device is written to, not replaced.
        what: the answer in a few words.

    Raises:
        MeshError: the file cannot be written, or a terminal would show bytes.
    """
    if file is None and sys.stdout.isatty():
        raise MeshError(f"{what} is not for a terminal", fix="name a file with `-o FILE`")
    try:
        with delivered(file) if file else streamed(sys.stdout.buffer) as private:
            yield private
    except BrokenPipeError:
        raise
    except OSError as error:
        fix = "correct `-o`" if file else "make room, or write to another place with `-o FILE`"
        raise MeshError(
            f"{file or 'the answer'} cannot be written: {error.strerror or error}", fix=fix
        ) from error


def _laid_out(shown: RenderableType) -> str:
    if isinstance(shown, str):
        return visible(redacted(shown))
    made = PlainConsole(file=io.StringIO(), highlight=False, width=200)
    with made.capture() as caught:
        made.print(shown)
    return caught.get()


def leave(outcome: str) -> None:
    """End a command with the exit code of its outcome; could-not-run never counts as passed.

    Raises:
        typer.Exit: the exit code is not 0.
    """
    if code := EXIT_CODES[outcome]:
        raise typer.Exit(code)


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal; for a file or pipe, 200 characters wide."""
    made = PlainConsole(stderr=stderr, highlight=False, soft_wrap=False)
    return made if made.is_terminal else PlainConsole(stderr=stderr, highlight=False, width=200)


def tell_broken(domains: Iterable[Domain]) -> None:
    """Print which domains have errors in their files, as the answer shows only a part of them."""
    for domain in domains:
        if domain.broken:
            tell(f"{domain.name}: broken, see `mesh check {domain.name}`", style="yellow")


def tell(text: str, *, style: str | None = None) -> None:
    """Print a message on standard error."""
    PlainConsole(stderr=True, soft_wrap=True, highlight=False).print(styled(text), style=style)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> Table:
    """Build a table of values; right-align columns whose name starts with `#`."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        right = column.startswith("#")
        made.add_column(
            styled(column.removeprefix("#")),
            justify="right" if right else "left",
            no_wrap=right or index == 0,
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(each if isinstance(each, Text) else styled(str(each)) for each in row))
    return made


def colored(state: str) -> Text:
    """Return a state in its colour, which is the same in every answer."""
    return styled(state.replace("_", " "), _COLORS.get(state, ""))


def sign(outcome: str, number: int | None = None) -> Text:
    """Return the coloured sign of an outcome, with a number if one is given: `✓ 25`."""
    text = _SIGNS[outcome] if number is None else f"{_SIGNS[outcome]} {number}"
    return styled(text, _COLORS[outcome])


def size(count: int) -> str:
    """Format a number of bytes for people: `1.2 MB`."""
    if count < 1000:
        return several(count, "byte")
    power = min((len(str(count)) - 1) // 3, len(_UNITS))
    return f"{count / 1000**power:.1f} {_UNITS[power - 1]}"


def cell(value: object, null: str = "") -> str:
    r"""Return a value of data for people, in one line: `\n` and `\t` for a line feed and a tab."""
    return null if value is None else str(value).replace("\n", r"\n").replace("\t", r"\t")


def moment(when: datetime | None) -> str:
    """Format a time in UTC for people; `never` for None."""
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else "never"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON output shows it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "blocking": finding.blocking,
        "product": finding.product,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "fix": finding.fix,
        "why": finding.reason,
        "standing": finding.stands,
        "waiver": finding.waiver,
        "could_not_run": finding.could_not_run,
    }
