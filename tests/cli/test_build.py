"""`mesh build` and what follows it, as a person runs them: a process per command."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest
from dagster import DagsterEventType, DagsterRunStatus

from mesh_platform.environments.workspace import Workspace
from mesh_platform.orchestration.instance import open_instance
from tests.cli.conftest import Run
from tests.majors import add_consumer, add_second_major
from tests.planned import rename_amount
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

pytestmark = pytest.mark.slow


def test_the_life_of_a_mesh(mesh_command: Run, mesh: SmallMesh) -> None:
    """Build, nothing to do, read, break, still read, mend, roll back: one story, one mesh."""
    first = mesh_command("build", "--output", "json")
    assert first.code == 0, first.err
    assert first.json["outcome"] == "released"
    assert [(p["product"], p["release"]) for p in first.json["products"]] == [
        ("shop/orders", 1),
        ("report/revenue", 1),
    ]
    assert first.json["products"][0]["checks"]["failed"] == 0

    again = mesh_command("build", "--output", "json")
    assert again.json["outcome"] == "up_to_date"
    assert _heavy_imports(mesh) == ""

    rows = mesh_command("read", "shop/orders", "--format", "csv").out
    assert next(csv.reader(rows.splitlines())) == ["order_id", "customer", "amount", "status"]
    assert mesh_command(
        "read", "shop/orders", "--sql", "select count(*) as n from port", "--output", "json"
    ).json == [{"n": 4}]
    for name, form in (("o.parquet", "parquet"), ("o.csv", "csv"), ("o.json", "json")):
        said = mesh_command("read", "shop/orders", "--format", form, "-o", name)
        assert (said.code, mesh.path(name).exists()) == (0, True), said.err

    mesh.land_orders("1,ann,1,paid\n1,ann,1,paid\n")
    broken = mesh_command("build", "--output", "json")
    assert broken.code == 1
    assert broken.json["outcome"] == "failed"
    assert "primary_key" in broken.json["products"][0]["reason"]
    assert f"{ORDERS}/orders.odcs.yaml:" in broken.json["products"][0]["reason"]
    assert mesh_command("status", "shop", "--output", "json").json[0]["health"] == "failing"
    assert mesh_command(
        "read", "shop/orders", "--sql", "select count(*) as n from port", "--output", "json"
    ).json == [{"n": 4}]

    mesh.land_orders("1,ann,1,paid\n2,bob,NA,paid\n")
    assert mesh_command("build").code == 0
    entries = mesh_command("releases", "shop/orders", "--output", "json").json
    assert [(e["number"], e["current"]) for e in entries] == [(2, True), (1, False)]
    _check_diff(mesh_command)

    assert mesh_command("rollback", "shop/orders", "--to", "1").code == 0
    held = mesh_command("build", "shop", "--output", "json").json
    assert held["products"][0]["reason"] == "up to date; held at release 1 by a rollback"


def _check_diff(mesh_command: Run) -> None:
    changed = mesh_command("diff", "shop/orders", "--output", "json").json
    assert (changed["before"], changed["after"], changed["key"]) == (1, 2, ["order_id"])
    assert changed["rows"] == {"before": 4, "after": 2, "added": 0, "removed": 2, "changed": 2}
    shown = mesh_command("diff", "shop/orders", "2", "1").out
    assert "shop/orders: release 2 → 1: 2 → 4 rows, matched by order_id" in shown
    assert "amount: null → 20.0" in shown
    alone = mesh_command("diff", "report/revenue", "1", "1").out
    assert "report/revenue: release 1 → 1: the same" in alone


def test_one_broken_domain_leaves_the_others_building(mesh_command: Run, mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", "logicalType: object", "logicalTyp: object")
    said = mesh_command("build", "--output", "json")
    assert said.code == 1
    outcomes = {p["product"]: p["outcome"] for p in said.json["products"]}
    assert outcomes == {"shop/orders": "released", "report/revenue": "failed"}


def test_a_guarded_environment_keeps_a_break_out_and_says_what_to_do(
    mesh_command: Run, shop: SmallMesh
) -> None:
    shop.write("mesh.yaml", "name: small\nguarded: [dev]\n")
    rename_amount(shop)
    said = mesh_command("build", "shop")
    reason = (
        "shop/orders breaks what release 1 promised, under the same major version; `dev` is guarded"
    )
    assert (said.code, reason in said.err) == (1, True), said.err
    assert "`mesh product bump shop/orders` writes the next version" in said.err
    (row,) = [line for line in said.out.splitlines() if line.startswith("shop/orders")]
    assert row.split()[1:3] == ["failed", "1"]
    workspace = Workspace.open(shop.root)
    with open_instance(workspace) as instance:
        (run,) = instance.get_runs()
        failed = instance.get_records_for_run(run.run_id, of_type=DagsterEventType.STEP_FAILURE)
    assert run.status is DagsterRunStatus.FAILURE
    (event,) = [record.event_log_entry.dagster_event for record in failed.records]
    assert event is not None
    assert event.step_failure_data.user_failure_data is not None
    assert reason in (event.step_failure_data.user_failure_data.description or "")
    assert not list(workspace.work("shop").glob("dbt/target/run/**/*.sql"))


def test_generated_files_that_lack_a_source_are_named_once_instead_of_what_dbt_says(
    mesh_command: Run, shop: SmallMesh
) -> None:
    add_second_major(shop)
    add_consumer(shop)
    for name in ("revenue", "buyers"):  # both are out of date
        shop.edit(f"domains/report/products/{name}/{name}.sql", "select", "select ")
    said = mesh_command("build", "report")
    assert said.code == 1
    assert said.err.strip().endswith(
        "the domain `report` cannot be built: the generated file does not match the input ports\n"
        "  at: domains/report/products/sources.yml:1\n"
        "  try: mesh sync report"
    )
    assert said.err.count("try:") == 1
    rows = [line.split() for line in said.out.splitlines() if line.startswith("report/")]
    assert [row[1] for row in rows] == ["failed", "failed"]


def test_a_model_that_dbt_cannot_parse_is_named(mesh_command: Run, mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/stg_orders.sql", "select * from {{ ref('nowhere') }}\n")
    said = mesh_command("build", "shop")
    assert said.code == 1
    assert "nowhere" in said.err
    assert f"at: {ORDERS}/stg_orders.sql" in said.err
    assert "Traceback" not in said.err


def test_a_template_that_dbt_cannot_read_is_told_as_check_tells_it(
    mesh_command: Run, mesh: SmallMesh
) -> None:
    mesh.write(f"{ORDERS}/stg_orders.sql", "select 1\n{{ oops\n")
    told = mesh_command("check", "shop")
    said = mesh_command("build", "shop")
    assert (told.code, said.code) == (1, 1)
    words = "the template of the model `stg_orders` cannot be read: "
    assert words in told.out
    assert words in said.err
    assert f"at: {ORDERS}/stg_orders.sql:" in said.err


def _heavy_imports(mesh: SmallMesh) -> str:
    """Which of dbt and Dagster a build with nothing to do imports."""
    code = (
        "import sys; sys.argv = ['mesh', 'build', '--output', 'json']\n"
        "from mesh_platform.cli.main import _run; _run()\n"
        "heavy = [m for m in ('dbt', 'dagster', 'great_expectations') if m in sys.modules]\n"
        "print(*heavy, file=sys.stderr, end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=mesh.root,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stderr


def test_a_teams_dbt_tests_are_counted_named_and_told(mesh_command: Run, mesh: SmallMesh) -> None:
    few = "select * from {{ ref('stg_orders') }} where amount > 15"
    mesh.write("domains/shop/tests/few.sql", "{{ config(severity='warn') }} " + few)
    built = mesh_command("build", "shop", "--output", "json").json["products"][0]
    assert (built["outcome"], built["checks"]["warned"]) == ("released", 1)
    shown = mesh_command("show", "shop/orders", "--output", "json").json
    assert shown["dbt_tests"] == [
        {
            "check": "few",
            "kind": "dbt_test",
            "severity": "warning",
            "rule": "no failure",
            "outcome": "warned",
            "message": "1 failing row",
        }
    ]
    assert "dbt tests: 1, 0 passed" in mesh_command("show", "shop/orders").out

    mesh.write("domains/shop/tests/few.sql", few)
    broken = mesh_command("build", "shop")
    assert (broken.code, "dbt test few: 1 failing row" in broken.err) == (1, True)
