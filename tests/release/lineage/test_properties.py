"""What dbt refuses in files of properties is told before; dbt itself is asked, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from mesh_platform.engines.dbt.runner import UnreadableProjectError
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.naming import ProductName
from mesh_platform.release.build import release_product
from mesh_platform.release.lineage.files import MeshSql
from tests.small_mesh import ORDERS, SmallMesh

FILE = f"{ORDERS}/own.yml"
PROJECT = "domains/shop/dbt_project.yml"
MODEL = "models:\n  - name: stg_orders\n"
COLUMN = f"{MODEL}    columns:\n      - name: order_id\n        data_tests:\n"
EXPOSURE = "exposures:\n  - name: e\n    type: dashboard\n    owner: {name: x}\n"
SOURCE = "sources:\n  - name: other\n"
UNIT = "  - name: u\n    model: stg_orders\n    given: []\n    expect: {rows: [{order_id: 1}]}\n"
OWN_TESTS = (
    "{% test own(model, column_name) %}select 1{% endtest %}\n"
    "{% test flat(model) %}select 1{% endtest %}\n"
    "{% test any(model) %}select {{ kwargs }}{% endtest %}\n"
    "{% macro test_old(model, column_name, least=0) %}select 1{% endmacro %}\n"
)
More = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A file of properties, other files, and what is said of them: code, line and words."""

    text: str
    said: str = ""
    more: More | None = None
    line: int = 0
    code: str = "model.properties"


def _test(text: str, said: str, more: More | None = None, line: int = 6) -> Case:
    return Case(f"{COLUMN}          - {text}\n", said, more, line)


MACROS = {"domains/shop/macros/tests.sql": OWN_TESTS}
SEED = {"domains/shop/seeds/codes.csv": "a\n1\n"}
TWICE = "model.described-twice"
CLASH = "model.name-clash"
UNDEFINED = "model.undefined"

AT_START: dict[str, Case] = {
    "no list": Case("models:\n", "`models`: `null` is not a list", line=1),
    "no mapping": Case("- name: a\n", "it needs `key: value` pairs at its top level", line=1),
    "no name": Case("models:\n  - description: x\n", "`models.1`: `name` is missing", line=2),
    "word for an entry": Case(
        "models: [stg_orders]\n", "`models.1`: `stg_orders` is not a mapping", line=1
    ),
    "no text": Case(
        f"{MODEL}    description: 5\n", "`models.stg_orders.description`: `5` is not text", line=3
    ),
    "columns as a mapping": Case(
        f"{MODEL}    columns: {{a: b}}\n",
        "`models.stg_orders.columns`: a mapping is not a list",
        line=3,
    ),
    "tests as a word": Case(
        f"{MODEL}    data_tests: unique\n",
        "`models.stg_orders.data_tests`: `unique` is not a list",
        line=3,
    ),
    "nothing under config": Case(
        f"{MODEL}    config:\n", "`models.stg_orders.config`: `null` is not a mapping", line=3
    ),
    "unknown key": Case(f"{SOURCE}    foo: 1\n", "`foo` is not a key of dbt here", line=3),
    "unknown word": Case(
        f"{EXPOSURE}    maturity: hi\n",
        "`exposures.e.maturity`: `hi` is not one of the allowed words",
        line=5,
    ),
    "owner without a name": Case(
        "groups:\n  - {name: g, owner: {}}\n",
        "`groups.g.owner`: it has neither a `name` nor an `email`",
        line=2,
    ),
    "both lists of tests": Case(
        f"{MODEL}    columns:\n      - name: order_id\n        tests: [unique]\n"
        "        data_tests: []\n",
        "`models.stg_orders.columns.order_id.tests`: `data_tests` stands beside it",
        line=5,
    ),
    "beside and under config": Case(
        f"{MODEL}    meta: {{a: 1}}\n    config: {{meta: {{a: 1}}}}\n",
        "`models.stg_orders.meta`: it stands under `config`, too",
        line=3,
    ),
    "constraint": Case(
        f"{MODEL}    columns:\n      - name: order_id\n        constraints: [{{type: notnull}}]\n",
        "`models.stg_orders.columns.order_id.constraints.1`: dbt knows no constraint `notnull`",
        line=5,
    ),
    "version twice": Case(
        f"{MODEL}    versions: [{{v: 1}}, {{v: 1}}]\n",
        "`models.stg_orders.versions.2`: the version `1` stands here twice",
        line=3,
    ),
    "latest version": Case(
        f"{MODEL}    latest_version: 3\n    versions: [{{v: 1}}]\n",
        "`models.stg_orders.latest_version`: the model has no version `3`",
        line=3,
    ),
    "setting": Case(
        f"{MODEL}    config:\n      full_refresh: 'yes'\n",
        "`models.stg_orders.config.full_refresh`: `yes` is no value of this setting",
        line=4,
    ),
    "setting of a seed": Case(
        "seeds:\n  - name: codes\n    config: {column_types: [a]}\n",
        "`seeds.codes.config.column_types`: a list is no value of this setting",
        SEED,
        line=3,
    ),
    "access": Case(
        f"{MODEL}    access: privat\n",
        "`models.stg_orders.access`: `privat` is no value of this setting",
        line=3,
    ),
    "severity": _test(
        "not_null: {severity: warning}", "not_null.severity`: `warning` is no value of this setting"
    ),
    "severity under config": _test(
        "accepted_values: {values: [1], config: {severity: warning}}",
        "accepted_values.config.severity`: `warning` is no value of this setting",
    ),
    "limit": _test(
        "not_null: {config: {limit: ten}}", "config.limit`: `ten` is no value of this setting"
    ),
    "error_if": _test(
        "not_null: {config: {error_if: 10}}", "config.error_if`: `10` is no value of this setting"
    ),
    "enabled": _test(
        "not_null: {config: {enabled: 'true'}}",
        "config.enabled`: `'true'` is no value of this setting",
    ),
    "setting twice": _test(
        "not_null: {severity: warn, config: {severity: warn}}",
        "severity`: `severity` stands beside `config` and in it",
    ),
    "config of a test": _test("not_null: {config: }", "not_null.config`: it is no mapping"),
    "argument": _test(
        "accepted_values: {value: [1]}",
        "accepted_values.value`: the test `accepted_values` takes no argument `value`",
    ),
    "nested argument": _test(
        "accepted_values: {arguments: {value: [1]}}",
        "arguments.value`: the test `accepted_values` takes no argument `value`",
    ),
    "argument of a source's test": Case(
        f"{SOURCE}    tables:\n      - name: a\n        columns:\n          - name: x\n"
        "            data_tests: [{accepted_values: {value: [1]}}]\n",
        "the test `accepted_values` takes no argument `value`",
        line=7,
    ),
    "argument of an own test": _test("own: {x: 1}", "the test `own` takes no argument `x`", MACROS),
    "argument of an old test": _test("old: {x: 1}", "the test `old` takes no argument `x`", MACROS),
    "own test at a column": _test("flat", "the test `flat` takes no `column_name`", MACROS),
    "model as an argument": _test("not_null: {model: x}", "dbt gives `not_null` its model"),
    "indented too little": _test(
        "not_null:\n            config: {severity: warn}",
        "a test is one key, and here are 2: not_null, config",
    ),
    "no arguments": _test("not_null:", "the arguments of `not_null` are no mapping"),
    "test twice": _test(
        "not_null\n          - not_null: {config: {where: a}}",
        "data_tests.2`: the test `not_null` stands here twice",
        line=7,
    ),
    "model described twice": Case(
        f"{MODEL}  - name: stg_orders\n", "the model `stg_orders` is described", line=3, code=TWICE
    ),
    "seed described twice": Case(
        "seeds:\n  - name: codes\n  - name: codes\n",
        "the seed `codes` is described here and",
        SEED,
        line=3,
        code=TWICE,
    ),
    "macro described twice": Case(
        "macros:\n  - name: test_old\n  - name: test_old\n",
        "the macro `test_old` is described here and",
        MACROS,
        line=3,
        code=TWICE,
    ),
    "source twice": Case(
        "sources:\n  - name: landing\n    tables: [{name: orders_file}]\n",
        "the source `landing.orders_file` has the same name as the one at"
        " domains/shop/products/sources.yml:1",
        line=3,
        code=CLASH,
    ),
    "group twice": Case(
        "groups:\n  - {name: g, owner: {name: x}}\n  - {name: g, owner: {name: x}}\n",
        "the group `g` has the same name",
        line=3,
        code=CLASH,
    ),
    "exposure twice": Case(
        EXPOSURE + EXPOSURE.removeprefix("exposures:\n"),
        "the exposure `e` has the same name",
        line=5,
        code=CLASH,
    ),
    "unit test twice": Case(
        f"unit_tests:\n{UNIT}{UNIT}",
        "the unit test `u` of `stg_orders` has the same name",
        line=6,
        code=CLASH,
    ),
    "exposure of nothing": Case(
        f"{EXPOSURE}    depends_on: [ref('Orders')]\n",
        "the exposure `e` depends on `ref('Orders')`, which is not there",
        line=5,
        code=UNDEFINED,
    ),
    "exposure of no source": Case(
        f"{EXPOSURE}    depends_on: [\"source('a', 'b')\"]\n",
        "the exposure `e` depends on `source('a', 'b')`, which is not there",
        line=5,
        code=UNDEFINED,
    ),
    "variable without a value": Case(
        f"{MODEL}    meta: {{a: \"{{{{ env_var('NOBODY_SETS') }}}}\"}}\n",
        "`models.stg_orders.meta.a` asks for the variable `NOBODY_SETS` of the environment",
        line=3,
        code=UNDEFINED,
    ),
    "group that is not there": Case(
        f"{MODEL}    config: {{group: g}}\n",
        "the model `stg_orders` is in the group `g`, and there is no such group",
        line=2,
        code=UNDEFINED,
    ),
    "contract of dbt": Case(
        f"{MODEL}    config: {{contract: {{enforced: true}}}}\n",
        "the model `stg_orders`, and no file of properties describes its columns",
        line=2,
        code="model.dbt-contract",
    ),
}
"""dbt refuses these projects before it runs anything."""

AT_RUN: dict[str, Case] = {
    "argument": _test("not_null: {foo: 1}", "the test `not_null` takes no argument `foo`"),
    "lacking argument": _test(
        "relationships: {to: ref('orders')}", "the test `relationships` lacks `field`"
    ),
    "no column": Case(
        f"{MODEL}    data_tests:\n      - unique\n", "the test `unique` lacks `column_name`", line=4
    ),
    "column": Case(
        f"{MODEL}    columns:\n      - name: orderid\n        data_tests:\n          - not_null\n",
        "the dbt test `not_null` reads the column `orderid`, which the model `stg_orders`",
        line=6,
        code="model.sql",
    ),
    "types of a contract": Case(
        f"{MODEL}    config: {{contract: {{enforced: true}}}}\n    columns: [{{name: order_id}}]\n",
        "and the column `order_id` is described without `data_type`",
        line=2,
        code="model.dbt-contract",
    ),
}
"""dbt starts with these, and builds no product whose models they are about."""

GOOD: dict[str, Case] = {
    "nothing": Case("# nothing\n"),
    "keys of other tools": Case("foo: 1\nversion: 2\nanchors: [&a 1]\n"),
    "what is not there": Case("models:\n  - {name: nope}\n  - {name: nope, config: {tags: 5}}\n"),
    "empty lists": Case(f"{MODEL}    tests: []\n    data_tests: []\nseeds: []\n"),
    "own keys": Case(f"{MODEL}    tags: 5\n    mine: x\n    config: {{mine: 5, lookback: x}}\n"),
    "date": Case(f"{MODEL}    deprecation_date: 2030-01-01\n"),
    "key twice": Case(f"{MODEL}    description: a\n    description: b\n"),
    "Jinja": Case(
        f'{MODEL}    description: "{{{{ 1 }}}}"\n    access: "{{{{ \'private\' }}}}"\n'
        "    columns:\n      - name: \"{{ 'a' }}\"\n"
    ),
    "names by case": Case(f"{MODEL}  - name: Stg_Orders\n"),
    "tests": Case(
        f"{COLUMN}          - not_null: {{severity: WARN}}\n"
        "          - not_null: {name: other, config: {limit: '5', enabled: false}}\n"
        "          - accepted_values: {values: [1], config: {severity: \"{{ 'warn' }}\"}}\n"
        "          - accepted_values: {name: sixth, arguments: {values: [1]}}\n"
        "          - {name: mine, test_name: unique, config: {warn_if: null, where: a > 1}}\n"
        "          - relationships: {to: ref('orders'), field: order_id}\n"
        "          - dbt.unique: {name: third}\n"
        "          - not_null: {name: fifth, foo: 1, config: {enabled: false}}\n"
        "          - own\n          - old: {least: 1}\n          - shop.own: {name: fourth}\n",
        more=MACROS,
    ),
    "test that takes all": Case(f"{MODEL}    data_tests: [{{any: {{x: 1}}}}, flat]\n", more=MACROS),
    "both lists of a source": Case(
        f"{SOURCE}    tables: [{{name: a, tests: [], data_tests: []}}]\n"
    ),
    "override": Case(f"{SOURCE}    overrides: nope\n    tables: [{{name: a}}]\n"),
    "other table of a source": Case("sources:\n  - name: landing\n    tables: [{name: more}]\n"),
    "exposure": Case(
        f"{EXPOSURE}    depends_on: [ref('orders'), \"source('landing', 'orders_file')\"]\n"
        "  - name: f\n    type: ml\n    owner: {email: [a]}\n    config: {enabled: false}\n"
        "    depends_on: [ref('nope')]\n"
    ),
    "group": Case(
        f"{MODEL}    group: g\n    access: private\ngroups:\n  - {{name: g, owner: {{name: x}}}}\n",
        more={
            f"{ORDERS}/orders.sql": "{{ config(group='g') }} select * from {{ ref('stg_orders') }}"
        },
    ),
    "contract of dbt": Case(
        f"{MODEL}    config: {{contract: {{enforced: true}}}}\n"
        "    columns: [{name: order_id, data_type: integer}]\n"
    ),
    "contract that is off": Case(f"{MODEL}    config: {{contract: {{enforced: false}}}}\n"),
    "unit tests of two models": Case(f"unit_tests:\n{UNIT}{UNIT.replace('stg_orders', 'orders')}"),
}


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
