"""Registers the commands, and turns every error into a message and an exit code."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

import click
import typer

import mesh_platform
from mesh_platform.cli.options import WITH_VALUE, MeshCommand, MeshGroup
from mesh_platform.cli.output import tell
from mesh_platform.errors import MeshError
from mesh_platform.redaction import redacted
from mesh_platform.visible import visible

_COMMANDS = {
    "plan": ("Build", "plan", "plan"),
    "build": ("Build", "build", "build"),
    "list": ("Look", "look", "list_products"),
    "show": ("Look", "show", "show"),
    "lineage": ("Look", "lineage", "lineage"),
    "status": ("Look", "look", "status"),
    "releases": ("Look", "look", "releases"),
    "read": ("Use", "data", "read"),
    "diff": ("Use", "compare", "diff"),
    "rollback": ("Use", "data", "rollback"),
    "export": ("Use", "export", "export"),
    "check": ("Care", "care", "check"),
    "compliance": ("Care", "compliance", "compliance"),
    "verify": ("Care", "verify", "verify"),
    "sync": ("Care", "care", "sync"),
    "doctor": ("Care", "care", "doctor"),
    "policy": ("Care", "policy", "policy"),
    "product": ("Care", "product", "product"),
    "up": ("Run", "services", "up"),
    "dbt": ("Run", "dbt", "dbt"),
    "env": ("Run", "environments", "env"),
}
"""Each command: its panel in `mesh --help`, its module in this package, its name in the module."""


def application(words: Sequence[str] = ()) -> typer.Typer:
    """Build the command line.

    Args:
        words: the arguments. If they name a command, only that command is imported, because
            importing all others takes longer than most commands.
    """
    app = typer.Typer(
        name="mesh",
        cls=MeshGroup,
        help="A data mesh on Dagster: domains own products, contracts are checked, "
        "releases are atomic.\n\nStart with: mesh build && mesh list",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    for name in _named(words) or _COMMANDS:
        panel, module, attribute = _COMMANDS[name]
        found = getattr(import_module(f"mesh_platform.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, rich_help_panel=panel)
        else:
            app.command(name, cls=MeshCommand, rich_help_panel=panel)(found)
    return app


def _named(words: Sequence[str]) -> list[str]:
    """Return the command that arguments name, behind common options; none where that is unsure."""
    left = iter(words)
    for word in left:
        if word in WITH_VALUE:
            next(left, None)
        elif not word.startswith((*(f"{option}=" for option in WITH_VALUE), "--debug")):
            return [word] if word in _COMMANDS else []
    return []


def _version(
    version: bool = typer.Option(False, "--version", help="Show the version and leave."),
) -> None:
    if version:
        sys.stdout.write(f"mesh {mesh_platform.__version__}\n")
        raise typer.Exit


_SELDOM = (100_000, 50, 100)
"""Makes garbage collection rare: most objects live until exit, and the default costs 20 % more."""
_OF_KILLED_WORKERS = "ignore:resource_tracker:UserWarning"
"""Python cleans up what killed workers have left; who presses Ctrl-C need not read of it."""
_STOPPED = 130
"""Exit code of a program that a person stopped."""
_NO_READER = 141
"""Exit code of a program whose reader has gone, as in `mesh list | head -1`: it is no verdict."""


def run() -> None:
    """Run `mesh` and leave with its exit code: 0 fine, 1 promise broken, 2 could not work."""
    code = _run()
    try:
        sys.stdout.flush()
    except OSError:  # told before; Python would try it again when it ends, and say so
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _run() -> int:
    gc.set_threshold(*_SELDOM)
    sys.warnoptions.append(_OF_KILLED_WORKERS)
    sys.stdout, sys.stderr = _whole(sys.stdout), _whole(sys.stderr)
    try:
        code = application(sys.argv[1:])(standalone_mode=False)
        sys.stdout.flush()  # what cannot be written is told here, and not when Python ends
        return _stopped() if code == _STOPPED else int(code or 0)
    except MeshError as error:
        _show_trace()
        tell(str(error), style="red")
        return error.exit_code
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        sys.stderr.write(visible(shown.getvalue()))
        return 2
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _stopped()
    except (BrokenPipeError, SystemExit):  # click makes an exit of the first
        return _NO_READER
    except Exception as error:  # noqa: BLE001 - the boundary: a person sees words, not a traceback
        _show_trace()
        said, way = _unforeseen(error)
        tell(said, style="red")
        tell(f"  try: {way}")
        return 2


def _whole(stream: TextIO) -> TextIO:
    """Return a stream that writes all of a text or fails, and knows every character.

    Without buffers, as PYTHONUNBUFFERED asks for, Python drops what a pipe does not take at once.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if isinstance(stream.buffer, io.RawIOBase):
        buffer, encoding = io.BufferedWriter(stream.buffer), stream.encoding
        stream = io.TextIOWrapper(buffer, encoding, line_buffering=True, write_through=True)
    stream.reconfigure(errors="backslashreplace")  # a terminal that knows no `✓`
    return stream


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _unforeseen(error: Exception) -> tuple[str, str]:
    """Return a message for an error that no other code has described, and how to go on."""
    if isinstance(error, PermissionError) and error.filename:
        said = f"{error.filename} cannot be used: {error.strerror}"
        return said, "let this user read and write it, and the folder that it is in"
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        said = f"{error.filename or 'the answer'} cannot be written: {error.strerror}"
        return said, "make room there, or write to another place"
    if isinstance(error, FileNotFoundError) and not _stands_somewhere():
        return "the folder in which this was started is gone", "go to one that is there"
    said = f"this should not happen: {type(error).__name__}: {error}"
    return said, "the same command with `--debug` shows where"


def _stands_somewhere() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _stopped() -> int:
    tell("stopped; what was released stays, the next build cleans up the rest")
    return _STOPPED


def _show_trace() -> None:
    if "--debug" in sys.argv:
        sys.stderr.write(visible(redacted(traceback.format_exc())))
