"""dbt tests that block on data of other domains alone are found, as far as that is certain."""

from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import Reads, reads_of
from mesh_platform.release.policies.governance import Governance
from tests.policies import set_policies
from tests.small_mesh import REVENUE, SmallMesh

TEST = "domains/report/tests/no_debt.sql"
FOREIGN = "select * from {{ source('shop', 'orders') }} where amount < 0\n"
PROJECT = "domains/report/dbt_project.yml"
SOURCES = "domains/report/products/sources.yml"


def _reads(mesh: SmallMesh) -> Reads:
    workspace = Workspace.open(mesh.root)
    return reads_of(MeshSql(workspace), list(workspace.mesh.products))


def _found(mesh: SmallMesh) -> list[str]:
    tests = _reads(mesh).tests
    return [f"{name}: {read.what} {read.place}" for name, found in tests.items() for read in found]


def test_a_test_of_an_input_alone_is_found_and_is_a_finding_of_its_policy(mesh: SmallMesh) -> None:
    mesh.write(TEST, FOREIGN)
    said = "the dbt test no_debt looks at `shop/orders` only"
    assert _found(mesh) == [f"report/revenue: {said} {TEST}:1"]
    set_policies(mesh, "product.tests-own-data:")
    governance = Governance.of(load_mesh(mesh.root), date(2026, 6, 1), _reads(mesh))
    [finding] = governance.check()[0]
    assert (finding.code, finding.message, str(finding.place), finding.product) == (
        "product.tests-own-data",
        f"{said}, and blocks",
        f"{TEST}:1",
        "report/revenue",
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ config(severity='warn') }} " + FOREIGN,
        "{{ config(enabled=false) }} " + FOREIGN,
        "{{ config(error_if='>10') }} " + FOREIGN,
        "select * from {{ ref('revenue') }} where amount < 0\n",
        "select * from {{ source('shop', 'orders') }} join {{ ref('revenue') }} using (status)\n",
        "select * from {{ source('shop', 'orders') }} where {{ var('wrong') }}\n",
        "select 1 where false\n",
    ],
    ids=["warns", "disabled", "counted", "own", "both", "not understood", "nothing"],
)
def test_a_test_that_may_block_nothing_or_looks_at_own_data_is_not(
    mesh: SmallMesh, text: str
) -> None:
    mesh.write(TEST, text)
    assert _found(mesh) == []


def test_a_test_that_says_that_it_blocks_is_found(mesh: SmallMesh) -> None:
    mesh.write(TEST, "{{ config(severity='error') }} " + FOREIGN)
    assert len(_found(mesh)) == 1


def test_settings_that_may_soften_a_test_count_where_they_are_about_it(mesh: SmallMesh) -> None:
    mesh.write(TEST, FOREIGN)
    entry = "data_tests:\n  - name: {}\n    config: {{severity: warn}}\n"
    mesh.write("domains/report/tests/tests.yml", entry.format("another"))
    assert len(_found(mesh)) == 1
    mesh.write("domains/report/tests/tests.yml", entry.format("no_debt"))
    assert _found(mesh) == []
    mesh.delete("domains/report/tests/tests.yml")
    mesh.write(PROJECT, mesh.read(PROJECT) + "data_tests:\n  +severity: warn\n")
    assert _found(mesh) == []


def test_a_product_whose_models_do_not_read_the_input_does_not_run_the_test(
    mesh: SmallMesh,
) -> None:
    mesh.write(TEST, FOREIGN)
    mesh.write(f"{REVENUE}/revenue.sql", "select 'paid' as status, 1 as orders, 1.0 as amount\n")
    assert _found(mesh) == []


def test_the_data_of_the_domain_itself_is_its_own(mesh: SmallMesh) -> None:
    landing = "select * from {{ source('landing', 'orders_file') }}\n"
    mesh.write("domains/shop/tests/no_debt.sql", landing)
    assert _found(mesh) == []


def test_a_generic_test_of_a_source_is_found_with_its_line(mesh: SmallMesh) -> None:
    assert _found(mesh) == []
    mesh.edit(SOURCES, "name: orders", "name: orders\n        data_tests: [{unique: {column: a}}]")
    line = mesh.line(SOURCES, "name: orders")
    said = "report/revenue: the dbt test unique of shop.orders looks at `shop/orders` only"
    assert _found(mesh) == [f"{said} {SOURCES}:{line}"]
    mesh.edit(SOURCES, "{column: a}", "{column: a, config: {severity: warn}}")
    assert _found(mesh) == []
