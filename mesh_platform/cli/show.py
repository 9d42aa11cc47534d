"""Provide `mesh show`: one product, from its purpose to the results of its checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from rich.console import Group, RenderableType

from mesh_platform.checks.derive import derive, text_rules
from mesh_platform.checks.spec import CheckResult
from mesh_platform.checks.targets import masking_of
from mesh_platform.cli.arguments import ProductArgument
from mesh_platform.cli.look import attempt_json, port_json, release_json
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, colored, joined, moment, styled, table
from mesh_platform.environments.reading import unread_consumers
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.release.condition import Condition, conditions
from mesh_platform.release.policies.on_releases import KIND
from mesh_platform.state.records import Attempt, CheckRecord


def show(context: typer.Context, product: ProductArgument) -> None:
    """Show one product: purpose, health, inputs, ports with their columns and checks.

    PRODUCT is `domain/product`.

    Example: mesh show flights/departures
    """
    said = settings(context)
    workspace = said.begun()
    found = workspace.mesh.product(product)
    (condition,) = conditions(workspace, [found])
    data = _product_json(workspace, condition)
    answer(said, data, lambda: _product_text(workspace, condition, data))


def _consumers(workspace: Workspace, product: Product) -> list[ProductName]:
    """Return who reads a product, also with errors in its own files."""
    unread = unread_consumers(workspace, product.name)
    return sorted({*workspace.mesh.consumers(product.name), *unread})


def _product_json(workspace: Workspace, condition: Condition) -> dict[str, Any]:
    product, release = condition.product, condition.release
    domain, checks = workspace.mesh.domain(product.name.domain), list(workspace.checks(release))
    seen = attempt_json(condition)
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
        "time_zone": product.time_zone,
        "inputs": [str(item.port) for item in product.inputs],
        "landings": [{"name": i.name, "location": i.shown} for i in product.landings],
        "consumers": [*map(str, _consumers(workspace, product))],
        "release": release_json(release, workspace.environment),
        "health": condition.health,
        "last_attempt": seen["last_attempt"],
        "damage": seen["damage"],
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
        **port_json(port),
        "description": port.description,
        "contract": port.contract.place.file,
        "columns": [
            {
                "name": c.name,
                "type": c.physical_type or c.logical_type,
                "required": c.required,
                "classification": c.classification,
                "masking": masking_of(c),
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
        "policies": [_test_json(result) for result in results.values() if result.kind == KIND],
        "texts": [
            {"name": rule.name, "description": rule.description, "written_at": str(rule.place)}
            for rule in text_rules(port.contract)
        ],
    }


def _product_text(
    workspace: Workspace, condition: Condition, data: dict[str, Any]
) -> RenderableType:
    product, release = condition.product, condition.release
    facts = [
        ("health", colored(condition.health)),
        ("owner", f"{data['owner']['team']} <{data['owner']['email']}>"),
        ("type", f"{product.type}, version {product.version}, {product.status}"),
        ("release", _release_text(workspace, release) if release else "none yet"),
        ("schedule", f"{product.schedule} ({product.time_zone})" if product.schedule else "none"),
        ("reads", ", ".join((*data["inputs"], *(i.shown for i in product.landings)))),
        ("read by", ", ".join(data["consumers"]) or "nobody yet"),
        ("files", data["folder"]),
    ]
    parts: list[RenderableType] = [
        joined(styled(str(product.name), "bold"), f"  {product.title}"),
        product.purpose or "",
        "",
        table(("", ""), [(styled(name, "dim"), value) for name, value in facts]),
        *_fault_text(data),
    ]
    for port in data["ports"]:
        parts += ["", *_port_text(port, release.number if release else None)]
    if data["dbt_tests"]:
        parts += ["", *_tests_text(data["dbt_tests"])]
    return Group(*parts)


def _fault_text(data: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield the damage to the release, and why the last attempt failed."""
    if data["damage"]:
        yield styled(data["damage"], "red")
    last = data["last_attempt"]
    if last and last["reason"]:
        yield joined(styled(f"last attempt, {last['at'][:19]}: ", "dim"), last["reason"])


def _release_text(workspace: Workspace, release: Attempt) -> str:
    """Return which release is read, where it is, and whether a rollback holds it."""
    told = f"{release.number} of {moment(release.ended_at)}"
    if release.environment:
        told += f", read from `{release.environment}`: not built in `{workspace.environment}`"
    newest = workspace.home_of(release).registry.newest().get(release.product)
    if newest and newest.number != release.number:
        told += f", held by a rollback; the newest is {newest.number}"
    return told


def _tests_text(tests: list[dict[str, Any]]) -> list[RenderableType]:
    rows = [(colored(t["outcome"]), t["check"], t["message"]) for t in tests]
    broken = [row for row, test in zip(rows, tests, strict=True) if test["outcome"] != "passed"]
    passed = len(rows) - len(broken)
    return [f"dbt tests: {len(tests)}, {passed} passed", table(("", "", ""), broken)]


def _meaning(column: dict[str, Any]) -> str:
    """Return what a column is, and that a mask it speaks of is not there yet."""
    said = column["description"] or ""
    masked = f"not masked yet, to be: {column['masking']}" if column["masking"] else ""
    return f"{said} ({masked})".strip() if masked else said


def _port_text(port: dict[str, Any], number: int | None) -> list[RenderableType]:
    columns = [
        (
            c["name"],
            c["type"],
            "required" if c["required"] else "",
            c["classification"] or "",
            _meaning(c),
        )
        for c in port["columns"]
    ]
    checks = [*port["checks"], *port["policies"]]
    broken = [
        (colored(c["outcome"]), c["check"], c["message"])
        for c in checks
        if c["outcome"] not in (None, "passed")
    ]
    passed = sum(c["outcome"] == "passed" for c in checks)
    ran = any(c["outcome"] is not None for c in checks)
    name = styled(f"port {port['name']}@{port['version']}", "bold")
    return [
        joined(name, f"  {port['contract']}"),
        table(("column", "type", "", "", "meaning"), columns),
        "",
        f"{len(checks)} checks, "
        + (f"{passed} passed for release {number}" if ran else "no release has run them yet"),
        table(("", "", ""), broken),
        *(
            joined(styled("not checked:", "dim"), f" {text['description'] or ''}")
            for text in port["texts"]
        ),
    ]
