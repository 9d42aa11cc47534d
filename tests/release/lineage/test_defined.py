"""What the files of a domain define is what dbt finds there."""

from __future__ import annotations

import re

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.engines.dbt.own_macros import dbt_own_macros
from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.defined_names import CONTEXT, OF_DBT
from mesh_platform.model.findings import Finding
from mesh_platform.model.naming import ProductName
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql, read_models
from tests.small_mesh import REVENUE, SmallMesh
from tests.warm import start_mesh

MODEL = f"{REVENUE}/revenue.sql"
PROJECT = "domains/report/dbt_project.yml"


def found(mesh: SmallMesh) -> list[Finding]:
    sql = MeshSql(Workspace.open(mesh.root))
    findings = sql.model_findings([ProductName("report", "revenue")])
    return [finding for finding in findings if finding.code == "model.undefined"]


def test_macros_variables_and_tests_of_the_domain_are_found(mesh: SmallMesh) -> None:
    mesh.write("domains/report/macros/own.sql", "{% macro own() %}1{% endmacro %}")
    mesh.write(
        "domains/report/tests/generic/short.sql", "{% test short(model) %}select 1{% endtest %}"
    )
    variables = "vars:\n  report:\n    deep: 1\n  mesh:\n    far: 1\n  top: 2\n"
    mesh.write(PROJECT, mesh.read(PROJECT) + variables)
    mesh.write(MODEL, "select {{ own() }}, {{ report.own() }}, {{ var('deep') }}, {{ var('top') }}")
    properties = f"{REVENUE}/more.yml"
    mesh.write(
        properties,
        "models:\n  - name: other\n    data_tests: [short, {unique: {column_name: a}}]\n"
        "    columns:\n      - name: a\n        tests: [not_null, {name: n, test_name: nope}]\n"
        "sources:\n  - name: s\n    tables:\n      - name: t\n        data_tests: [missing]\n",
    )
    mesh.write(f"{REVENUE}/more.sql", "select {{ var('far') }}")
    assert "asks for the variable `far`" in found(mesh)[-1].message
    mesh.delete(f"{REVENUE}/more.sql")
    assert [(f.message.split()[0], f.place.file, f.place.line) for f in found(mesh)] == [
        ("`nope`", properties, 6),
        ("`missing`", properties, 11),
    ]


def test_another_package_may_hold_what_is_not_here(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select {{ far.away() }}")
    assert len(found(mesh)) == 1
    packages = "domains/report/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - package: some/far\n    version: 1.0.0\n")
    assert found(mesh) == []


def test_a_package_of_a_package_may_hold_it_too(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "select {{ far.away() }}")
    mesh.write("lib/dbt_project.yml", "name: lib\n")
    packages = "domains/report/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - local: ../../lib\n")
    assert len(found(mesh)) == 1
    mesh.write("lib/packages.yml", "packages:\n  - git: far\n    revision: v1\n")
    assert found(mesh) == []


def test_models_seeds_snapshots_and_models_of_packages_are_there(mesh: SmallMesh) -> None:
    mesh.write("domains/report/seeds/codes.csv", "a\n1\n")
    mesh.write("lib/dbt_project.yml", "name: lib\n")
    mesh.write("lib/models/of_lib.sql", "select 1")
    packages = "domains/report/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - local: ../../lib\n")
    names = ("revenue", "codes", "of_lib")
    mesh.write("domains/report/tests/one.sql", "".join(f"{{{{ ref('{n}') }}}}" for n in names))
    assert found(mesh) == []
    mesh.write("domains/report/tests/one.sql", "select * from {{ ref('revenu') }}")
    assert [f.message for f in found(mesh)] == [
        "the test `one` reads `ref('revenu')`, and there is no such model"
    ]


@pytest.mark.slow
def test_a_test_that_dbt_would_leave_out_withholds_the_release(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/tests/one.sql", "select * from {{ ref('order') }}")
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert (outcome.reason or "").startswith(
        "shop: the test `one` reads `ref('order')`, and there is no such model"
    )
    mesh.write("domains/shop/tests/one.sql", "select * from {{ ref('orders') }} where amount < 0")
    assert release_product(workspace, workspace.mesh.product("shop/orders")).release is not None


def _other_test(mesh: SmallMesh, to: str) -> str:
    """Write a test of relationships in a file of properties; return its name."""
    mesh.write(
        "domains/shop/products/orders/own.yml",
        "models:\n  - name: orders\n    columns:\n      - name: order_id\n        data_tests:\n"
        f"          - relationships:\n              arguments: {{to: {to}, field: order_id}}\n",
    )
    return "domains/shop/products/orders/own.yml"


MISSING = {
    "relationships": '"source(\\"landing\\", \\"order_file\\")"',
    "in braces": "\"{{ source('landing', 'order_file') }}\"",
}


def _found_in_shop(mesh: SmallMesh) -> list[tuple[str, str]]:
    sql = MeshSql(Workspace.open(mesh.root))
    findings = sql.model_findings([ProductName("shop", "orders")])
    told = [finding for finding in findings if finding.code == "model.undefined"]
    return [(str(finding.place), finding.message) for finding in told if finding.blocking]


@pytest.mark.parametrize("to", MISSING.values(), ids=list(MISSING))
def test_a_source_that_a_generic_test_reads_is_there(mesh: SmallMesh, to: str) -> None:
    file = _other_test(mesh, to)
    ((place, message),) = _found_in_shop(mesh)
    assert place.startswith(f"{file}:7")
    assert message == (
        "a test reads `source('landing', 'order_file')`, and there is no such source"
    )
    _other_test(mesh, to.replace("order_file", "orders_file"))
    assert _found_in_shop(mesh) == []


def test_a_test_that_the_project_may_turn_off_reads_nothing(mesh: SmallMesh) -> None:
    _other_test(mesh, "ref('nothing')")
    assert len(_found_in_shop(mesh)) == 1
    project = "domains/shop/dbt_project.yml"
    mesh.write(project, mesh.read(project) + "data_tests: {+enabled: false}\n")
    assert _found_in_shop(mesh) == []


def _tested(mesh: SmallMesh, test: str, at: str = "models:\n  - name: orders\n    ") -> None:
    mesh.write("domains/shop/products/orders/own.yml", f"{at}data_tests:\n      - {test}\n")


OF_SOURCE = "sources:\n  - name: other\n    tables: [{name: a, data_tests: [far.any]}]\n"
LACKED = {
    "far.any": "`far.any` is no generic test: the domain imports no package `far`",
    "far.any: {arguments: {a: [b]}, config: {severity: error}}": (
        "`far.any` is no generic test: the domain imports no package `far`"
    ),
    "mesh.none": "the package `mesh` has no generic test `none`",
    "shop.none": "the package `shop` has no generic test `none`",
    "dbt.none": "the package `dbt` has no generic test `none`",
}
THERE = (
    *("shop.short", "shop.old", "mesh.shared", "dbt.not_null: {arguments: {column_name: status}}"),
    *("far.any: {config: {severity: warn}}", "dbt.none: {severity: warn}"),
    *("far.any: {enabled: false}", "far.any: {config: {enabled: false}}"),
)


def _written_tests(mesh: SmallMesh) -> None:
    short = "{% test short(model) %}select 1 where false{% endtest %}"
    mesh.write("domains/shop/tests/generic/short.sql", short)
    mesh.write("domains/shop/macros/old.sql", short.replace("test short", "macro test_old"))
    mesh.edit("domains/shop/macros/old.sql", "endtest", "endmacro")
    mesh.write("dbt_project/tests/generic/shared.sql", short.replace("short", "shared"))


@pytest.mark.parametrize("test", LACKED)
def test_a_generic_test_that_a_package_lacks_is_told_at_its_line(
    mesh: SmallMesh, test: str
) -> None:
    _written_tests(mesh)
    _tested(mesh, test)
    ((place, message),) = _found_in_shop(mesh)
    assert place.startswith("domains/shop/products/orders/own.yml:4")
    assert message == LACKED[test]


@pytest.mark.parametrize("test", THERE)
def test_a_generic_test_that_a_package_may_have_is_left_alone(mesh: SmallMesh, test: str) -> None:
    _written_tests(mesh)
    _tested(mesh, test)
    assert _found_in_shop(mesh) == []


def test_a_generic_test_of_a_package_from_elsewhere_is_left_alone(mesh: SmallMesh) -> None:
    _tested(mesh, "far.any")
    packages = "domains/shop/packages.yml"
    mesh.write(packages, mesh.read(packages) + "  - package: some/far\n    version: 1.0.0\n")
    assert _found_in_shop(mesh) == []


def test_an_unknown_test_is_told_of_the_product_that_runs_it(mesh: SmallMesh) -> None:
    file = "domains/shop/products/orders/own.yml"
    mesh.write(file, OF_SOURCE)
    assert _found_in_shop(mesh) == []
    mesh.write(file, OF_SOURCE.replace("other", "landing").replace("name: a", "name: orders_file"))
    ((place, _),) = _found_in_shop(mesh)
    assert place.startswith(f"{file}:3")


@pytest.mark.slow
@pytest.mark.parametrize("test", [*LACKED, *THERE])
def test_a_build_ends_where_a_package_lacks_a_test(
    mesh: SmallMesh, test: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written_tests(mesh)
    _tested(mesh, test)
    monkeypatch.setattr("mesh_platform.lineage.model_rules._unknown_tests", lambda *_: ())
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert (outcome.release is None) == (test in LACKED), outcome.reason
    assert test not in LACKED or "Compilation Error" in (outcome.reason or "")


@pytest.mark.parametrize("folder", ["tests", "analyses"])
def test_a_source_that_a_test_or_an_analysis_reads_is_there(mesh: SmallMesh, folder: str) -> None:
    mesh.write(f"domains/shop/{folder}/one.sql", "select * from {{ source('shop', 'orders') }}")
    ((place, message),) = _found_in_shop(mesh)
    assert place == f"domains/shop/{folder}/one.sql:1"
    assert message.endswith("`one` reads `source('shop', 'orders')`, and there is no such source")


@pytest.mark.slow
@pytest.mark.parametrize("to", ["", *MISSING.values()], ids=["in SQL", *MISSING])
def test_a_test_of_a_source_that_is_not_there_withholds_the_release(
    mesh: SmallMesh, to: str
) -> None:
    if to:
        _other_test(mesh, to)
    else:
        mesh.write("domains/shop/tests/one.sql", "select * from {{ source('shop', 'orders') }}")
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert "and there is no such source\n  at: domains/shop/" in (outcome.reason or "")


def test_a_test_in_sql_is_looked_at_too(mesh: SmallMesh) -> None:
    mesh.write("domains/report/tests/one.sql", "select {{ nothing() }}")
    (finding,) = found(mesh)
    assert finding.message.startswith("the test `one` calls `nothing`")


def test_dbt_brings_macros_and_tests() -> None:
    texts = "\n".join(dbt_own_macros())
    assert "macro is_incremental()" in texts
    assert "test not_null(" in texts


@pytest.mark.slow
def test_every_name_that_dbt_gives_a_model_is_known(mesh: SmallMesh) -> None:
    """A name that dbt knows and the platform does not would be a false alarm."""
    mesh.write(MODEL, "select '{{ context.keys() | join(' ') }}' as names")
    start_mesh(["dbt", "report", "--", "compile"], mesh.root, {}).ended()
    (compiled,) = (path for path in mesh.path(".mesh").rglob("revenue.sql") if path.is_file())
    names = set(re.findall(r"\w+", compiled.read_text(encoding="utf-8"))) - {
        "select",
        "as",
        "names",
    }
    domain = read_models(Workspace.open(mesh.root)).domain("report")
    assert domain.defined is not None
    packages = {*domain.defined.packages, *OF_DBT}
    strange = {name for name in names - packages - CONTEXT if not domain.defined.calls(name)}
    assert {
        name for name in strange if not name.startswith(("_", "materialization_", "test_"))
    } == set()
    assert {"ref", "is_incremental", "target"} <= names


def test_a_model_that_nobody_has_is_told_once(mesh: SmallMesh) -> None:
    mesh.write(
        MODEL, mesh.read(MODEL).replace("{{ source('shop', 'orders') }}", "{{ ref('ordrs') }}")
    )
    kinds = ("model.", "lineage.undeclared-read", "lineage.unvouched")
    findings = check_mesh(Workspace.open(mesh.root)).findings
    told = [each for each in findings if each.code.startswith(kinds)]
    assert [(each.code, each.message) for each in told] == [
        (
            "model.undefined",
            "the model `revenue` reads `ref('ordrs')`, and there is no such model",
        )
    ]
