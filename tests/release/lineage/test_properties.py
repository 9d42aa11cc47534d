"""What dbt refuses in files of properties is told before; dbt itself is asked, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mesh_platform.engines.dbt.runner import UnreadableProjectError
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.naming import ProductName
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql
from tests.release.lineage.property_cases import (
    AT_RUN,
    AT_START,
    EXPOSURE,
    FILE,
    GOOD,
    MACROS,
    MODEL,
    PROJECT,
    SOURCE,
    UNDEFINED,
    UNIT,
    Case,
)
from tests.small_mesh import ORDERS, SmallMesh

"""dbt refuses these projects before it runs anything."""
"""dbt starts with these, and builds no product whose models they are about."""


def _written(mesh: SmallMesh, case: Case) -> SmallMesh:
    for name, text in {FILE: case.text, **(case.more or {})}.items():
        mesh.write(name, text)
    return mesh


def _found(mesh: SmallMesh) -> list[tuple[str, str, int, str]]:
    sql, name = MeshSql(Workspace.open(mesh.root)), ProductName("shop", "orders")
    findings = (*sql.model_findings([name]), *sql.sql_findings([name]))
    return [(f.code, f.place.file, f.place.line, f.message) for f in findings if f.blocking]


REFUSED = {**AT_START, **{f"{name} when it runs": case for name, case in AT_RUN.items()}}


@pytest.mark.parametrize("case", REFUSED.values(), ids=list(REFUSED))
def test_what_dbt_refuses_is_a_finding_at_its_line(mesh: SmallMesh, case: Case) -> None:
    ((code, file, line, message),) = _found(_written(mesh, case))
    assert (code, file, line) == (case.code, FILE, case.line)
    assert case.said in message


@pytest.mark.parametrize("case", GOOD.values(), ids=list(GOOD))
def test_what_dbt_takes_is_no_finding(mesh: SmallMesh, case: Case) -> None:
    assert _found(_written(mesh, case)) == []


ELSEWHERE = {
    PROJECT: "models:\n  shop:\n    +schema: \"{{ env_var('NOBODY_SETS') | lower }}\"\n",
    f"{ORDERS}/orders.sql": "select '{{ env_var('NOBODY_SETS') }}' as a",
    "domains/shop/analyses/a.sql": "select * from {{ ref('Orders') }}",
}
"""Files in which dbt finds something that is not there when it starts."""


@pytest.mark.parametrize("file", ELSEWHERE)
def test_what_dbt_asks_for_when_it_starts_is_told_in_every_file(
    mesh: SmallMesh, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh.edit(PROJECT, "models:\n  +materialized: table\n", "")
    before = mesh.read(file) if file == PROJECT else ""
    mesh.write(file, f"{before}{ELSEWHERE[file]}")
    found = [(code, at, line) for code, at, line, _ in _found(mesh) if code == UNDEFINED]
    assert found == [
        (UNDEFINED, file, mesh.line(file, "env_var") if "env_var" in ELSEWHERE[file] else 1)
    ]
    monkeypatch.setenv("NOBODY_SETS", "x")
    assert (UNDEFINED in [code for code, *_ in _found(mesh)]) == (file.endswith("a.sql"))


@pytest.mark.slow
@pytest.mark.parametrize("file", ELSEWHERE)
def test_dbt_does_not_start_without_it(mesh: SmallMesh, file: str) -> None:
    mesh.edit(PROJECT, "models:\n  +materialized: table\n", "")
    mesh.write(file, f"{mesh.read(file) if file == PROJECT else ''}{ELSEWHERE[file]}")
    said = _refusal(mesh) or ""
    if "env_var" in ELSEWHERE[file]:
        assert f"at: {file}:{mesh.line(file, 'env_var')}" in said
        assert "try: `export NOBODY_SETS=…`, or give a default: `env_var('NOBODY_SETS'" in said
    else:
        assert f"at: {file}" in said


def test_a_test_that_only_warns_and_cannot_run_is_a_warning(mesh: SmallMesh) -> None:
    text = AT_RUN["column"].text.replace("- not_null", "- not_null: {severity: warn}")
    _written(mesh, Case(text))
    sql = MeshSql(Workspace.open(mesh.root))
    (finding,) = sql.sql_findings([ProductName("shop", "orders")])
    assert (finding.severity, finding.place.line) == ("warning", 6)


@pytest.mark.parametrize(
    "change",
    [
        "data_tests:\n  +enabled: false\n",
        "data_tests:\n  shop:\n    +severity: warn\n",
    ],
)
def test_what_only_a_run_shows_is_left_where_the_project_may_turn_tests_off(
    mesh: SmallMesh, change: str
) -> None:
    mesh.write(PROJECT, mesh.read(PROJECT) + change)
    for name in ("argument", "lacking argument", "no column", "column"):
        assert _found(_written(mesh, AT_RUN[name])) == []


IN_SQL = {
    "severity='warm'": "`severity`: `warm` is no value of this setting",
    "{'severity': 'warm'}": "`severity`: `warm` is no value of this setting",
    "limit='ten'": "`limit`: `ten` is no value of this setting",
    "error_if=10": "`error_if`: `10` is no value of this setting",
    "severity='warn') }}{{ config(severity='warm'": (
        "`severity`: `warm` is no value of this setting"
    ),
}
TAKEN_IN_SQL = (
    *("severity='WARN', limit=5, error_if='>10', tags=['a', 'b']", "mine='x'"),
    *("severity='warm') }}{{ config(severity='warn'", "severity='wa' ~ 'rn'", "limit='5'"),
    "severity='warm' if false else 'warn'",
)
_TEST = "domains/shop/tests/t.sql"


def _with_config(mesh: SmallMesh, settings: str) -> SmallMesh:
    config = f"\n{{{{ config({settings}) }}}}\n"
    mesh.write(_TEST, f"select * from {{{{ ref('orders') }}}}{config}where 1 = 0\n")
    return mesh


@pytest.mark.parametrize("settings", IN_SQL)
def test_a_setting_in_a_test_that_dbt_refuses_is_told_at_its_line(
    mesh: SmallMesh, settings: str
) -> None:
    message = f"dbt refuses the test `t`: {IN_SQL[settings]}"
    found = _found(_with_config(mesh, settings))
    assert found == [("model.properties", _TEST, 2, message)]


@pytest.mark.parametrize("settings", TAKEN_IN_SQL)
def test_a_setting_in_a_test_that_dbt_takes_is_no_finding(mesh: SmallMesh, settings: str) -> None:
    assert _found(_with_config(mesh, settings)) == []


@pytest.mark.slow
@pytest.mark.parametrize("settings", [*IN_SQL, *TAKEN_IN_SQL])
def test_dbt_refuses_the_same_settings_in_a_test(mesh: SmallMesh, settings: str) -> None:
    assert (_refusal(_with_config(mesh, settings)) is not None) == (settings in IN_SQL)


@pytest.mark.slow
@pytest.mark.parametrize("case", AT_START.values(), ids=list(AT_START))
def test_dbt_refuses_what_is_said_to_be_refused(mesh: SmallMesh, case: Case) -> None:
    assert _refusal(_written(mesh, case)) is not None


ACCEPTED = {**GOOD, **{f"{name} when it runs": case for name, case in AT_RUN.items()}}


@pytest.mark.slow
@pytest.mark.parametrize("case", ACCEPTED.values(), ids=list(ACCEPTED))
def test_dbt_takes_what_is_said_to_be_taken(mesh: SmallMesh, case: Case) -> None:
    assert _refusal(_written(mesh, case)) is None


@pytest.mark.slow
@pytest.mark.parametrize("case", AT_RUN.values(), ids=list(AT_RUN))
def test_a_build_ends_where_only_a_run_shows_it(mesh: SmallMesh, case: Case) -> None:
    workspace = Workspace.open(_written(mesh, case).root)
    assert release_product(workspace, workspace.mesh.product("shop/orders")).release is None


VALUES = (5, "x", True, None, ["a"], {"a": 1}, [], {}, "{{ 'x' }}")
WHOLE = f"""\
{MODEL}    description: one
    meta: {{a: 1}}
    docs: {{show: true}}
    config: {{tags: [a], enabled: true, persist_docs: {{relation: true}}}}
    columns:
      - name: order_id
        data_type: integer
        quote: false
        tags: [a]
        constraints: [{{type: not_null}}]
        data_tests:
          - not_null: {{name: first, config: {{severity: warn, limit: 5, where: a, tags: [b]}}}}
          - accepted_values: {{values: [1], warn_if: '> 1', description: two}}
{SOURCE}    loader: x
    freshness: {{warn_after: {{count: 1, period: day}}}}
    tables:
      - name: a
        identifier: b
        columns: [{{name: c, data_tests: [unique]}}]
{EXPOSURE}    label: x
    maturity: low
    depends_on: [ref('orders')]
groups:
  - {{name: g, owner: {{email: y}}}}
unit_tests:
{UNIT}macros:
  - name: test_old
    arguments: [{{name: least, type: int, description: x}}]
"""
"""Values at many places; a test puts others in their stead."""


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    listed = enumerate(value) if isinstance(value, list) else ()
    for key, inner in value.items() if isinstance(value, dict) else listed:
        yield from _places(inner, (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_called_a_fault_dbt_refuses_too(mesh: SmallMesh, seed: int) -> None:
    """A false alarm would block a product that dbt builds."""
    chosen, data = random.Random(seed), yaml.safe_load(WHOLE)
    *above, last = chosen.choice([*_places(data)])
    holder = data
    for key in above:
        holder = holder[key]
    holder[last] = chosen.choice(VALUES)
    if chosen.random() < 0.3:
        del holder[last]
    found = _found(_written(mesh, Case(yaml.safe_dump(data), more=MACROS)))
    refusal = _refusal(mesh)
    told = [code for code, *_ in found if code not in ("model.sql", UNDEFINED)]
    assert refusal is not None or told == [], (above, last)


def _refusal(mesh: SmallMesh) -> str | None:
    workspace = Workspace.open(mesh.root)
    try:
        workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain("shop")))
    except UnreadableProjectError as error:
        return str(error)
    return None
