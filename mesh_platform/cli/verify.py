"""Provides `mesh verify`: run the checks of a port again on a release."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mesh_platform.checks.derive import derive
from mesh_platform.checks.spec import CheckResult, CheckSpec, Outcome
from mesh_platform.cli.arguments import PortArgument, ReleaseOption
from mesh_platform.cli.look import tell_place
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, cell, leave, sign, table, tell
from mesh_platform.errors import several
from mesh_platform.model.contract import Contract, Severity
from mesh_platform.model.mesh import Port
from mesh_platform.release.policies.on_releases import KIND
from mesh_platform.state.records import Attempt


def verify(
    context: typer.Context,
    port: PortArgument,
    release: ReleaseOption = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Check the contract as it is in the files now.")
    ] = False,
) -> None:
    """Run the contract's checks on a release: with the promise of then, or with today's draft.

    Exit code 1 if a promise is broken, 2 if one could not be checked. Nothing is recorded.

    PORT is `domain/product` where the product has one port, else `domain/product/port`.

    Example: mesh verify flights/departures --draft
    """
    from mesh_platform.release.verification import contract_of, verify_release

    said = settings(context)
    workspace = said.begun()
    found, chosen = workspace.find(port, release)
    tell_place(workspace, chosen)
    policies = sum(
        each.port == found.name.name and each.result.kind == KIND
        for each in workspace.checks(chosen)
    )
    contract = found.contract if draft else contract_of(workspace, found, chosen)
    results = verify_release(workspace, found, chosen, contract)
    data = _json(found, chosen, contract, results)
    answer(said, data, lambda: _text(found, chosen, contract, results, policies))
    if contract.digest != found.contract.digest:
        tell("the contract has changed since this release; `--draft` checks it as it is now")
    leave(_outcome(results))


def _outcome(results: Sequence[CheckResult]) -> str:
    """Return the worst outcome of all checks that block; a warning breaks no promise."""
    blocking = {result.outcome for result in results if result.blocks}
    for worst in (Outcome.COULD_NOT_RUN, Outcome.FAILED):
        if worst in blocking:
            return worst.value
    return Outcome.PASSED.value


def _json(
    port: Port, release: Attempt, contract: Contract, results: Sequence[CheckResult]
) -> dict[str, Any]:
    specs = {spec.name: spec for spec in derive(contract)}
    return {
        "outcome": _outcome(results),
        "port": str(port.name),
        "release": release.number,
        "contract": {"id": contract.id, "version": contract.version, "digest": contract.digest},
        "findings": [
            _finding(port, result, specs[result.check])
            for result in results
            if result.outcome is not Outcome.PASSED
        ],
        "checks": [
            {
                "name": result.check,
                "kind": str(result.kind),
                "outcome": result.outcome.value,
                "severity": str(result.severity),
                "observed": result.observed,
                "threshold": result.threshold,
                "message": result.message,
                "rows": list(result.sample),
                "sql": result.sql,
                "seconds": round(result.seconds, 4),
            }
            for result in results
        ],
    }


def _finding(port: Port, result: CheckResult, spec: CheckSpec) -> dict[str, Any]:
    return {
        "code": f"check.{result.check}",
        "severity": str(result.severity),
        "blocking": result.severity == Severity.ERROR,
        "product": str(port.name.product),
        "message": f"{result.outcome.replace('_', ' ')}: {result.message}",
        "file": spec.place.file,
        "line": spec.place.line,
        "fix": "correct the data or the model, or change the promise in a new version",
    }


def _text(
    port: Port,
    release: Attempt,
    contract: Contract,
    results: Sequence[CheckResult],
    policies: int,
) -> RenderableType:
    specs = {spec.name: spec for spec in derive(contract)}
    title = f"{port.name}, release {release.number}, contract {contract.version}"
    rows = [_row(result, specs[result.check]) for result in results]
    counts = [sum(r.outcome is outcome for r in results) for outcome in Outcome]
    words = zip(counts, Outcome, strict=True)
    line = ", ".join(f"{count} {outcome.replace('_', ' ')}" for count, outcome in words if count)
    seconds = sum(result.seconds for result in results)
    parts: list[RenderableType] = [
        title,
        "",
        table(("", "check", "what was seen", "promise"), rows),
    ]
    for result in results:
        if result.sample:
            parts += ["", f"{result.check}:", _sample(result)]
    parts += ["", f"{line} in {seconds:.1f} s"]
    if policies:
        parts.append(
            f"and {several(policies, 'check')} of policies, judged when it was released, not again"
        )
    return Group(*parts)


def _row(result: CheckResult, spec: CheckSpec) -> tuple[str | Text, ...]:
    where = f"{Path(spec.place.file).name}:{spec.place.line}"
    return sign(result.outcome), result.check, result.message, where


def _sample(result: CheckResult) -> RenderableType:
    names = list(dict.fromkeys(name for row in result.sample for name in row))
    return table(names, [[cell(row.get(name)) for name in names] for row in result.sample])
