"""Guarded environments: what breaks consumers is not built there, and nothing has run by then."""

from __future__ import annotations

import pytest

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, PromiseBrokenError
from mesh_platform.release.build import release_product
from mesh_platform.release.guard import refuse_breaks
from mesh_platform.release.outcome import Verdict
from mesh_platform.state.records import State
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    RENAMED,
    REVENUE_DESCRIPTOR,
    TODAY,
    acknowledge,
    in_step,
    release_all,
    rename_amount,
    version,
)
from tests.release.staging import release
from tests.small_mesh import REVENUE, SmallMesh

NAME = "shop/orders"
UNSAID = (
    "shop/orders breaks what release 1 promised, under the same major version; `prod` is guarded\n"
    f"  at: {CONTRACT}:5:1\n"
    "  try: `mesh plan shop/orders --env prod` shows what breaks and whom,"
    " `mesh product bump shop/orders --env prod` writes the next version"
)


@pytest.fixture
def guarded(mesh: SmallMesh) -> SmallMesh:
    """Everything is released in prod, which is guarded."""
    mesh.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    release_all(mesh, "prod")
    return mesh


def _refused(mesh: SmallMesh, environment: str = "prod", name: str = NAME) -> str | None:
    workspace = Workspace.open(mesh.root, environment)
    try:
        refuse_breaks(workspace, workspace.mesh.product(name), TODAY)
    except PromiseBrokenError as error:
        return str(error)
    return None


@pytest.mark.parametrize("file", ["revenue.odcs.yaml", "product.odps.yaml"])
def test_a_consumer_with_errors_in_its_files_is_not_broken(guarded: SmallMesh, file: str) -> None:
    rename_amount(guarded)
    version(guarded, CONTRACT, DESCRIPTOR, "1.0.0", "2.0.0")
    whole = _refused(guarded)
    assert whole is not None
    kept = guarded.read(f"{REVENUE}/{file}")
    guarded.write(f"{REVENUE}/{file}", "version 1.0.0\n")
    assert _refused(guarded) == (
        "shop/orders breaks what was promised, and nobody can tell whether report/revenue moved or"
        " agreed, because of errors in the files there; `prod` is guarded\n"
        f"  at: {DESCRIPTOR}:1:1\n"
        "  try: mesh check report"
    )
    guarded.write(f"{REVENUE}/{file}", kept)
    assert _refused(guarded) == whole


def _reads(before: str, now: str) -> tuple[str, str]:
    """An edit of the revenue's input port."""
    line = "    version: {}\n    contractId: shop/orders"
    return line.format(before), line.format(now)


def test_a_break_under_the_same_major_is_not_built_and_the_last_release_stays(
    guarded: SmallMesh,
) -> None:
    rename_amount(guarded)
    workspace = Workspace.open(guarded.root, "prod")
    before, steps = workspace.registry.current(NAME), list[str]()
    for full in (False, True):
        outcome = release_product(
            workspace, workspace.mesh.product(NAME), full=full, watch=lambda _, s: steps.append(s)
        )
        assert (outcome.verdict, outcome.reason, outcome.release) == (
            Verdict.FAILED,
            UNSAID,
            before,
        )
    assert steps == []
    attempt = workspace.registry.last_attempts()[NAME]
    assert (attempt.state, attempt.reason) == (State.FAILED, UNSAID)
    assert workspace.registry.current(NAME) == before


def test_another_environment_is_not_guarded(guarded: SmallMesh) -> None:
    release_all(guarded)
    rename_amount(guarded)
    assert _refused(guarded) == UNSAID
    assert _refused(guarded, "dev") is None


def test_what_breaks_nothing_and_what_is_new_goes_on(guarded: SmallMesh) -> None:
    assert _refused(guarded) is None
    guarded.edit(CONTRACT, "Every order of the shop.", "All orders.")
    assert _refused(guarded) is None
    guarded.write("mesh.yaml", "name: small\nguarded: [prod, new]\n")
    guarded.edit(CONTRACT, *RENAMED)
    assert _refused(guarded, "new") is None


def test_an_environment_that_defers_is_held_to_what_is_read_in_the_other_one(
    guarded: SmallMesh,
) -> None:
    guarded.write("mesh.yaml", "name: small\nguarded: [stage]\n")
    stage = Workspace.open(guarded.root, "stage")
    defer(stage, "prod")
    guarded.edit(CONTRACT, *RENAMED)
    release(Workspace.open(guarded.root, "stage"), NAME)  # what it has of its own does not count
    said = _refused(guarded, "stage")
    assert said is not None
    assert said.splitlines()[0] == (
        "shop/orders breaks what release 1 of prod promised, under the same major version;"
        " `stage` is guarded"
    )


def test_a_major_that_goes_waits_for_consumers_to_move_or_agree(guarded: SmallMesh) -> None:
    rename_amount(guarded)
    in_step(guarded, "2.0.0")
    said = _refused(guarded)
    assert said is not None
    what, where, command, advice, keep, move, agree = said.splitlines()
    assert (what, where, command, advice) == (
        "shop/orders: `shop/orders` goes away for report/revenue, and nobody there has agreed;"
        " `prod` is guarded",
        f"  at: {CONTRACT}:{guarded.line(CONTRACT, 'properties:')}:5",
        "  try: mesh plan shop/orders --env prod",
        "    one of these, for each of them; ask report-team <report@example.com>",
    )
    assert [line.split()[1] for line in (keep, move, agree)] == ["keep", "it", "it"]

    acknowledge(guarded)
    assert _refused(guarded) is None
    acknowledge(guarded, until="2026-11-20")
    assert "until 2026-11-20: that is over; `prod` is guarded" in (_refused(guarded) or "")

    guarded.delete(f"{REVENUE}/acknowledgements.yaml")
    guarded.edit(REVENUE_DESCRIPTOR, *_reads("1.0.0", "2.0.0"))
    guarded.edit(f"{REVENUE}/revenue.sql", "'orders'", "'orders_v2'")
    guarded.edit(f"{REVENUE}/revenue.sql", "amount", "total")
    assert _refused(guarded) is None


def test_a_first_major_that_breaks_who_reads_the_column_waits_for_them_too(
    mesh: SmallMesh,
) -> None:
    """0.9.0 and 1.0.0 are one port: nobody could move."""
    mesh.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    in_step(mesh, "0.9.0")
    mesh.edit(REVENUE_DESCRIPTOR, *_reads("1.0.0", "0.9.0"))
    release_all(mesh, "prod")
    rename_amount(mesh)
    version(mesh, CONTRACT, DESCRIPTOR, "0.9.0", "1.0.0")
    said = _refused(mesh)
    assert said is not None
    assert said.startswith(
        "shop/orders: `shop/orders` breaks for report/revenue, and nobody there has agreed"
    )


def test_what_cannot_be_compared_is_not_built(guarded: SmallMesh) -> None:
    guarded.edit(CONTRACT, *RENAMED)
    in_step(guarded, "next")
    workspace = Workspace.open(guarded.root, "prod")
    with pytest.raises(MeshError, match="`next` is no version"):
        refuse_breaks(workspace, workspace.mesh.product(NAME), TODAY)
