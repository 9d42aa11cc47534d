"""Provides `mesh list`, `mesh status` and `mesh releases`: products, health and releases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from rich.console import RenderableType
from rich.text import Text

from mesh_platform.application.check_mesh import chosen_domains
from mesh_platform.cli.arguments import ProductArgument, Select
from mesh_platform.cli.options import settings
from mesh_platform.cli.output import answer, colored, joined, styled, table, tell, tell_broken
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Port
from mesh_platform.model.naming import ProductName
from mesh_platform.model.selection import select as selected
from mesh_platform.release.condition import Condition, conditions
from mesh_platform.release.health import examine_lake
from mesh_platform.state.records import Attempt, CheckCounts, InputRecord


def list_products(context: typer.Context, select: Select = None) -> None:
    """List products with owner, type, release and health.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh list punctuality --output json
    """
    said = settings(context)
    workspace = said.begun()
    products = selected(workspace.mesh, select or [])
    entries = [_entry(workspace, condition) for condition in conditions(workspace, products)]
    answer(said, entries, lambda: _list_table(entries))
    tell_broken(chosen_domains(workspace.mesh, select or []))


def status(context: typer.Context, select: Select = None) -> None:
    """Show for each product its release, its last attempt and what its checks say.

    SELECT is a domain or a product; `+` before it adds what it reads, after it who reads it.

    Example: mesh status flights
    """
    said = settings(context)
    workspace = said.begun()
    products = selected(workspace.mesh, select or [])
    entries = [
        {
            "product": str(condition.product.name),
            "health": condition.health,
            "release": release_json(condition.release, workspace.environment),
            **attempt_json(condition),
        }
        for condition in conditions(workspace, products)
    ]
    answer(said, entries, lambda: _status_text(entries))
    tell_broken(chosen_domains(workspace.mesh, select or []))
    for symptom in examine_lake(workspace):
        if not symptom.fine:
            tell(f"{symptom.found}\n  try: {symptom.fix}", style="red")


def releases(context: typer.Context, product: ProductArgument) -> None:
    """List the releases of a product, newest first.

    PRODUCT is `domain/product`.

    Example: mesh releases flights/departures
    """
    said = settings(context)
    workspace = said.begun()
    if workspace.mesh.unread_by(product) is None:
        workspace.mesh.product(product)
    current = workspace.current(product)
    home = workspace.home_of(current) if current else workspace
    found = home.registry.releases(product)
    counts = home.counts(found)
    entries = [
        _release_entry(home, r, current is not None and r.id == current.id, counts[r.id])
        for r in found
    ]
    tell_place(workspace, current)
    name = ProductName.parse(product)
    way = workspace.mesh.way_to_build(name) or f"mesh build +{name}{workspace.option}"
    answer(said, entries, lambda: _releases_table(product, entries, way))


def tell_place(workspace: Workspace, release: Attempt | None) -> None:
    """Print which environment a release is read from, if it is not the current one."""
    if release is not None and release.environment is not None:
        tell(
            f"{release.product} is not built in `{workspace.environment}`: "
            f"this is release {release.number} of `{release.environment}`"
        )


def _entry(workspace: Workspace, condition: Condition) -> dict[str, Any]:
    product = condition.product
    domain = workspace.mesh.domain(product.name.domain)
    return {
        "domain": product.name.domain,
        "product": str(product.name),
        "type": product.type,
        "owner": domain.team,
        "ports": [port_json(port) for port in product.ports],
        "release": release_json(condition.release, workspace.environment),
        "health": condition.health,
    }


def _port_words(ports: list[dict[str, Any]]) -> Text:
    return Text(", ").join(map(_port_word, ports))


def _port_word(port: dict[str, Any]) -> Text:
    notes = ["deprecated"] if port["deprecated"] else []
    if port["end_of_support"]:
        notes.append(f"support until {port['end_of_support']}")
    told = (styled(f" ({note})", "yellow") for note in notes)
    return joined(f"{port['name']}@{port['version']}", *told)


def port_json(port: Port) -> dict[str, Any]:
    """Return a port as JSON output shows it."""
    return {
        "name": port.name.base,
        "version": port.version,
        "contract_id": port.contract.id,
        "asset_key": "/".join(port.name.key),
        "deprecated": port.deprecated,
        "end_of_support": port.contract.end_of_support,
    }


def release_json(release: Attempt | None, environment: str) -> dict[str, Any] | None:
    """Return a release as JSON output shows it, seen from an environment."""
    if release is None:
        return None
    return {
        "number": release.number,
        "version": release.version,
        "at": release.ended_at.isoformat() if release.ended_at else None,
        "state": release.state.value,
        "environment": release.environment or environment,
    }


def attempt_json(condition: Condition) -> dict[str, Any]:
    """Return the last attempt, the counts of its checks, and the damage, as JSON shows them."""
    last, state = condition.last, condition.state
    if last is None or state is None:
        return {"last_attempt": None, "checks": None, "damage": condition.damage}
    told = {
        "state": state.value,
        "at": last.started_at.isoformat(),
        "reason": condition.reason,
    }
    checks = asdict(condition.counts)
    return {"last_attempt": told, "checks": checks, "damage": condition.damage}


def _counts_text(checks: dict[str, int]) -> str:
    return " ".join(f"{count} {word.replace('_', ' ')}" for word, count in checks.items() if count)


def _list_table(entries: list[dict[str, Any]]) -> RenderableType:
    if not entries:
        return "There is no product yet: add one under domains/<domain>/products/."
    rows = [
        (
            entry["product"],
            entry["type"],
            entry["owner"],
            _port_words(entry["ports"]),
            entry["release"]["number"] if entry["release"] else "-",
            entry["release"]["environment"] if entry["release"] else "",
            colored(entry["health"]),
        )
        for entry in entries
    ]
    return table(("product", "type", "owner", "ports", "#release", "in", "health"), rows)


def _status_text(entries: list[dict[str, Any]]) -> RenderableType:
    rows = []
    for entry in entries:
        checks, release, last = entry["checks"], entry["release"], entry["last_attempt"]
        rows.append(
            (
                entry["product"],
                colored(entry["health"]),
                f"{release['number']} of {release['at'][:19]}" if release else "-",
                release["environment"] if release else "",
                f"{last['state']} {last['at'][:19]}" if last else "never",
                _counts_text(checks or {}),
                _why(entry),
            )
        )
    names = ("product", "health", "release", "in", "last attempt", "checks", "reason")
    return table(names, rows)


def _why(entry: dict[str, Any]) -> str:
    """Return the first line of the damage, else of the reason of the last attempt."""
    last = entry["last_attempt"]
    reason: str = entry["damage"] or (last["reason"] if last else None) or ""
    return reason.partition("\n")[0]


def _release_entry(
    workspace: Workspace, release: Attempt, current: bool, counts: CheckCounts
) -> dict[str, Any]:
    origin = release.origin
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
        "inputs": [_input_json(workspace, release, item) for item in release.inputs],
        "checks": asdict(counts),
        "environment": workspace.environment,
        "origin": {"environment": origin.environment, "release": origin.number} if origin else None,
    }


def _input_json(workspace: Workspace, release: Attempt, item: InputRecord) -> dict[str, Any]:
    provider = workspace.pinned(release, item)
    return {
        "port": item.port,
        "release": provider.number if provider else None,
        "environment": item.environment or workspace.environment,
    }


def _releases_table(product: str, entries: list[dict[str, Any]], way: str) -> RenderableType:
    if not entries:
        return f"{product} was never released\n  try: {way}"
    rows = [
        (
            entry["number"],
            _release_word(entry),
            entry["version"],
            (entry["at"] or "")[:19],
            ", ".join(f"{port['name']} {port['rows']:,}" for port in entry["ports"]),
            ", ".join(_input_word(item, entry["environment"]) for item in entry["inputs"]),
            _counts_text(entry["checks"]),
        )
        for entry in entries
    ]
    return table(("#release", "", "version", "at", "rows", "inputs", "checks"), rows)


def _release_word(entry: dict[str, Any]) -> str:
    origin = entry["origin"]
    promoted = f"from {origin['environment']} {origin['release']}" if origin else ""
    return ", ".join(word for word in ("current" if entry["current"] else "", promoted) if word)


def _input_word(item: dict[str, Any], environment: str) -> str:
    elsewhere = f" of {item['environment']}" if item["environment"] != environment else ""
    return f"{item['port']} {item['release'] or '(gone)'}{elsewhere}"
