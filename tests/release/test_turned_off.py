"""What dbt is told to leave out keeps nobody from building, in check and in a build."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from tests.small_mesh import ORDERS, SmallMesh

Change = Callable[[SmallMesh], None]
PROJECT = "domains/shop/dbt_project.yml"
BAD = (
    "select nothing from {{ ref('stg_orders') }} join {{ source('crm', 'contacts') }} using (a);\n"
)
LOST = "select * from {{ ref('nowhere') }}\n"


def _model(config: str = "", *, entry: str = "", project: str = "") -> Change:
    def change(mesh: SmallMesh) -> None:
        mesh.write(f"{ORDERS}/later.sql", f"{{{{ config({config}) }}}}\n{BAD}" if config else BAD)
        if entry:
            mesh.write(f"{ORDERS}/own.yml", f"models: [{{name: later, config: {{{entry}}}}}]\n")
        if project:
            mesh.write(PROJECT, f"{mesh.read(PROJECT)}  shop:\n    orders:\n{project}")

    return change


def _test(text: str, *, entry: str = "", project: str = "") -> Change:
    def change(mesh: SmallMesh) -> None:
        mesh.write("domains/shop/tests/later.sql", text)
        if entry:
            mesh.write("domains/shop/tests/own.yml", entry)
        mesh.write(PROJECT, mesh.read(PROJECT) + project)

    return change


def _second_file(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/old/stg_orders.sql", "{{ config(enabled=false) }} select 1 as a\n")


def _generic_test(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/later.sql", "{{ config(enabled=false) }} select 1 as a\n")
    mesh.write(
        f"{ORDERS}/own.yml",
        "models:\n  - name: stg_orders\n    columns:\n      - name: order_id\n        data_tests:\n"
        "          - relationships:\n              arguments: {to: ref('later'), field: a}\n"
        "              config: {enabled: false}\n",
    )


def _branch(mesh: SmallMesh) -> None:
    text = "{% if var('crm', false) %}select * from {{ source('crm', 'x') }}{% else %}select 1 as a"
    mesh.write(f"{ORDERS}/later.sql", f"{text}{{% endif %}}\n")


OFF: dict[str, Change] = {
    "a model by its config": _model("enabled=false"),
    "a model by its properties": _model(entry="enabled: false"),
    "a model by the project": _model(project="      later: {+enabled: false}\n"),
    "a model by a variable": _model("enabled=var('crm', false)"),
    "a model by a variable in YAML": _model(entry="enabled: \"{{ var('crm', false) }}\""),
    "a model by the target": _model("enabled=target.name == 'prod', materialized='incremental'"),
    "a model by the environment": _model("enabled=env_var('NOBODY_SETS', 'no') == 'yes'"),
    "a second file of one name": _second_file,
    "a test by its config": _test("{{ config(enabled=false) }}" + LOST),
    "a test by its properties": _test(
        LOST, entry="data_tests: [{name: later, config: {enabled: false}}]\n"
    ),
    "a test by the project": _test(
        LOST, project="data_tests: {shop: {later: {+enabled: false}}}\n"
    ),
    "a test by a variable": _test("{{ config(enabled=var('slow', false)) }}" + LOST),
    "a generic test": _generic_test,
    "a source in a branch": _branch,
}


@pytest.mark.parametrize("change", OFF.values(), ids=list(OFF))
def test_check_says_nothing_that_blocks(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    found = check_mesh(Workspace.open(mesh.root), ["shop"]).findings
    blocking = (each for each in found if each.blocking and each.code != "ports.drift")
    assert [each.message for each in blocking] == []


@pytest.mark.slow
@pytest.mark.parametrize("change", OFF.values(), ids=list(OFF))
def test_a_build_releases(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert (outcome.verdict, outcome.reason) == (Verdict.RELEASED, None)


def test_what_only_dbt_can_tell_is_a_warning(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/later.sql", "{{ config(enabled=graph) }} select 1 as a;\n")
    found = check_mesh(Workspace.open(mesh.root), ["shop"]).findings
    told = [(each.code, each.blocking) for each in found if each.code.startswith("model.")]
    assert told == [("model.semicolon", False)]
