"""Which files of a dbt project have unit tests, and that dbt fails where it is said to fail."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.runner import DbtHere
from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.unit_test_files import PropertyFile, UnitTestFiles
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql, read_models
from mesh_platform.release.lineage.reads import reads_of
from tests.small_mesh import REVENUE, SmallMesh

FILE = f"{REVENUE}/unit_tests.yml"
FIXTURES = "domains/report/tests/fixtures"
ONE = """\
unit_tests:
  - name: one
    model: revenue
    given:
      - {input: "source('shop', 'orders')", format: csv, fixture: some_orders}
    expect:
      rows: []
"""
WRONG = ONE.replace("format: csv, fixture: some_orders", "rows: [{price: 1}]")


def _files(mesh: SmallMesh, domain: str = "report") -> UnitTestFiles:
    return read_models(Workspace.open(mesh.root)).domain(domain).unit_tests


def _messages(mesh: SmallMesh) -> list[str]:
    workspace = Workspace.open(mesh.root)
    found = reads_of(MeshSql(workspace), list(workspace.mesh.products)).findings
    return [f"{item.message} {item.place}" for item in found if item.code == "lineage.unit-test"]


def test_only_files_with_unit_tests_are_kept(mesh: SmallMesh) -> None:
    assert _files(mesh) == UnitTestFiles()
    mesh.write(f"{REVENUE}/deep/more.yaml", ONE)
    mesh.write("domains/report/products/all.yml", ONE)
    mesh.write(f"{REVENUE}/drafts/more.yaml", ONE)
    mesh.write(f"{REVENUE}/models.yml", "models: []\n")
    mesh.edit("domains/report/.dbtignore", "README.md", "README.md\ndrafts")
    assert _files(mesh).files == (
        PropertyFile("", "domains/report/products/all.yml", ONE),
        PropertyFile("revenue", f"{REVENUE}/deep/more.yaml", ONE),
    )
    assert [(test.name, test.product) for test in _files(mesh).tests] == [
        ("one", ""),
        ("one", "revenue"),
    ]


def test_a_file_above_the_products_that_dbt_ignores_has_no_tests(mesh: SmallMesh) -> None:
    mesh.write("domains/report/products/all.yml", ONE)
    mesh.edit("domains/report/.dbtignore", "README.md", "README.md\nall.yml")
    assert _files(mesh) == UnitTestFiles()


def test_rows_in_a_file_of_their_own_are_found_where_dbt_looks(mesh: SmallMesh) -> None:
    mesh.write(FILE, ONE)
    mesh.write(f"{FIXTURES}/deep/some_orders.csv", "status,price\nopen,1\n")
    said = "unit test `one` cannot run: it gives `shop.orders` the column `price`, which the port"
    assert _messages(mesh) == [f"{said} does not promise {FIXTURES}/deep/some_orders.csv:1"]
    mesh.write(f"{FIXTURES}/some_orders.csv", "status,price\nopen,1\n")
    assert _messages(mesh) == []  # of two that have the name, dbt takes one


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("domains/report/seeds/more.csv", "a\n1\n"),
        ("domains/report/snapshots/more.sql", "select 1"),
        ("domains/report/dependencies.yml", "packages: []\n"),
        ("dbt_project/models/more.sql", "select 1"),
        (f"{REVENUE}/more.yml", "sources:\n  - name: more\n"),
        ("domains/report/products/sources.yml", "sources: []\n"),
        ("domains/report/packages.yml", "packages:\n  - local: ../../dbt_project\n  - git: more\n"),
    ],
)
def test_a_model_or_source_may_come_from_elsewhere(mesh: SmallMesh, file: str, text: str) -> None:
    mesh.write(FILE, ONE)
    assert _files(mesh).alone
    mesh.write(file, text)
    assert not _files(mesh).alone


@pytest.mark.parametrize("paths", ["[products, more]", "[products]\nseed-paths: [more]"])
def test_a_setting_may_bring_models_from_elsewhere(mesh: SmallMesh, paths: str) -> None:
    mesh.write(FILE, ONE)
    mesh.write("domains/report/more/seed.csv", "a\n1\n")
    mesh.edit("domains/report/dbt_project.yml", "[products]", paths)
    assert not _files(mesh).alone


def test_a_macro_of_the_domain_in_place_of_one_of_dbt_excuses_its_tests(mesh: SmallMesh) -> None:
    mesh.write(FILE, WRONG)
    mesh.write("domains/report/macros/own.sql", "{% macro own_format_row() %}{% endmacro %}")
    assert len(_messages(mesh)) == 1
    mesh.write("domains/report/macros/own.sql", "{% macro format_row(row) %}{% endmacro %}")
    assert _messages(mesh) == []


def test_a_model_of_several_versions_may_be_in_another_file(mesh: SmallMesh) -> None:
    mesh.write(FILE, WRONG)
    mesh.write(f"{REVENUE}/more.yml", "models:\n  - {name: revenue, versions: [{v: 1}]}\n")
    assert _messages(mesh) == []


JOINED = """\
select port.status, count(*) as orders, sum(stg.amount) as amount
from {{ source('shop', 'orders') }} as port
join {{ ref('stg') }} as stg on port.status = stg.status
group by port.status
"""
PORT = """{input: "source('shop', 'orders')", rows: [{STATUS: a}, {status: a}]}"""
MODEL = "{input: ref('stg'), rows: [{status: a, amount: 1}]}"
NOTHING = "rows: []"
RUNS = {
    "fine": (PORT, MODEL, "rows: [{STATUS: a, orders: 2}]"),
    "no_rows": (PORT, "{input: ref('stg'), rows: []}", NOTHING),
    "no_rows_of_csv": (PORT, "{input: ref('stg'), format: csv, rows: 'gone'}", NOTHING),
    "in_vain": (
        PORT.replace("a}]", "b}]"),
        MODEL,
        "{input: ref('other'), rows: [{gone: 1}]}",
        "rows: [{status: a, orders: 1}]",
    ),
    "column_of_sql": (
        PORT,
        "{input: ref('stg'), format: sql, rows: \"select 'a' as status, 1 as amount, 2 as gone\"}",
        "rows: [{status: a, orders: 2}]",
    ),
}
"""Unit tests by name: what each gives and, last, expects."""
FAILS = {
    "no_source": (MODEL, NOTHING),
    "no_ref": (PORT, NOTHING),
    "unknown_source": (PORT, MODEL, """{input: "source('shop', 'gone')", rows: []}""", NOTHING),
    "unknown_ref": (PORT, MODEL, "{input: ref('gone'), rows: []}", NOTHING),
    "column_of_port": (PORT.replace("STATUS", "gone"), MODEL, NOTHING),
    "column_of_model": (PORT, MODEL.replace("}]", "}, {gone: 1}]"), NOTHING),
    "column_in_csv": (PORT, "{input: ref('stg'), format: csv, rows: \"gone\\n1\"}", NOTHING),
    "expected": (PORT, MODEL, "rows: [{status: a, gone: 1}]"),
    "expected_in_csv": (PORT, MODEL, 'format: csv, rows: "status,gone\\na,1"'),
}


def _write(mesh: SmallMesh, tests: dict[str, tuple[str, ...]]) -> None:
    entries = (
        f"  - {{name: {name}, model: revenue,"
        f" given: [{', '.join(given)}], expect: {{{expected}}}}}\n"
        for name, (*given, expected) in tests.items()
    )
    mesh.write(FILE, f"unit_tests:\n{''.join(entries)}")


def _said_by_dbt(workspace: Workspace) -> dict[str, str]:
    """What becomes of all unit tests; a build ends at the first of a model that fails."""
    places = workspace.dbt_places(workspace.mesh.domain("report"))
    project = DbtHere()._project(places)
    project.read()
    done = project._invoke(["test", "--select", "test_type:unit", *project._options])
    return {item.node.name: str(item.status) for item in done.results}


@pytest.mark.slow
def test_dbt_fails_in_the_tests_that_are_found_and_in_no_other(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/stg.sql", "select status, amount from {{ source('shop', 'orders') }}\n")
    mesh.write(f"{REVENUE}/other.sql", "select 1 as one\n")
    mesh.write(f"{REVENUE}/revenue.sql", JOINED)
    _write(mesh, RUNS)
    workspace = Workspace.open(mesh.root)
    release_product(workspace, workspace.mesh.product("shop/orders"))
    outcome = release_product(workspace, workspace.mesh.product("report/revenue"))
    said = {item.result.check: item.result for item in outcome.checks if item.port is None}
    assert {name: result.outcome.value for name, result in said.items()} == dict.fromkeys(
        RUNS, "passed"
    )
    _write(mesh, RUNS | FAILS)
    assert [message.split("`")[1] for message in _messages(mesh)] == list(FAILS)
    passed, failed = dict.fromkeys(RUNS, "pass"), dict.fromkeys(FAILS, "error")
    assert _said_by_dbt(workspace) == passed | failed


@pytest.mark.slow
def test_dbt_reads_no_product_of_a_domain_with_a_test_of_no_model(mesh: SmallMesh) -> None:
    mesh.write(FILE, ONE.replace("model: revenue", "model: revenu"))
    mesh.write(f"{FIXTURES}/some_orders.csv", "status\nopen\n")
    assert len(_messages(mesh)) == 1
    workspace = Workspace.open(mesh.root)
    release_product(workspace, workspace.mesh.product("shop/orders"))
    outcome = release_product(workspace, workspace.mesh.product("report/revenue"))
    assert "Unable to find model 'report.revenu' for unit test 'one'" in (outcome.reason or "")
