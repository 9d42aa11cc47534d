"""The value of a variable stands nowhere but where it is used."""

from __future__ import annotations

import json
import sys

import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.cli import main
from mesh_platform.engines.duckdb.landing.files import locate
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place
from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import load_mesh
from mesh_platform.orchestration.assets import landing_specs
from mesh_platform.redaction import REDACTOR, conceal, publish, redacted, redacted_data
from tests.cli.conftest import Run
from tests.planned import release_all
from tests.small_mesh import ORDERS, SmallMesh

SECRET = 'p"w&<ö>/ s3cret'
LOCATION = "https://mesh:${PGPASS}@db.example/orders.csv"
DESCRIPTOR = f"{ORDERS}/product.odps.yaml"


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    REDACTOR.forget()


def test_a_value_is_replaced_by_the_name_of_its_variable_in_every_writing() -> None:
    conceal(SECRET, "${PGPASS}")
    said = f"{SECRET} {json.dumps(SECRET)} {SECRET!r} p%22w%26%3C%C3%B6%3E/%20s3cret"
    assert redacted(said) == "${PGPASS} \"${PGPASS}\" '${PGPASS}' ${PGPASS}"
    assert redacted_data({"a": [f"x{SECRET}", 1]}) == {"a": ["x${PGPASS}", 1]}


@pytest.mark.parametrize("value", ["", "1", "a", "dev", "true"])
def test_a_short_value_does_not_hide_other_words(value: str) -> None:
    conceal(value, "${X}")
    assert redacted("a true 1 dev day") == "a true 1 dev day"


def test_a_name_of_the_mesh_is_no_secret() -> None:
    conceal("orders", "${X}")
    publish(["orders"])
    assert redacted("shop/orders") == "shop/orders"


def test_what_stands_inside_another_value_does_not_cut_it() -> None:
    conceal("secret", "${A}")
    conceal("secret-of-all", "${B}")
    assert redacted("secret-of-all secret") == "${B} ${A}"


def test_words_of_a_value_that_sql_takes_apart_are_replaced_in_any_case() -> None:
    conceal("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.short'Rest0fTheToken", "${JWT}")
    assert redacted('table "eyjhbgcioijiuzi1" of EYJZDWIIOIIX near short') == (
        'table "${JWT}" of ${JWT} near short'
    )
    assert redacted("stops at Rest0fTheToken") == "stops at ${JWT}"


def test_a_rule_whose_quotes_a_value_breaks_quotes_nothing_of_it(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "select count(*) from ${object} where 'x' <> '${PGPASS}'"
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "select count(distinct customer) from ${object}", query)
    value = f"{'a' * 40}'{'b' * 40}"
    monkeypatch.setenv("PGPASS", value)
    said = [str(each) for each in check_mesh(Workspace.open(mesh.root)).findings]
    assert any("a text in quotes or a comment does not end" in each for each in said)
    assert not any("a" * 12 in each or "b" * 12 in each for each in said)


def test_errors_findings_and_results_are_made_without_the_value() -> None:
    conceal(SECRET, "${PGPASS}")
    place = Place("a.yaml", 1)
    error = MeshError(f"no {SECRET}", place=place, fix=f"put {SECRET}")
    assert (str(error), error.args) == (
        "no ${PGPASS}\n  at: a.yaml:1\n  try: put ${PGPASS}",
        ("no ${PGPASS}",),
    )
    assert SECRET not in str(Finding("a.b", SECRET, place, SECRET))
    result = CheckResult(
        "c", "sql", Outcome.FAILED, "error", 1, "= 0", SECRET, f"select '{SECRET}'"
    )
    assert (result.message, result.sql) == ("${PGPASS}", "select '${PGPASS}'")


@pytest.fixture
def secret(mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch) -> SmallMesh:
    """A mesh that reads from a location with a secret in it."""
    release_all(mesh)
    mesh.edit(DESCRIPTOR, "value: orders.csv", f"value: '{LOCATION}'")
    monkeypatch.setenv("PGPASS", SECRET)
    return mesh


def test_a_location_is_shown_as_it_is_written(secret: SmallMesh) -> None:
    [landing] = load_mesh(secret.root, {"PGPASS": SECRET}).product("shop/orders").landings
    assert landing.location == LOCATION.replace("${PGPASS}", SECRET)
    assert landing.shown == LOCATION
    assert SECRET not in repr(landing)
    with pytest.raises(MeshError) as refused:
        locate(landing, secret.path(ORDERS))
    assert SECRET not in str(refused.value)
    assert LOCATION in str(refused.value)


def test_a_value_that_another_process_filled_in_is_known_here(secret: SmallMesh) -> None:
    loaded = load_mesh(secret.root, {"PGPASS": SECRET})
    assert loaded.domain("shop").variables == ("PGPASS",)
    assert redacted(SECRET) == "${PGPASS}"


@pytest.mark.parametrize(
    "words",
    [
        "show shop/orders",
        "show shop/orders --output json",
        "list",
        "check",
        "check --format markdown",
        "plan",
        "doctor",
        "doctor --output json",
        "compliance --format html",
        "status",
        "lineage shop/orders",
    ],
)
def test_no_command_tells_the_value(
    secret: SmallMesh,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["mesh", "-C", str(secret.root), *words.split()])
    with pytest.raises(SystemExit):
        main.run()
    printed = capsys.readouterr()
    assert "s3cret" not in printed.out + printed.err
    assert printed.out


def test_dagster_is_not_told_the_value(secret: SmallMesh) -> None:
    domain = Workspace.open(secret.root).mesh.domain("shop")
    for spec in landing_specs(domain):
        assert "s3cret" not in f"{spec.description} {spec.metadata}"


@pytest.mark.slow
def test_no_error_of_dbt_tells_what_env_var_fills_in(
    mesh: SmallMesh, mesh_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_X", "s3cret-0815")
    monkeypatch.setenv("REGION_X", "europe")
    names = "env_var('TOKEN_X') ~ ' in ' ~ env_var( \"REGION_X\", 'europe')"
    mesh.write(f"{ORDERS}/stg_orders.sql", f"{{{{ exceptions.raise_compiler_error({names}) }}}}\n")
    said = [mesh_command(*words.split()) for words in ("build shop", "status", "doctor")]
    told = "".join(each.out + each.err for each in said)
    assert "${TOKEN_X} in europe" in told
    assert "s3cret" not in told
    registry = [path for path in mesh.path(".mesh").rglob("*.db*") if path.is_file()]
    assert registry
    assert not [path for path in registry if b"s3cret" in path.read_bytes()]


@pytest.mark.slow
def test_nothing_that_a_build_leaves_holds_the_value(
    mesh: SmallMesh, mesh_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither registry, log, result nor event of a build that fails in the file itself."""
    monkeypatch.setenv("PGPASS", "s3cret-0815")
    rule = "select count(distinct customer) from ${object}"
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "        classification: restricted\n", "")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", rule, f"{rule} where customer <> '${{PGPASS}}'")
    mesh.edit(DESCRIPTOR, "value: orders.csv", "value: 'in-${PGPASS}/orders.csv'")
    mesh.write(f"{ORDERS}/in-s3cret-0815/orders.csv", mesh.read(f"{ORDERS}/orders.csv"))
    said = [mesh_command("build", "shop")]
    mesh.write(f"{ORDERS}/in-s3cret-0815/orders.csv", "order_id,customer\n1,2,3\n")
    said.append(mesh_command("build", "shop"))
    assert [each.code for each in said] == [0, 1]
    assert not [each for each in said if "s3cret" in each.out + each.err]
    written = [path for path in mesh.path(".mesh").rglob("*") if path.is_file()]
    holding = {path.name: path for path in written if b"s3cret" in path.read_bytes()}
    assert set(holding) <= {"mounts.json"}, "dbt's plugin has to open the file"
    assert all(path.stat().st_mode & 0o077 == 0 for path in holding.values())
