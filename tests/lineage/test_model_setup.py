"""How a model is set up is read from its files without dbt, and told at the line that decides."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.known_values import Values
from mesh_platform.lineage.model_setup import KEYS, UNKNOWN, Configurations, sql_config
from mesh_platform.model.naming import ProductName
from mesh_platform.release.lineage.files import MeshSql
from tests.small_mesh import ORDERS, SmallMesh

MODEL = f"{ORDERS}/orders.sql"
VALUES = Values({"set": True}, frozenset({"taken"}), {"ON": "yes"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1", {}),
        ("{{ config(alias='a') }}", {"alias": "a"}),
        ("{%- do config(alias=\"a\", tags=['x']) -%}", {"alias": "a", "tags": ["x"]}),
        ("{{ config(alias=target.name) }}", {"alias": "mesh"}),
        ("{{ config(enabled=target.name == 'prod') }}", {"enabled": False}),
        ("{{ config(enabled=var('on', false)) }}", {"enabled": False}),
        ("{{ config(enabled=var('set')) }}", {"enabled": True}),
        ("{{ config(enabled=var('taken', false)) }}", {"enabled": UNKNOWN}),
        ("{{ config(enabled=var('nobody')) }}", {"enabled": UNKNOWN}),
        ("{{ config(enabled=env_var('ON', 'no') == 'yes') }}", {"enabled": True}),
        ("{{ config(enabled=env_var('OFF', 'no') == 'yes') }}", {"enabled": False}),
        ("{{ config(alias=target.threads) }}", {"alias": UNKNOWN}),
        ("{{ config(alias=adapter.name()) }}", {"alias": UNKNOWN}),
        ("{% if x %}{{ config(alias='a') }}{% endif %}", {"alias": UNKNOWN}),
        ("{% if x %}{{ config({'a': 1}) }}{% endif %}", dict.fromkeys(KEYS, UNKNOWN)),
        ("{% config", None),
    ],
)
def test_the_configuration_in_a_text_is_read_without_dbt(text: str, said: object) -> None:
    assert sql_config(text, VALUES) == said


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (False, False),
        ("{{ var('on', false) }}", False),
        ("{{ (target.name == 'prod') | as_bool }}", False),
        ("{{ var('set') }}", True),
        ("x{{ var('set') }}", UNKNOWN),
        ("{% if true %}a{% endif %}", UNKNOWN),
        ("{{ run_started_at }}", UNKNOWN),
        ("{{ open", UNKNOWN),
    ],
)
def test_a_setting_in_yaml_is_read_without_dbt(written: object, value: object) -> None:
    entry = {"name": "m", "config": {"enabled": written}}
    setup = Configurations(properties=[entry], values=VALUES).setup("m", [], "", python=False)
    assert setup.get("enabled") == value


def test_the_closest_level_of_the_project_decides() -> None:
    project = {"+alias": "a", "shop": {"orders": {"+alias": "b", "schema": "s"}, "+enabled": False}}
    setup = Configurations(project, "shop").setup("m", ["orders"], "select 1", python=False)
    assert [setup.get(key) for key in ("alias", "schema", "enabled")] == ["b", "s", False]
    assert setup.materialized == "view"


def test_a_setting_of_the_project_is_told_at_its_line(mesh: SmallMesh) -> None:
    project = "domains/shop/dbt_project.yml"
    added = "  shop:\n    orders:\n      +schema: own\n"
    mesh.write(project, mesh.read(project) + added)
    mesh.write(project, mesh.read(project) + "seeds:\n  +schema: raw\n")
    workspace = Workspace.open(mesh.root)
    (found,) = MeshSql(workspace).model_findings([ProductName("shop", "orders")])
    assert str(found.place) == f"{project}:{mesh.line(project, '+schema: own')}"
    mesh.write(MODEL, "{{ config(schema='other') }} select * from {{ ref('stg_orders') }}")
    (found,) = MeshSql(Workspace.open(mesh.root)).model_findings([ProductName("shop", "orders")])
    assert str(found.place) == f"{MODEL}:1"
