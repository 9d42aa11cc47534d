"""Provides `mesh check`, `mesh sync` and `mesh doctor`, which find faults or mend them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from mesh_platform.application.check_mesh import CheckedMesh, check_mesh, chosen_domains
from mesh_platform.cli.arguments import Select
from mesh_platform.cli.forms.report import Report, text
from mesh_platform.cli.forms.write import Form, Format, write
from mesh_platform.cli.options import settings, undisturbed
from mesh_platform.cli.output import answer, leave, sign, table, tell
from mesh_platform.errors import PromiseBrokenError, several
from mesh_platform.governance.findings import Counts
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain
from mesh_platform.release.health import Symptom, examine
from mesh_platform.release.rebuild import Rebuilt, rebuild_registry
from mesh_platform.scaffold.sync import bring_in_step


def check(context: typer.Context, select: Select = None, form: Form = Format.TEXT) -> None:
    """Check contracts, descriptors, names, generated files and policies, without reading data.

    Exit code 1 if anything blocking was found, 2 if something that blocks could not run.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh check flights --format github
    """
    said = settings(context)
    workspace = said.workspace()
    with undisturbed():
        report = _report(check_mesh(workspace, select or []))
    if form is Format.TEXT:
        answer(said, report.json, lambda: text(report))
    else:
        write(report, form, said)
    leave(report.outcome)


def _report(checked: CheckedMesh) -> Report:
    products, domains = several(checked.products, "product"), several(checked.domains, "domain")
    nothing = f"no finding in {products} of {domains}"
    note = _policies_in_words(checked.policies, checked.counts)
    return Report("mesh check", checked.findings, nothing, note)


def _policies_in_words(policies: int, counts: Counts) -> str:
    if not policies:
        return ""
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in counts.items() if count)
    return f"{several(policies, 'policy', 'policies')}: {told or 'nothing to judge'}"


def sync(context: typer.Context, select: Select = None) -> None:
    """Write the files that follow from others: dbt's from contracts, suites from Python.

    For dbt they are `sources.yml` of each domain, and `ports.yml` of each product. One that was
    generated for a product that is gone is removed; one that was written by hand is never touched.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh sync punctuality
    """
    said = settings(context)
    mesh = said.workspace().mesh
    chosen = chosen_domains(mesh, select or [])
    done = bring_in_step(mesh, chosen)
    data = {"written": list(done.written), "removed": list(done.removed)}
    whole = not done.left and not any(domain.broken for domain in chosen)
    answer(said, data, lambda: _mended_text(data, whole=whole))
    _refuse_left_alone(chosen, done.left)


def _mended_text(data: dict[str, list[str]], *, whole: bool) -> str:
    lines = [f"{word}: {name}" for word, names in data.items() for name in names]
    nothing = "everything is in step" if whole else "nothing else had to be written"
    return "\n".join(lines) or nothing


def _refuse_left_alone(domains: tuple[Domain, ...], findings: tuple[Finding, ...]) -> None:
    """Raise an error if `mesh sync` left a domain or a file unchanged because of an error."""
    left = [domain.name for domain in domains if domain.broken]
    errors = [
        PromiseBrokenError(f"left alone: {each.message}", place=each.place, fix=each.fix)
        for each in findings
    ]
    if left:
        said = f"left alone, because their files have errors: {', '.join(left)}"
        errors.append(PromiseBrokenError(said, fix=f"mesh check {left[0]}"))
    for error in errors[:-1]:
        tell(str(error), style="red")
    if errors:
        raise errors[-1]


def doctor(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte of every release, too.")
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild-registry", help="Restore what the lake knows of its releases."),
    ] = False,
) -> None:
    """Look for what is wrong with this installation or mesh, and say how to mend it.

    Exit code 2 if anything is wrong; a warning (`!`) alone is none.

    Example: mesh doctor --deep
    """
    said = settings(context)
    workspace = said.begun()
    if rebuild:
        _tell_rebuilt(rebuild_registry(workspace))
    symptoms = examine(workspace, deep=deep)
    data = [asdict(symptom) for symptom in symptoms]
    answer(said, data, lambda: table(("", "what", "found", "fix"), map(_symptom_row, symptoms)))
    leave("passed" if all(symptom.fine for symptom in symptoms) else "could_not_run")


def _tell_rebuilt(rebuilt: Rebuilt) -> None:
    if rebuilt.aside:
        tell(f"the registry that could not be opened was set aside: {rebuilt.aside}")
    for product, count in rebuilt.releases.items():
        number = rebuilt.current.get(product)
        now = f"; release {number} is current" if number else ""
        tell(f"{product}: {several(count, 'release')} restored{now}")
    if not rebuilt.releases:
        tell("the registry knows every release of the lake")
    for problem in rebuilt.problems:
        tell(problem, style="yellow")


def _symptom_row(symptom: Symptom) -> tuple[str | Text, ...]:
    outcome = "warned" if symptom.warning else "passed" if symptom.fine else "failed"
    return sign(outcome), symptom.name, symptom.found, symptom.fix or ""
