"""A product is built again exactly when something that its data depends on has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.generated import MARK
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.inputs import resolve
from tests.release.staging import release
from tests.small_mesh import GOOD_ORDERS, ORDERS, REVENUE, SmallMesh

Change = Callable[[SmallMesh], None]


def _digest(mesh: SmallMesh, product: str = "shop/orders") -> str:
    workspace = Workspace.open(mesh.root)
    found = workspace.mesh.product(product)
    inputs = resolve(found, workspace.registry.all_current())
    return fingerprint(workspace, found, inputs.identities)


MACRO = "{% macro new() %}1{% endmacro %}"
BEA = GOOD_ORDERS.replace("ann", "bea")
CHANGES: dict[str, Change] = {
    "contract": lambda m: m.edit(f"{ORDERS}/orders.odcs.yaml", "at least one", "one or more"),
    "descriptor": lambda m: m.edit(f"{ORDERS}/product.odps.yaml", "Every order", "All orders"),
    "model": lambda m: m.edit(f"{ORDERS}/orders.sql", "select *", "select  *"),
    "private model": lambda m: m.edit(f"{ORDERS}/stg_orders.sql", "customer", "customer "),
    "new model": lambda m: m.write(f"{ORDERS}/more/int_orders.sql", "select 1 as a"),
    "removed model": lambda m: m.delete(f"{ORDERS}/stg_orders.sql"),
    "renamed model": lambda m: (
        m.path(f"{ORDERS}/stg_orders.sql").rename(m.path(f"{ORDERS}/raw_orders.sql")) and None
    ),
    "shared macro": lambda m: m.edit("dbt_project/macros/typed.sql", "'NA'", "'na'"),
    "new shared macro": lambda m: m.write("dbt_project/macros/new.sql", MACRO),
    "profile": lambda m: m.edit("dbt_project/profiles.yml", "threads: 2", "threads: 1"),
    "domain macro": lambda m: m.write("domains/shop/macros/m.sql", MACRO),
    "domain test": lambda m: m.write("domains/shop/tests/t.sql", "select 1 where false"),
    "domain project": lambda m: m.edit("domains/shop/dbt_project.yml", ": table", ": view"),
    "ports.yml by hand": lambda m: m.write(f"{ORDERS}/ports.yml", "version: 2\n"),
    "source file": lambda m: m.land_orders("1,ann,1,paid\n"),
    "source file of the same size": lambda m: m.write(f"{ORDERS}/orders.csv", BEA),
}
PROJECT = "domains/shop/dbt_project.yml"
ELSEWHERE = {
    "macros": ("macro-paths: [lib]\n", "domains/shop/lib/m.sql"),
    "tests": ("test-paths:\n  - checks\n", "domains/shop/checks/t.sql"),
    "seeds": ("seed-paths:\n- data\n", "domains/shop/data/s.csv"),
    "functions": ("function-paths: [udfs]\n", "domains/shop/udfs/f.sql"),
    "macros outside": ("macro-paths: ['../../lib']\n", "lib/m.sql"),
    "macros by a variable": (
        "macro-paths: [\"{{ env_var('HOME_X', 'lib') }}\"]\n",
        "domains/shop/lib/m.sql",
    ),
    "models": ("model-paths: [products, models]\n", "domains/shop/models/common/c.sql"),
    "settings of all models": ("", "domains/shop/products/all.yml"),
    "package": ("", "packages/own/macros/m.sql"),
    "package of a package": ("", "packages/deeper/macros/m.sql"),
    "lock of packages": ("", "domains/shop/package-lock.yml"),
    "what dbt ignores": ("", "domains/shop/.dbtignore"),
}
LOCK = "packages:\n  - local: ../../dbt_project\n    name: mesh\nsha1_hash: 60b6ab\n"
"""What dbt writes when it installs local packages, in the first build of a domain."""
NO_CHANGES: dict[str, Change] = {
    "lock of local packages": lambda m: m.write("domains/shop/package-lock.yml", LOCK),
    "nothing": lambda _: None,
    "readme": lambda m: m.write(f"{ORDERS}/README.md", "# Other words\n"),
    "acknowledgement": lambda m: m.write(
        f"{ORDERS}/acknowledgements.yaml", "acknowledgements: []\n"
    ),
    "sources.yml": lambda m: m.write("domains/shop/products/sources.yml", "version: 2\n"),
    "ports.yml": lambda m: m.write(f"{ORDERS}/ports.yml", f"{MARK}orders.odcs.yaml\n"),
    "domain.yaml": lambda m: m.edit("domains/shop/domain.yaml", "Shows", "Tells"),
    "mesh.yaml": lambda m: m.edit("mesh.yaml", "for tests", "to test"),
    "definitions": lambda m: m.write("domains/shop/definitions.py", "defs = None\n"),
    "another product": lambda m: m.write("domains/shop/products/other/other.sql", "select 1"),
    "another domain": lambda m: m.edit(f"{REVENUE}/revenue.sql", "status", "status "),
    "dbt's own folders": lambda m: m.write("domains/shop/target/run.sql", "select 1"),
    "waivers": lambda m: m.write(f"{ORDERS}/waivers.yaml", "waivers: []\n"),
    "policies of the domain": lambda m: m.write("domains/shop/policies.py", "x = 1\n"),
    "what a Mac leaves": lambda m: m.write(f"{ORDERS}/._orders.sql", "x"),
    "what an editor leaves": lambda m: m.write("domains/shop/macros/~m.sql", "x"),
    "python's cache": lambda m: m.write(f"{ORDERS}/__pycache__/x.pyc", "x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_code_contract_or_input_changes_the_fingerprint(
    mesh: SmallMesh, change: Change
) -> None:
    before = _digest(mesh)
    change(mesh)
    assert _digest(mesh) != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_what_no_data_depends_on_leaves_the_fingerprint(mesh: SmallMesh, change: Change) -> None:
    before = _digest(mesh)
    change(mesh)
    assert _digest(mesh) == before


def test_a_variable_in_the_query_of_a_rule_changes_the_fingerprint(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "from ${object}", "from ${object} where ${ONLY:-true}")
    before = _digest(mesh)
    monkeypatch.setenv("ONLY", "amount > 10")
    assert _digest(mesh) != before


def test_a_draft_that_dbt_never_reads_leaves_the_fingerprint(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/.dbtignore", "drafts/\n*.odcs.yaml\n")
    before = _digest(mesh)
    mesh.write(f"{ORDERS}/drafts/idea.sql", "select 1")
    mesh.write("domains/shop/seeds/drafts/s.csv", "a\n1\n")
    assert _digest(mesh) == before
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "${object}", "${object} ")
    assert _digest(mesh) != before


def test_two_files_that_swap_their_content_are_another_product(mesh: SmallMesh) -> None:
    before = _digest(mesh)
    one, two = mesh.read(f"{ORDERS}/orders.sql"), mesh.read(f"{ORDERS}/stg_orders.sql")
    mesh.write(f"{ORDERS}/orders.sql", two)
    mesh.write(f"{ORDERS}/stg_orders.sql", one)
    assert _digest(mesh) != before


def test_a_new_release_of_an_input_changes_the_consumer(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    release(workspace, "shop/orders")
    before = _digest(mesh, "report/revenue")
    assert _digest(mesh, "report/revenue") == before
    release(workspace, "shop/orders")
    assert _digest(mesh, "report/revenue") != before


def test_another_copy_of_the_same_mesh_has_the_same_fingerprint(mesh: SmallMesh) -> None:
    import shutil

    copy = SmallMesh(mesh.root.parent / "copy")
    shutil.copytree(mesh.root, copy.root)
    assert _digest(copy) == _digest(mesh)


@pytest.mark.parametrize(("setting", "file"), ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_a_file_counts_wherever_dbt_is_told_to_look(
    mesh: SmallMesh, setting: str, file: str
) -> None:
    mesh.write(PROJECT, mesh.read(PROJECT) + setting)
    mesh.write("domains/shop/dependencies.yml", "packages:\n  - local: ../../packages/own\n")
    mesh.write("packages/own/packages.yml", "packages:\n  - local: ../deeper\n")
    before = _digest(mesh)
    mesh.write(file, "a\n")
    after = _digest(mesh)
    mesh.write(file, "b\n")
    assert len({before, after, _digest(mesh)}) == 3


def test_the_value_of_a_variable_counts_where_a_file_asks_for_it(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh.write(f"{ORDERS}/stg_more.sql", "select '{{ env_var(\"REGION_X\", 'eu') }}' as region")
    before = _digest(mesh)
    monkeypatch.setenv("OTHER_X", "us")
    monkeypatch.setenv("MESH_WAREHOUSE", "elsewhere")
    assert _digest(mesh) == before
    monkeypatch.setenv("REGION_X", "us")
    assert _digest(mesh) != before
