"""`mesh list`, `show`, `status`, `releases`: what exists, whose it is, how it is doing."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from mesh_platform.cli.build import Select
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, colored, moment, table
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.selection import select as selected
from mesh_platform.quality.derive import derive
from mesh_platform.quality.spec import CheckResult
from mesh_platform.registry.records import Attempt, CheckCounts, CheckRecord, State
from mesh_platform.release.workspace import Workspace

ProductArgument = Annotated[str, typer.Argument(metavar="PRODUCT", help="`domain/product`.")]


def list_products(context: typer.Context, select: Select = None) -> None:
    """List products with owner, type, release and health.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh list punctuality --output json
    """
    said = settings(context)
    workspace = said.workspace()
    products = selected(workspace.mesh, select or [])
    released = workspace.registry.all_current()
    last = workspace.registry.last_attempts()
    counts = workspace.registry.check_counts(release.id for release in released.values())
    entries = [
        _entry(workspace, p, released.get(str(p.name)), last.get(str(p.name)), counts)
        for p in products
    ]
    answer(said, entries, lambda: _list_table(entries))


def show(context: typer.Context, product: ProductArgument) -> None:
    """Show one product: purpose, inputs, ports with their columns and checks.

    PRODUCT is `domain/product`.

    Example: mesh show flights/departures
    """
    said = settings(context)
    workspace = said.workspace()
    found = workspace.mesh.product(product)
    release = workspace.registry.current(product)
    checks = workspace.registry.checks(release.id) if release else []
    data = _product_json(workspace, found, release, checks)
    answer(said, data, lambda: _product_text(workspace, found, release, checks))


def status(context: typer.Context, select: Select = None) -> None:
    """Show for each product its release, its last attempt and what its checks say.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh status flights
    """
    said = settings(context)
    workspace = said.workspace()
    products = selected(workspace.mesh, select or [])
    released, last = workspace.registry.all_current(), workspace.registry.last_attempts()
    known = {attempt.id for attempt in (*released.values(), *last.values())}
    counts = workspace.registry.check_counts(known)
    entries = []
    for product in products:
        name = str(product.name)
        attempt = last.get(name)
        entries.append(
            {
                "product": name,
                "health": health(released.get(name), attempt, counts),
                "release": _release_json(released.get(name)),
                "last_attempt": {
                    "state": attempt.state.value,
                    "at": attempt.started_at.isoformat(),
                    "reason": attempt.reason,
                }
                if attempt
                else None,
                "checks": _counts_json(counts.get(attempt.id, CheckCounts()) if attempt else None),
            }
        )
    answer(said, entries, lambda: _status_text(entries))


def releases(context: typer.Context, product: ProductArgument) -> None:
    """List the releases of a product, newest first.

    PRODUCT is `domain/product`.

    Example: mesh releases flights/departures
    """
    said = settings(context)
    workspace = said.workspace()
    workspace.mesh.product(product)
    found = workspace.registry.releases(product)
    current = workspace.registry.current(product)
    counts = workspace.registry.check_counts(release.id for release in found)
    entries = [
        _release_entry(workspace, r, current is not None and r.id == current.id, counts[r.id])
        for r in found
    ]
    answer(said, entries, lambda: _releases_table(product, entries))


def health(release: Attempt | None, last: Attempt | None, counts: dict[str, CheckCounts]) -> str:
    """One word for a product: failing, unreleased, warning or healthy."""
    if last is not None and last.state is State.FAILED:
        return "failing"
    if release is None:
        return "unreleased"
    seen = counts.get(release.id, CheckCounts())
    return "warning" if seen.warned or seen.could_not_run else "healthy"


def _entry(
    workspace: Workspace,
    product: Product,
    release: Attempt | None,
    last: Attempt | None,
    counts: dict[str, CheckCounts],
) -> dict[str, Any]:
    domain = workspace.mesh.domain(product.name.domain)
    return {
        "domain": product.name.domain,
        "product": str(product.name),
        "type": product.type,
        "owner": domain.team,
        "ports": [_port_json(port) for port in product.ports],
        "release": _release_json(release),
        "health": health(release, last, counts),
    }


def _port_json(port: Port) -> dict[str, Any]:
    return {
        "name": port.name.name,
        "version": port.version,
        "contract_id": port.contract.id,
        "asset_key": "/".join(port.name.key),
    }


def _release_json(release: Attempt | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "number": release.number,
        "version": release.version,
        "at": release.ended_at.isoformat() if release.ended_at else None,
        "state": release.state.value,
    }


def _counts_json(counts: CheckCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {
        "passed": counts.passed,
        "warned": counts.warned,
        "failed": counts.failed,
        "could_not_run": counts.could_not_run,
    }


def _list_table(entries: list[dict[str, Any]]) -> RenderableType:
    if not entries:
        return "There is no product yet: add one under domains/<domain>/products/."
    rows = [
        (
            entry["product"],
            entry["type"],
            entry["owner"],
            ", ".join(f"{port['name']}@{port['version']}" for port in entry["ports"]),
            entry["release"]["number"] if entry["release"] else "-",
            colored(entry["health"]),
        )
        for entry in entries
    ]
    return table(("product", "type", "owner", "ports", "#release", "health"), rows)


def _product_json(
    workspace: Workspace, product: Product, release: Attempt | None, checks: list[CheckRecord]
) -> dict[str, Any]:
    domain = workspace.mesh.domain(product.name.domain)
    return {
        "product": str(product.name),
        "title": product.title,
        "type": product.type,
        "version": product.version,
        "status": product.status,
        "purpose": product.purpose,
        "owner": {"team": domain.team, "email": domain.email},
        "folder": product.folder.relative_to(workspace.mesh.root).as_posix(),
        "schedule": product.schedule,
        "inputs": [str(item.port) for item in product.inputs],
        "landings": [{"name": i.name, "location": i.location} for i in product.landings],
        "consumers": [str(name) for name in workspace.mesh.consumers(product.name)],
        "release": _release_json(release),
        "ports": [_port_detail(port, checks) for port in product.ports],
        "dbt_tests": [_test_json(record.result) for record in checks if record.port is None],
    }


def _test_json(result: CheckResult) -> dict[str, Any]:
    return {
        "check": result.check,
        "kind": result.kind,
        "severity": result.severity,
        "rule": result.threshold,
        "outcome": result.outcome.value,
        "message": result.message,
    }


def _port_detail(port: Port, checks: list[CheckRecord]) -> dict[str, Any]:
    results = {r.result.check: r.result for r in checks if r.port == port.name.name}
    return {
        **_port_json(port),
        "description": port.description,
        "contract": port.contract.place.file,
        "columns": [
            {
                "name": c.name,
                "type": c.physical_type or c.logical_type,
                "required": c.required,
                "classification": c.classification,
                "description": c.description,
            }
            for c in port.contract.columns
        ],
        "checks": [
            {
                "check": spec.name,
                "severity": spec.severity.value,
                "description": spec.description,
                "promised_at": str(spec.place),
                "outcome": results[spec.name].outcome.value if spec.name in results else None,
                "message": results[spec.name].message if spec.name in results else None,
            }
            for spec in derive(port.contract)
        ],
    }


def _product_text(
    workspace: Workspace, product: Product, release: Attempt | None, checks: list[CheckRecord]
) -> RenderableType:
    data = _product_json(workspace, product, release, checks)
    made = f"{release.number} of {moment(release.ended_at)}" if release else "none yet"
    newest = workspace.registry.newest().get(str(product.name))
    if release and newest and newest.number != release.number:
        made += f", held by a rollback; the newest is {newest.number}"
    facts = [
        ("owner", f"{data['owner']['team']} <{data['owner']['email']}>"),
        ("type", f"{product.type}, version {product.version}, {product.status}"),
        ("release", made),
        ("schedule", product.schedule or "none"),
        ("reads", ", ".join(data["inputs"]) or ", ".join(i.location for i in product.landings)),
        ("read by", ", ".join(data["consumers"]) or "nobody yet"),
        ("files", data["folder"]),
    ]
    parts: list[RenderableType] = [
        f"[bold]{product.name}[/bold]  {product.title}",
        product.purpose or "",
        "",
        table(("", ""), [(f"[dim]{name}[/dim]", value) for name, value in facts]),
    ]
    for port in data["ports"]:
        parts += ["", *_port_text(port)]
    if data["dbt_tests"]:
        parts += ["", *_tests_text(data["dbt_tests"])]
    return Group(*parts)


def _tests_text(tests: list[dict[str, Any]]) -> list[RenderableType]:
    rows = [(colored(t["outcome"]), t["check"], t["message"]) for t in tests]
    broken = [row for row, test in zip(rows, tests, strict=True) if test["outcome"] != "passed"]
    passed = len(rows) - len(broken)
    return [f"dbt tests: {len(tests)}, {passed} passed", table(("", "", ""), broken)]


def _port_text(port: dict[str, Any]) -> list[RenderableType]:
    columns = [
        (c["name"], c["type"], "required" if c["required"] else "", c["description"] or "")
        for c in port["columns"]
    ]
    broken = [
        (colored(c["outcome"]), c["check"], c["message"])
        for c in port["checks"]
        if c["outcome"] not in (None, "passed")
    ]
    passed = sum(c["outcome"] == "passed" for c in port["checks"])
    heading = f"[bold]port {port['name']}@{port['version']}[/bold]  {port['contract']}"
    return [
        heading,
        table(("column", "type", "", "meaning"), columns),
        "",
        f"{len(port['checks'])} checks, {passed} passed",
        table(("", "", ""), broken),
    ]


def _status_text(entries: list[dict[str, Any]]) -> RenderableType:
    rows = []
    for entry in entries:
        checks, release, last = entry["checks"], entry["release"], entry["last_attempt"]
        rows.append(
            (
                entry["product"],
                colored(entry["health"]),
                f"{release['number']} of {release['at'][:19]}" if release else "-",
                f"{last['state']} {last['at'][:19]}" if last else "never",
                " ".join(
                    f"{count} {word.replace('_', ' ')}" for word, count in checks.items() if count
                )
                if checks
                else "",
                (last["reason"] or "").splitlines()[0] if last and last["reason"] else "",
            )
        )
    return table(("product", "health", "release", "last attempt", "checks", "reason"), rows)


def _release_entry(
    workspace: Workspace, release: Attempt, current: bool, counts: CheckCounts
) -> dict[str, Any]:
    inputs = []
    for item in release.inputs:
        provider = workspace.registry.get(item.release_id)
        inputs.append({"port": item.port, "release": provider.number if provider else None})
    return {
        "number": release.number,
        "version": release.version,
        "at": release.ended_at.isoformat() if release.ended_at else None,
        "current": current,
        "ports": [
            {
                "name": port.port,
                "table_version": port.table_version,
                "rows": port.rows,
                "bytes": port.bytes,
            }
            for port in release.ports
        ],
        "inputs": inputs,
        "checks": _counts_json(counts),
    }


def _releases_table(product: str, entries: list[dict[str, Any]]) -> RenderableType:
    if not entries:
        return f"{product} was never released. Try: mesh build {product}"
    rows = [
        (
            entry["number"],
            "current" if entry["current"] else "",
            entry["version"],
            (entry["at"] or "")[:19],
            ", ".join(f"{port['name']} {port['rows']:,}" for port in entry["ports"]),
            ", ".join(f"{item['port']} {item['release']}" for item in entry["inputs"]),
            " ".join(f"{n} {w.replace('_', ' ')}" for w, n in entry["checks"].items() if n),
        )
        for entry in entries
    ]
    return table(("#release", "", "version", "at", "rows", "inputs", "checks"), rows)
