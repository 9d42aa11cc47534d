"""`mesh check`, `sync`, `doctor`: is everything in order, and if not, how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from mesh_platform.cli.arguments import Select
from mesh_platform.cli.forms.report import Report, text
from mesh_platform.cli.forms.write import Form, Format, write
from mesh_platform.cli.options import settings, undisturbed
from mesh_platform.cli.output import answer, several, styled, table, tell
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.governance.findings import Counts
from mesh_platform.meanwhile import Meanwhile
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import drift
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.selection import select as selected
from mesh_platform.planning.agreed import expired_words
from mesh_platform.release.health import Symptom, examine
from mesh_platform.release.keepable import findings_on_promises
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.policies.governance import READS_DECLARED, Governance
from mesh_platform.release.policies.maturity import model_findings
from mesh_platform.release.rebuild import Rebuilt, rebuild_registry
from mesh_platform.release.workspace import Workspace
from mesh_platform.scaffold.sync import bring_in_step


def check(context: typer.Context, select: Select = None, form: Form = Format.TEXT) -> None:
    """Check contracts, descriptors, names, generated files and policies, without reading data.

    Exit code 1 if anything blocking was found, 2 if a policy could not run.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh check flights --format github
    """
    said = settings(context)
    workspace = said.workspace()
    with undisturbed():
        report = _checked(workspace, select or [])
    if form is Format.TEXT:
        answer(said, report.json, lambda: text(report))
    else:
        write(report, form, said)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _checked(workspace: Workspace, expressions: list[str]) -> Report:
    mesh = workspace.mesh
    chosen = _domains(mesh, expressions)
    files = Meanwhile(lambda: _of_files(mesh, chosen))
    reads = reads_of(MeshSql(workspace), [p.name for domain in chosen for p in domain.products])
    findings = files.result()
    today = datetime.now(UTC).date()
    findings += [f for f in expired_words(mesh, today) if _is_of(f, chosen)]
    governance = Governance.of(mesh, today, reads)
    findings += reads.told_once(judged=governance.judges(READS_DECLARED))
    names = {domain.name for domain in chosen} if expressions else None
    objections, counts = governance.check(names)
    findings += model_findings(mesh, governance.rules)
    products = sum(len(domain.products) for domain in chosen)
    nothing = f"no finding in {products} products of {len(chosen)} domains"
    note = _policies_in_words(sum(rule.measured for rule in governance.rules), counts)
    return Report("mesh check", (*findings, *objections), nothing, note)


def _of_files(mesh: Mesh, domains: Sequence[Domain]) -> list[Finding]:
    """What is wrong in the files of some domains, each held against the rest of the mesh."""
    found = [f for domain in domains for f in (*domain.findings, *drift(mesh, domain))]
    return [*found, *findings_on_promises(mesh, domains)]


def _is_of(finding: Finding, domains: Sequence[Domain]) -> bool:
    return finding.product is not None and finding.product.split("/")[0] in {
        d.name for d in domains
    }


def _policies_in_words(policies: int, counts: Counts) -> str:
    if not policies:
        return ""
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in counts.items() if count)
    return f"{policies} policies: {told or 'nothing to judge'}"


def sync(context: typer.Context, select: Select = None) -> None:
    """Write the files that follow from others: dbt's from contracts, suites from Python.

    For dbt they are `sources.yml` of each domain, and `ports.yml` of each product. One that was
    generated for a product that is gone is removed; one that was written by hand is never touched.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh sync punctuality
    """
    said = settings(context)
    mesh = said.workspace().mesh
    chosen = _domains(mesh, select or [])
    done = bring_in_step(mesh, chosen)
    data = {"written": list(done.written), "removed": list(done.removed)}
    answer(said, data, lambda: _mended_text(data))
    _refuse_left_alone(chosen, done.left)


def _mended_text(data: dict[str, list[str]]) -> str:
    lines = [f"{word}: {name}" for word, names in data.items() for name in names]
    return "\n".join(lines) or "everything is in step"


def _refuse_left_alone(domains: tuple[Domain, ...], findings: tuple[Finding, ...]) -> None:
    """Say what could not be brought in step, after the rest was."""
    if left := [domain.name for domain in domains if domain.broken]:
        names = ", ".join(left)
        raise PromiseBrokenError(
            f"left alone, because their files have errors: {names}", fix=f"mesh check {left[0]}"
        )
    if findings:
        first = findings[0]
        more = f" (and {len(findings) - 1} more: mesh check)" if len(findings) > 1 else ""
        raise PromiseBrokenError(
            f"left alone: {first.message}{more}", place=first.place, fix=first.fix
        )


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

    Exit code 2 if anything is wrong.

    Example: mesh doctor --deep
    """
    said = settings(context)
    workspace = said.workspace()
    if rebuild:
        _tell_rebuilt(rebuild_registry(workspace))
    symptoms = examine(workspace, deep=deep)
    data = [{"name": s.name, "fine": s.fine, "found": s.found, "fix": s.fix} for s in symptoms]
    answer(said, data, lambda: table(("", "what", "found", "fix"), map(_symptom_row, symptoms)))
    if not all(symptom.fine for symptom in symptoms):
        raise typer.Exit(2)


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


def _domains(mesh: Mesh, expressions: list[str]) -> tuple[Domain, ...]:
    """Domains to look at: a domain's files are checked whole."""
    if not expressions:
        return mesh.domains
    broken = {domain.name for domain in mesh.domains if domain.broken}
    known = [text for text in expressions if text.strip("+").split("/")[0] not in broken]
    named = {product.name.domain for product in selected(mesh, known)} if known else set()
    named |= {text.strip("+").split("/")[0] for text in expressions} & broken
    return tuple(domain for domain in mesh.domains if domain.name in named)


def _symptom_row(symptom: Symptom) -> tuple[str | Text, ...]:
    mark = styled("✓", "green") if symptom.fine else styled("✗", "red")
    return mark, symptom.name, symptom.found, symptom.fix or ""
