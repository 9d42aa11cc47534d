"""Versions of a private model are models of the product, whichever file they stand in."""

from __future__ import annotations

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from tests.lineage.test_mesh_lineage import INTERMEDIATE, MODEL, findings, revenue
from tests.small_mesh import REVENUE, SmallMesh

STAGED = "select status, n as orders, total as amount from {{ REF }}\n"
VERSIONS = """\
models:
  - name: int_revenue
    latest_version: 2
    versions:
      - v: 1
      - v: 2
        defined_in: newest_revenue
"""
OTHER = INTERMEDIATE.replace("sum(amount)", "sum(order_id)")


@pytest.fixture
def versioned(mesh: SmallMesh) -> SmallMesh:
    mesh.write(f"{REVENUE}/models.yml", VERSIONS)
    mesh.write(f"{REVENUE}/int_revenue_v1.sql", INTERMEDIATE)
    mesh.write(f"{REVENUE}/newest_revenue.sql", OTHER)
    return mesh


@pytest.mark.parametrize(
    ("ref", "column"),
    [
        ("ref('int_revenue', v=1)", "amount"),
        ("ref('int_revenue', version=1)", "amount"),
        ("ref('int_revenue', v=2)", "order_id"),
        ("ref('int_revenue')", "order_id"),
    ],
)
def test_a_version_is_followed_to_its_file(versioned: SmallMesh, ref: str, column: str) -> None:
    versioned.write(MODEL, STAGED.replace("REF", ref))
    assert findings(versioned) == []
    assert revenue(versioned)["amount"][0] == f"shop.orders.{column}"


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        (
            "ref('int_revenue', v=3)",
            ("reads version `3` of `int_revenue`, and there is no such version", "`v=1`, `v=2`"),
        ),
        (
            "ref('plain', version='a')",
            ("reads version `a` of `plain`, and there is no such version", "write `ref('plain')`"),
        ),
        (
            "ref('no_one', v=1)",
            ("reads `ref('no_one')`, and there is no such model", "correct the name"),
        ),
    ],
)
def test_a_version_that_nobody_lists_is_told_once(
    versioned: SmallMesh, ref: str, said: tuple[str, str]
) -> None:
    versioned.write(f"{REVENUE}/plain.sql", INTERMEDIATE)
    versioned.write(MODEL, STAGED.replace("REF", ref))
    told = check_mesh(Workspace.open(versioned.root), ["report"]).findings
    (found,) = (f for f in told if f.blocking and f.code != "ports.drift")
    assert found.code == "model.undefined"
    assert said[0] in found.message
    assert said[1] in found.fix


def test_the_plain_name_is_the_latest_version_whatever_its_file_is_called(mesh: SmallMesh) -> None:
    """The first version keeps its file, and `ref` without a version means the second."""
    first = VERSIONS.replace("- v: 1", "- v: 1\n        defined_in: int_revenue")
    mesh.write(f"{REVENUE}/models.yml", first)
    mesh.write(f"{REVENUE}/int_revenue.sql", INTERMEDIATE)
    mesh.write(f"{REVENUE}/newest_revenue.sql", OTHER)
    for ref, column in (("", "order_id"), (", v=1", "amount"), (", v=2", "order_id")):
        mesh.write(MODEL, STAGED.replace("REF", f"ref('int_revenue'{ref})"))
        assert revenue(mesh)["amount"][0] == f"shop.orders.{column}"
        assert findings(mesh) == []


def test_an_empty_file_of_the_latest_version_is_told(versioned: SmallMesh) -> None:
    versioned.write(f"{REVENUE}/newest_revenue.sql", "")
    versioned.write(MODEL, STAGED.replace("REF", "ref('int_revenue')"))
    told = check_mesh(Workspace.open(versioned.root), ["report"]).findings
    assert "model.empty" in [f.code for f in told if f.blocking]
    versioned.write(MODEL, STAGED.replace("REF", "ref('int_revenue', v=1)"))
    told = check_mesh(Workspace.open(versioned.root), ["report"]).findings
    assert "model.empty" not in [f.code for f in told]


def test_versions_may_be_declared_in_any_folder_of_properties(mesh: SmallMesh) -> None:
    mesh.write("domains/report/macros/models.yml", VERSIONS)
    mesh.write(f"{REVENUE}/int_revenue_v1.sql", INTERMEDIATE)
    mesh.write(f"{REVENUE}/newest_revenue.sql", OTHER)
    mesh.write(MODEL, STAGED.replace("REF", "ref('int_revenue', v=1)"))
    assert findings(mesh) == []
    told = check_mesh(Workspace.open(mesh.root), ["report"]).findings
    assert [f.code for f in told if f.blocking and f.code != "ports.drift"] == []
    assert revenue(mesh)["amount"][0] == "shop.orders.amount"


@pytest.mark.slow
def test_dbt_reads_versions_there_too(mesh: SmallMesh) -> None:
    test_versions_may_be_declared_in_any_folder_of_properties(mesh)
    workspace = Workspace.open(mesh.root)
    places = workspace.dbt_places(workspace.mesh.domain("report"))
    workspace.dbt.parse(places)
    assert "model.report.int_revenue.v2" in places.manifest.read_text()
