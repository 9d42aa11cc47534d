"""Versions of a private model are models of the product, whichever file they stand in."""

from __future__ import annotations

import pytest

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


def test_a_version_that_nobody_lists_is_a_doubt(versioned: SmallMesh) -> None:
    versioned.write(MODEL, STAGED.replace("REF", "ref('int_revenue', v=3)"))
    assert findings(versioned) != []
