"""Of a node that failed: where its text stands, and a command that shows all of it."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.duckdb.error_messages import KEPT_BACK
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.failed_nodes import refusal
from tests.small_mesh import ORDERS, SmallMesh

PROJECT = "domains/shop/dbt_project.yml"
SAID = f"Catalog Error ({KEPT_BACK}: …)"
COMPILE = (
    "`mesh dbt shop -- compile` writes the model's SQL; run it in a DuckDB session of your own"
)


def _refused(mesh: SmallMesh, name: str, kind: str, path: str, said: str = SAID) -> list[str]:
    workspace = Workspace.open(mesh.root)
    package = name.split("-", maxsplit=1)[0] if kind == "operation" else "shop"
    node = NodeResult(f"{kind}.{package}.{name}", name, kind, "error", said, path, 0.0)
    return str(refusal(workspace, workspace.mesh.product("shop/orders"), node)).splitlines()


def test_a_model_is_compiled(mesh: SmallMesh) -> None:
    assert _refused(mesh, "orders", "model", "products/orders/orders.sql") == [
        f"shop/orders: model `orders` failed: {SAID}",
        f"  at: {ORDERS}/orders.sql",
        f"  try: {COMPILE}",
    ]


def test_a_message_that_is_whole_needs_no_way_to_see_it(mesh: SmallMesh) -> None:
    said = _refused(mesh, "orders", "model", "products/orders/orders.sql", "no such table")
    assert said[1:] == [f"  at: {ORDERS}/orders.sql"]


def test_what_dbt_itself_refuses_leaves_no_sql_to_run(mesh: SmallMesh) -> None:
    said = SAID.replace("Catalog", "Compilation")
    assert _refused(mesh, "orders", "model", "products/orders/orders.sql", said)[2] == (
        "  try: `mesh dbt shop -- build -s +orders` shows all of it"
    )


def test_a_model_in_python_has_no_sql_to_run(mesh: SmallMesh) -> None:
    assert _refused(mesh, "orders", "model", "products/orders/orders.py")[2] == (
        "  try: `mesh dbt shop -- build -s +orders` shows all of it"
    )


def test_a_test_is_run_alone(mesh: SmallMesh) -> None:
    assert _refused(mesh, "not_null_orders_x", "test", "products/orders/own.yml")[2] == (
        "  try: `mesh dbt shop -- test --select not_null_orders_x` shows all of it"
    )


@pytest.mark.parametrize("in_model", [False, True])
def test_a_model_with_a_hook_is_run_and_the_hook_named(mesh: SmallMesh, in_model: bool) -> None:
    if in_model:
        mesh.write(f"{ORDERS}/orders.sql", "{{ config(post_hook='drop x') }} select 1")
    else:
        mesh.edit(PROJECT, "  +mat", "  +post-hook: drop x\n  +mat")
    where = "`post_hook` in the model" if in_model else "`post-hook` in dbt_project.yml"
    assert _refused(mesh, "orders", "model", "products/orders/orders.sql")[2] == (
        f"  try: `mesh dbt shop -- build -s +orders` shows all of it; it may come from {where}"
    )


def test_a_seed_is_loaded(mesh: SmallMesh) -> None:
    assert _refused(mesh, "words", "seed", "seeds/words.csv")[1:] == [
        "  at: domains/shop/seeds/words.csv",
        "  try: `mesh dbt shop -- seed --select words` shows all of it",
    ]


@pytest.mark.parametrize(
    ("package", "file"), [("shop", PROJECT), ("mesh", "dbt_project/dbt_project.yml")]
)
def test_a_hook_of_a_project_stands_at_its_key(mesh: SmallMesh, package: str, file: str) -> None:
    mesh.edit(file, "flags:", "on-run-end: [drop x]\nflags:")
    name = f"{package}-on-run-end-0"
    assert _refused(mesh, name, "operation", "./dbt_project.yml") == [
        f"shop/orders: the hook `on-run-end` failed: {SAID}",
        f"  at: {file}:{mesh.line(file, 'on-run-end')}",
        "  try: `mesh dbt shop -- build` runs the hook, too, and shows all of it",
    ]


def test_a_seed_that_surely_fails_is_told_in_the_words_of_check(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/seeds/words.csv", "a,b\n1,2,3\n")
    mesh.write(f"{ORDERS}/orders.sql", "select * from {{ ref('words') }}")
    assert _refused(mesh, "words", "seed", "seeds/words.csv") == [
        "shop/orders: the seed `words` has 3 fields in this row and 2 columns",
        "  at: domains/shop/seeds/words.csv:2",
        "  try: take a field out, or put text that holds a comma in quotes",
    ]


def test_a_warning_about_a_seed_is_not_why_it_failed(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/seeds/words.csv", "a,b\n1,2\n")
    entry = "seeds:\n  - {name: words, config: {column_types: {c: integer}}}\n"
    mesh.write("domains/shop/seeds/words.yml", entry)
    mesh.write(f"{ORDERS}/orders.sql", "select * from {{ ref('words') }}")
    assert _refused(mesh, "words", "seed", "seeds/words.csv")[0] == (
        f"shop/orders: seed `words` failed: {SAID}"
    )
