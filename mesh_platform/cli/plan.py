"""`mesh plan`: what a change of the files would do, before anything runs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import typer

from mesh_platform.cli.arguments import AgainstOption, Select
from mesh_platform.cli.forms.plan_markdown import in_short, review
from mesh_platform.cli.forms.plan_reach import breaks
from mesh_platform.cli.forms.report import Report
from mesh_platform.cli.forms.write import Form, Format, write
from mesh_platform.cli.options import settings, undisturbed
from mesh_platform.cli.output import answer, finding_json, leave
from mesh_platform.cli.plan_text import plan_text
from mesh_platform.contract_diff.values import in_words
from mesh_platform.planning.cost import BuildStep, Cost
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep
from mesh_platform.release.lineage.readers import LineageReaders
from mesh_platform.release.plans.plan import make_plan


def plan(
    context: typer.Context,
    select: Select = None,
    against: AgainstOption = None,
    form: Form = Format.TEXT,
) -> None:
    """Show what a change of the files would do, before anything runs.

    The files are compared with the current releases, or with --against REF as git knows it: which
    promises change and how much, whom that reaches by column, which version is honest, what a
    build would make and cost, and what stands against it. Exit code 1 if something does, 2 if a
    policy could not run.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh plan flights --against origin/main
    """
    said = settings(context)
    workspace = said.begun()
    with undisturbed():
        made = make_plan(workspace, select or [], against, LineageReaders, today())
    if form is Format.TEXT:
        answer(said, _json(made), lambda: plan_text(made))
    else:
        write(report(made), form, said)
    leave(_outcome(made))


def report(made: Plan) -> Report:
    """Return what stands against a plan, and all else that a pull request is told of it."""
    blocking = sum(finding.blocking for finding in made.findings)
    nothing = "nothing stands against this change"
    verdict = f"{blocking} to settle before this is merged" if blocking else nothing
    return Report(
        "mesh plan", made.findings, nothing, in_short(made), verdict, breaks(made), review(made)
    )


def _outcome(made: Plan) -> str:
    return Report("mesh plan", made.findings, "").outcome


def today() -> date:
    """The day on which agreements are judged, UTC."""
    return datetime.now(UTC).date()


def _json(made: Plan) -> dict[str, Any]:
    """The plan as programs read it."""
    required = [step.required for product in made.products for step in product.versions[-1:]]
    return {
        "outcome": _outcome(made),
        "unread": [str(name) for name in made.unread],
        "broken": list(made.broken),
        "undescribed": [str(name) for name in made.undescribed],
        "gone": [str(product.name) for product in made.products if product.gone],
        "against": made.against,
        "findings": [finding_json(finding) for finding in made.findings],
        "changes": [
            _change_json(change) for product in made.products for change in product.changes
        ],
        "required_version": required[0] if len(required) == 1 else None,
        "versions": [
            _version_json(product, step) for product in made.products for step in product.versions
        ],
        "builds": [_build_json(step) for step in made.builds],
        "cost": _cost_json(made.cost) if made.cost else None,
    }


def _change_json(planned: PlannedChange) -> dict[str, Any]:
    change = planned.change
    return {
        "product": str(planned.product),
        "port": planned.port,
        "path": change.path,
        "kind": change.kind.lower(),
        "code": change.code,
        "level": change.level.word,
        "producer": change.producer.word,
        "message": in_words(change),
        "why": change.why,
        "before": change.before,
        "after": change.after,
        "columns": list(change.columns),
        "file": planned.place.file if planned.place else None,
        "line": planned.place.line if planned.place else None,
        "consumers": [
            {
                "product": str(reached.product),
                "team": reached.team,
                "email": reached.email,
                "uses": sorted(use.value for use in reached.uses),
                "columns": list(reached.columns),
                "through": str(reached.through) if reached.through else None,
                "stand": reached.stand.value,
            }
            for reached in planned.consumers
        ],
    }


def _version_json(product: ProductPlan, step: VersionStep) -> dict[str, Any]:
    return {
        "product": str(product.name),
        "port": str(step.port) if step.port else None,
        "before": step.before,
        "now": step.now,
        "level": step.level.word,
        "required": step.required,
        "enough": step.enough,
    }


def _build_json(step: BuildStep) -> dict[str, Any]:
    cost = _cost_json(step.cost) if step.cost else None
    return {"product": str(step.product), "reason": step.reason, "cost": cost}


def _cost_json(cost: Cost) -> dict[str, Any]:
    return {"rows": cost.rows, "bytes": cost.bytes, "seconds": round(cost.seconds, 2)}
