"""Rules that compare a port with the release before it."""

from __future__ import annotations

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.publish import roll_back
from mesh_platform.release.verification import contract_of, verify_release
from tests.small_mesh import ORDERS, SmallMesh

NAME = "shop/orders"
RULE = """\
    quality:
      - name: no_order_lost
        description: No order of the release before is missing.
        severity: error
        type: sql
        query: select count(*) from previous anti join ${object} using (order_id)
        mustBe: 0
"""


def _build(mesh: SmallMesh) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product(NAME))


def _verified(mesh: SmallMesh, number: int) -> tuple[Outcome, str]:
    workspace = Workspace.open(mesh.root)
    (port,) = workspace.mesh.product(NAME).ports
    release = workspace.registry.release(NAME, number)
    assert release is not None
    results = verify_release(workspace, port, release, contract_of(workspace, port, release))
    (found,) = (each for each in results if each.check == "no_order_lost")
    return found.outcome, found.message


@pytest.mark.slow
def test_a_rule_reads_the_release_that_was_current_when_the_port_was_built(
    mesh: SmallMesh,
) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "    quality:\n", RULE)
    first = _build(mesh)
    assert (first.verdict, first.counts.failed) == (Verdict.RELEASED, 0), first.reason

    mesh.land_orders("1,ann,1,paid\n2,bob,1,paid\n")
    fewer = _build(mesh)
    assert fewer.verdict is Verdict.FAILED
    assert "check `no_order_lost` of port `orders` failed: observed 2" in (fewer.reason or "")

    mesh.land_orders("1,ann,1,paid\n2,bob,1,paid\n3,ann,1,paid\n4,eve,1,paid\n5,ida,1,paid\n")
    assert _build(mesh).verdict is Verdict.RELEASED
    workspace = Workspace.open(mesh.root)
    roll_back(workspace, workspace.mesh.product(NAME), 1)
    mesh.land_orders("1,ann,1,paid\n2,bob,1,paid\n3,ann,1,paid\n4,eve,1,paid\n")
    again = _build(mesh)  # follows release 1, which was current, not release 2
    assert (again.verdict, again.release and again.release.number) == (Verdict.RELEASED, 3)
    assert _verified(mesh, 3) == (Outcome.PASSED, "observed 0, must be 0")
    assert _verified(mesh, 2) == (Outcome.PASSED, "observed 0, must be 0")

    for file in mesh.path(".mesh/dev/lake").rglob("*.parquet"):
        if file.name == _file(mesh, 1):
            file.unlink()
    outcome, message = _verified(mesh, 3)
    assert outcome is Outcome.COULD_NOT_RUN
    assert message.startswith("the files of `previous` cannot be read: ")


def _file(mesh: SmallMesh, number: int) -> str:
    release = Workspace.open(mesh.root).registry.release(NAME, number)
    assert release is not None
    return release.ports[0].files[0].name
