"""`mesh compliance`: how well products, domains and the mesh keep the policies, now and before."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from mesh_platform.catalog.compliance_pictures import Snapshot
from mesh_platform.catalog.compliance_snapshot import history, take
from mesh_platform.cli.arguments import FileOption, Select
from mesh_platform.cli.compliance_text import history_text, snapshot_text
from mesh_platform.cli.options import Settings, settings
from mesh_platform.cli.output import leave, put, tell
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, UnknownNameError
from mesh_platform.governance.compliance import Scope, Score
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.selection import select as selected
from mesh_platform.release.policies.compliance import Measured, measure, past, record


class Form(StrEnum):
    """In which form compliance is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


_SUFFIXES = {".html": Form.HTML, ".htm": Form.HTML, ".json": Form.JSON}


def compliance(
    context: typer.Context,
    select: Select = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            help="For a terminal, a program, or a browser; else as the name of the file ends.",
            show_default="text",
        ),
    ] = None,
    file: FileOption = None,
    remember: Annotated[
        bool, typer.Option("--record", help="Remember how everything stands, if that is news.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--history", help="Show what was remembered of the mesh, or of SELECT.")
    ] = False,
) -> None:
    """Show how well the mesh keeps its policies: score, state and level of maturity.

    The score is the share of measurements that are kept, one that blocks counting three times; the
    state says whether anything is open, excused or could not be told; the level says how far a
    product has come. docs/compliance.md has the rules of each.

    `mesh build` remembers it, too. Exit code 1 if a violation is open that blocks, 2 if something
    could not be measured.

    SELECT is a domain or a product; with `--history` it is one of them.

    Example: mesh compliance -o .mesh/compliance.html
    """
    said = settings(context)
    workspace, form = said.begun(), _form(said, form, file, back=back)
    measured = None if back and not remember else measure(workspace, datetime.now(UTC))
    if measured and remember:
        told = record(workspace, measured)
        tell(f"news of {len(told)} scopes remembered" if told else "nothing new to remember")
    if back or measured is None:
        put(_history(workspace, select or [], form), file, "history")
        return
    scores = _chosen(measured, select or [])
    shown = take(measured, scores, past(workspace, scores[0].scope, scores[0].name))
    put(_shown(shown, form), file, "compliance")
    leave(shown.outcome)


def _form(said: Settings, form: Form | None, file: Path | None, *, back: bool) -> Form:
    """The form that was asked for: by `--format`, by `--output json`, or by the file's name.

    Raises:
        MeshError: two of them contradict.
    """
    ends = _SUFFIXES.get(file.suffix.lower()) if file else None
    found = form or (Form.JSON if said.json else ends) or Form.TEXT
    if found is Form.HTML and (said.json or back):
        other = "--history" if back else "--output json"
        asked = "--format html" if form else f"-o {file}"
        fix = "leave one out; the page holds the history"
        raise MeshError(f"`{other}` and `{asked}` contradict", fix=fix)
    return Form.JSON if said.json else found


def _chosen(measured: Measured, expressions: list[str]) -> list[Score]:
    """Scores to show: a domain with its products, or products; nothing said means all."""
    scores = list(measured.compliance.scores)
    if not expressions:
        return scores
    names = {text.strip("+") for text in expressions}
    products = {score.name for score in scores if score.scope is Scope.PRODUCT}
    unread = products - set(map(str, measured.mesh.products))
    readable = [text for text in expressions if text not in unread]
    wanted = {str(p.name) for p in selected(measured.mesh, readable)} if readable else set()
    wanted |= names & unread
    return [s for s in scores if s.scope is not Scope.MESH and _is_wanted(s, names, wanted)]


def _is_wanted(score: Score, named: set[str], wanted: set[str]) -> bool:
    if score.scope is Scope.DOMAIN:
        return score.name in named
    return score.name in wanted or score.name.partition("/")[0] in named


def _history(workspace: Workspace, names: list[str], form: Form) -> RenderableType:
    scope, name = _scope(workspace, names)
    entries = history(past(workspace, scope, name))
    if form is Form.JSON:
        told = {"scope": scope.value, "name": name, "history": [asdict(e) for e in entries]}
        return _json(told)
    return history_text(scope.value, name, entries)


def _scope(workspace: Workspace, names: list[str]) -> tuple[Scope, str]:
    """The one scope that is meant; it may be gone by now."""
    if len(names) > 1:
        raise MeshError("`--history` is told of one domain or product", fix="name one")
    if not names:
        return Scope.MESH, workspace.mesh.name
    [name] = names
    known = {*_names(workspace.mesh)}
    if workspace.begun:
        known |= {n for scope, n in workspace.registry.compliance.names() if scope != Scope.MESH}
    if name not in known:
        raise UnknownNameError("domain or product", name, known)
    return (Scope.PRODUCT if "/" in name else Scope.DOMAIN), name


def _names(mesh: Mesh) -> list[str]:
    return [*(domain.name for domain in mesh.domains), *map(str, mesh.products)]


def _shown(shown: Snapshot, form: Form) -> RenderableType:
    if form is Form.JSON:
        return _json(asdict(shown))
    if form is Form.HTML:
        from mesh_platform.catalog.compliance_page import page

        return page(shown)
    return snapshot_text(shown)


def _json(data: object) -> str:
    return json.dumps(data, indent=2) + "\n"
