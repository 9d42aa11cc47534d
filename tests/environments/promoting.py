"""What the tests of promotion share: who changes what, and what an environment then holds."""

from __future__ import annotations

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.promote import Promoted, promote
from tests.release.staging import delta_files, release, staged_files
from tests.small_mesh import ORDERS, SmallMesh

ORDERS_NAME, REVENUE_NAME, PAIR = "shop/orders", "report/revenue", "twins/pair"


def at(mesh: SmallMesh, environment: str) -> Workspace:
    return Workspace.open(mesh.root, environment)


def change(mesh: SmallMesh, *folders: str) -> None:
    for folder in folders:
        name = f"{folder}/{folder.rsplit('/', maxsplit=1)[-1]}.sql"
        mesh.write(name, mesh.read(name) + "-- changed\n")


def changed_by_alice(mesh: SmallMesh) -> Workspace:
    """Alice has her own orders, and revenue from them."""
    change(mesh, ORDERS)
    alice = at(mesh, "alice")
    release(alice, ORDERS_NAME)
    release(alice, REVENUE_NAME)
    return alice


def promoted(mesh: SmallMesh, *names: str, source: str = "alice") -> list[Promoted]:
    giver, taker = at(mesh, source), at(mesh, "prod")
    return promote(giver, taker, [giver.mesh.product(name) for name in names])


def registry_and_lake(mesh: SmallMesh) -> tuple[object, ...]:
    prod = at(mesh, "prod")
    tables = sorted(path.parent for path in prod.lake.rglob("_delta_log"))
    shown = [delta_files(prod, path.relative_to(prod.lake).as_posix()) for path in tables]
    return prod.registry.all_current(), prod.registry.interrupted(), staged_files(prod), shown
