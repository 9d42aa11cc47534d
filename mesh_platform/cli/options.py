"""Declares the options of every command once: `--output`, `--env`, `-C`, `--debug`."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import click
from click.core import ParameterSource
from typer.core import TyperCommand, TyperGroup, TyperOption

from mesh_platform.environments.lifecycle import not_begun
from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT, in_environment
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, UnknownNameError
from mesh_platform.files import resolved
from mesh_platform.model.loader import find_root

_MOST_READERS = 4
"""Most processes that read the files of a large mesh; never more than there are processors."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Disable garbage collection while a mesh is read: its objects stay, and it costs 10 %."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Output(StrEnum):
    """Name the forms of an answer."""

    TEXT = "text"
    JSON = "json"


@dataclass
class Settings:
    """Hold the common options of one invocation."""

    output: str = Output.TEXT.value
    environment: str = DEFAULT_ENVIRONMENT
    directory: str = "."
    debug: bool = False

    @property
    def json(self) -> bool:
        """Tell whether a program reads standard output."""
        return self.output == Output.JSON

    def workspace(self) -> Workspace:
        """Open the mesh that the command is about.

        Raises:
            MeshError: there is none, or it cannot be read.
        """
        start = resolved(self.directory)
        if not start.is_dir():
            wrong = "is no folder" if start.exists() else "does not exist"
            raise MeshError(f"{start} {wrong}", fix="correct `-C DIR`")
        with undisturbed():
            return Workspace.open(find_root(start), self.environment, processes=_MOST_READERS)

    def begun(self) -> Workspace:
        """Open the mesh; refuse an environment without builds, unless it is the default.

        Raises:
            MeshError: there is none, or nothing was ever built in the environment.
        """
        workspace = self.workspace()
        if self.environment != DEFAULT_ENVIRONMENT and not workspace.begun:
            raise not_begun(workspace, self.environment)
        return workspace


def settings(context: click.Context) -> Settings:
    """Return the common options of an invocation."""
    return context.ensure_object(Settings)


class MeshCommand(TyperCommand):
    """Add the common options to a command."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.params.extend(_common())

    def invoke(self, context: click.Context) -> Any:
        """Run the command; the way out of its error stays in the environment that was asked for."""
        try:
            return super().invoke(context)
        except MeshError as error:
            error.fix = in_environment(error.fix or "", settings(context).environment) or None
            raise


class MeshGroup(TyperGroup):
    """Add the common options to `mesh` and its groups, so that they may precede the command."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.params.extend(_common())

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest one.

        Raises:
            UnknownNameError: there is none of that name.
        """
        if words and not words[0].startswith("-") and words[0] not in self.commands:
            raise UnknownNameError("command", words[0], self.commands)
        return super().resolve_command(context, words)


WITH_VALUE = ("--output", "--env", "-C")
"""Those of the common options that take a value."""


def _common() -> list[click.Parameter]:
    return [
        _option(
            "output",
            ["--output"],
            "Answer in words or as JSON.",
            type=click.Choice([choice.value for choice in Output]),
        ),
        _option(
            "environment", ["--env"], "Environment to work in.", metavar="NAME", envvar="MESH_ENV"
        ),
        _option("directory", ["-C"], "Work as if started in DIR.", metavar="DIR"),
        _option("debug", ["--debug"], "Show tracebacks.", is_flag=True),
    ]


def _option(name: str, flags: list[str], text: str, **keywords: Any) -> click.Parameter:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        said = context.ensure_object(Settings)
        if context.get_parameter_source(f"common_{name}") is not ParameterSource.DEFAULT:
            setattr(said, name, value)

    return TyperOption(
        param_decls=[f"common_{name}", *flags],
        default=getattr(Settings, name),
        help=text,
        callback=keep,
        expose_value=False,
        is_eager=True,
        rich_help_panel="Common to all commands",
        show_default=name in ("output", "environment"),
        **keywords,
    )
