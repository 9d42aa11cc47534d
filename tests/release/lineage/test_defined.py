"""What the files of a domain define is what dbt finds there."""

from __future__ import annotations

import re

import pytest

from mesh_platform.engine.dbt_own_macros import dbt_own_macros
from mesh_platform.model.findings import Finding
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.lineage.undefined_names import CONTEXT, OF_DBT
from mesh_platform.release.lineage.files import MeshSql, read_models
from mesh_platform.release.workspace import Workspace
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
    mesh.write(PROJECT, mesh.read(PROJECT) + "vars:\n  report:\n    deep: 1\n  top: 2\n")
    mesh.write(MODEL, "select {{ own() }}, {{ report.own() }}, {{ var('deep') }}, {{ var('top') }}")
    properties = f"{REVENUE}/more.yml"
    mesh.write(
        properties,
        "models:\n  - name: other\n    data_tests: [short, {unique: {column_name: a}}]\n"
        "    columns:\n      - name: a\n        tests: [not_null, {name: n, test_name: nope}]\n"
        "sources:\n  - name: s\n    tables:\n      - name: t\n        data_tests: [missing]\n",
    )
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
