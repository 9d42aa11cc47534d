"""Plans of small meshes: what there is to compare with, and what a plan says."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.findings import Finding
from mesh_platform.planning.plan import Plan, PlannedChange
from mesh_platform.release.lineage.readers import LineageReaders
from mesh_platform.release.plans.plan import make_plan
from tests.release.staging import release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

RENAMED = ("- name: amount", "- name: total")
"""An edit of the orders' contract that breaks who reads the amount."""
TODAY = date(2026, 11, 21)
CONTRACT = f"{ORDERS}/orders.odcs.yaml"
DESCRIPTOR = f"{ORDERS}/product.odps.yaml"
REVENUE_CONTRACT = f"{REVENUE}/revenue.odcs.yaml"
REVENUE_DESCRIPTOR = f"{REVENUE}/product.odps.yaml"


def release_all(mesh: SmallMesh, environment: str = "dev") -> None:
    """Release every product, providers first."""
    workspace = Workspace.open(mesh.root, environment)
    for product in workspace.mesh.in_order(workspace.mesh.products):
        release(workspace, str(product.name))


def planned(
    mesh: SmallMesh,
    *expressions: str,
    against: str | None = None,
    environment: str = "dev",
    today: date = TODAY,
) -> Plan:
    """The plan of the files as they are."""
    workspace = Workspace.open(mesh.root, environment)
    return make_plan(workspace, expressions, against, LineageReaders, today)


def changes(plan: Plan) -> list[PlannedChange]:
    """All changes of all products."""
    return [change for product in plan.products for change in product.changes]


def codes(plan: Plan) -> list[str]:
    """Each change as `product code`."""
    return [f"{item.product} {item.change.code}" for item in changes(plan)]


def reached(plan: Plan) -> dict[str, list[str]]:
    """Consumers that each change reaches, by the change's code."""
    found: dict[str, list[str]] = {}
    for item in changes(plan):
        found.setdefault(item.change.code, []).extend(str(c.product) for c in item.consumers)
    return found


def told(plan: Plan) -> list[Finding]:
    """What is found, but for generated files: who edits by hand has not made them anew."""
    return [finding for finding in plan.findings if finding.code != "generated.out-of-step"]


def findings(plan: Plan) -> list[str]:
    """Codes of findings that block."""
    return [finding.code for finding in told(plan) if finding.blocking]


def rename_amount(mesh: SmallMesh) -> None:
    """Rename the orders' amount, in the contract and in the SQL behind it."""
    mesh.edit(CONTRACT, *RENAMED)
    mesh.edit(f"{ORDERS}/stg_orders.sql", "as amount", "as total")


def in_step(mesh: SmallMesh, new: str) -> None:
    """Give product and port of the orders, which are 1.0.0, another version."""
    version(mesh, CONTRACT, DESCRIPTOR, "1.0.0", new)


def version(mesh: SmallMesh, contract: str, descriptor: str, old: str, new: str) -> None:
    """Give a port, its entry in the descriptor and the product another version."""
    mesh.edit(contract, f"version: {old}", f"version: {new}")
    text = mesh.read(descriptor)
    head, inside, ports = text.partition("outputPorts:")
    head = head.replace(f"\nversion: {old}", f"\nversion: {new}", 1)
    mesh.write(descriptor, head + inside + ports.replace(f"version: {old}", f"version: {new}", 1))


def acknowledge(mesh: SmallMesh, folder: str = REVENUE, **entry: str) -> None:
    """Write one entry of a consumer's acknowledgements."""
    said = {"port": "shop/orders", "version": "2.0.0", "by": "Rita", "until": "2027-01-31"}
    lines = [f"{key}: {value}" for key, value in (said | entry).items()]
    text = "acknowledgements:\n  - " + "\n    ".join(lines) + "\n"
    mesh.write(f"{folder}/acknowledgements.yaml", text)


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, whatever this machine's settings are."""
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    who += ["-c", "protocol.file.allow=always"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder: Path) -> None:
    """Commit a folder as it is, in a repository that is made if there is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--message=next")
