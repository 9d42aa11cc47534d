"""What is certain from the files is told before dbt runs, in the same words by check and build."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.files import LARGEST
from mesh_platform.lineage.model_rules import STRATEGIES, ends_in_semicolon
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.outcome import Verdict
from tests.lineage.harmless_cases import HARMLESS
from tests.lineage.model_cases import (
    FAULTS,
    MODEL,
    Change,
)
from tests.small_mesh import SmallMesh


@pytest.mark.parametrize(("code", "message", "change"), FAULTS.values(), ids=list(FAULTS))
def test_check_tells_what_a_build_refuses_in_the_same_words(
    mesh: SmallMesh, code: str, message: str, change: Change
) -> None:
    change(mesh)
    workspace = Workspace.open(mesh.root)
    orders = workspace.mesh.product("shop/orders")
    found = [f for f in reads_of(MeshSql(workspace), [orders.name]).findings if f.blocking]
    assert (found[0].code, found[0].message) == (code, message)
    assert found[0].withholds
    outcome = release_product(workspace, orders)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason == (
        f"{found[0].product}: {message}\n  at: {found[0].place}\n  try: {found[0].fix}"
    )
    assert not (workspace.work("shop") / "dbt").exists()  # dbt did not run


@pytest.mark.parametrize("change", HARMLESS.values(), ids=list(HARMLESS))
def test_what_may_be_in_order_is_no_finding(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    workspace = Workspace.open(mesh.root)
    orders = workspace.mesh.product("shop/orders")
    assert MeshSql(workspace).model_findings([orders.name]) == ()


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("select 1;", True),
        ("select 1; -- done\n", True),
        ("select 1;\n{{ config(alias='a') }}\n/* ; */", True),
        ("select ';'", False),
        ("select 1 -- ;", False),
        ("select 1 {{ limit(';') }}", False),
        ("", False),
    ],
)
def test_a_semicolon_at_the_end_is_found_whatever_follows_it(text: str, ends: bool) -> None:
    assert ends_in_semicolon(text) is ends


def test_a_model_that_is_too_large_is_told_as_such(mesh: SmallMesh) -> None:
    with mesh.path(MODEL).open("r+b") as file:
        file.truncate(LARGEST + 1)
    workspace = Workspace.open(mesh.root)
    found = reads_of(MeshSql(workspace), list(workspace.mesh.products)).findings
    (told,) = [f.message for f in found if f.code == "model.unreadable"]
    assert told == (
        "the model `orders` cannot be read: it is no plain file of at most "
        f"{LARGEST // 1_000_000} MB that may be read"
    )


def test_the_strategies_are_those_of_the_adapter() -> None:
    from dbt.adapters.duckdb.constants import DUCKDB_BASE_INCREMENTAL_STRATEGIES

    assert set(STRATEGIES) == {*DUCKDB_BASE_INCREMENTAL_STRATEGIES, "merge", "microbatch"}
