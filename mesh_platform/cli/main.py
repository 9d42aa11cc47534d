"""The entry: registers the commands and turns every error into words and an exit code."""

from __future__ import annotations

import gc
import sys
import traceback

import click
import typer

import mesh_platform
from mesh_platform.cli import (
    build,
    care,
    compare,
    compliance,
    data,
    environments,
    lineage,
    look,
    maturity,
    plan,
    policy,
    product,
    services,
    show,
    verify,
)
from mesh_platform.cli.options import MeshCommand, MeshGroup
from mesh_platform.cli.output import tell
from mesh_platform.errors import MeshError

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
_GROUPS = {
    "Build": (plan.plan, build.build),
    "Look": (look.list_products, show.show, lineage.lineage, look.status, look.releases),
    "Use": (data.read, compare.diff, data.rollback),
    "Care": (care.check, compliance.compliance, verify.verify, care.sync, care.doctor),
    "Run": (services.up,),
}
for _panel, _commands in _GROUPS.items():
    for _command in _commands:
        _name = _command.__name__.removesuffix("_products")
        app.command(_name, cls=MeshCommand, rich_help_panel=_panel)(_command)

app.add_typer(policy.policy, name="policy", rich_help_panel="Care")
app.add_typer(product.product, name="product", rich_help_panel="Care")
verify.export.command("omms", cls=MeshCommand)(maturity.omms)
app.add_typer(verify.export, name="export", rich_help_panel="Use")
app.add_typer(environments.env, name="env", rich_help_panel="Run")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Show the version and leave."),
) -> None:
    if version:
        sys.stdout.write(f"mesh {mesh_platform.__version__}\n")
        raise typer.Exit


_SELDOM = (100_000, 50, 100)
"""A mesh is many values that stay; looking through them as often as usual costs a fifth more."""
_STOPPED = 130
"""Exit code of a program that a person stopped."""


def run() -> None:
    """Run `mesh` and leave with its exit code: 0 fine, 1 promise broken, 2 could not work."""
    sys.exit(_run())


def _run() -> int:
    gc.set_threshold(*_SELDOM)
    try:
        code = app(standalone_mode=False)
        return _stopped() if code == _STOPPED else int(code or 0)
    except MeshError as error:
        _show_trace()
        tell(str(error), style="red")
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _stopped()
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the boundary: a person sees words, not a traceback
        _show_trace()
        tell(f"this should not happen: {type(error).__name__}: {error}", style="red")
        tell("  try: the same command with `--debug` shows where")
        return 2


def _stopped() -> int:
    tell("stopped; what was released stays, the next build cleans up the rest")
    return _STOPPED


def _show_trace() -> None:
    if "--debug" in sys.argv:
        traceback.print_exc()
