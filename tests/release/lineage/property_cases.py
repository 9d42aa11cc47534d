"""What dbt refuses in files of properties, when it starts or when it runs, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.small_mesh import ORDERS

FILE = f"{ORDERS}/own.yml"
PROJECT = "domains/shop/dbt_project.yml"
MODEL = "models:\n  - name: stg_orders\n"
COLUMN = f"{MODEL}    columns:\n      - name: order_id\n        data_tests:\n"
FIRST = "{v: 1, defined_in: stg_orders}"
EXPOSURE = "exposures:\n  - name: e\n    type: dashboard\n    owner: {name: x}\n"
SOURCE = "sources:\n  - name: other\n"
UNIT = "  - name: u\n    model: stg_orders\n    given: []\n    expect: {rows: [{order_id: 1}]}\n"
OWN_TESTS = (
    "{% test own(model, column_name) %}select 1{% endtest %}\n"
    "{% test flat(model) %}select 1{% endtest %}\n"
    "{% test any(model) %}select {{ kwargs }}{% endtest %}\n"
    "{% macro test_old(model, column_name, least=0) %}select 1{% endmacro %}\n"
)
STAGED = "select * from {{ source('landing', 'orders_file') }}\n"
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
        f"{MODEL}    versions: [{FIRST}, {FIRST}]\n",
        "`models.stg_orders.versions.2`: the version `1` stands here twice",
        line=3,
    ),
    "latest version": Case(
        f"{MODEL}    latest_version: 3\n    versions: [{{v: 1, defined_in: stg_orders}}]\n",
        "`models.stg_orders.latest_version`: the model has no version `3`",
        line=3,
    ),
    "version without a file": Case(
        f"{MODEL}    versions: [{{v: 1, defined_in: stg_orders}}, {{v: 2}}]\n",
        "there is no file of version `2` of the model `stg_orders`",
        line=3,
        code=UNDEFINED,
    ),
    "file without a version": Case(
        f"{MODEL}    versions: [{{v: 1}}]\n",
        "the model `stg_orders` has versions, and the file stg_orders.sql is none of them",
        {f"{ORDERS}/stg_orders_v1.sql": STAGED},
        line=3,
        code=UNDEFINED,
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
        "not_null\n          - not_null: {config: {where: amount}}",
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
    "column of a condition": Case(
        f"{MODEL}    columns:\n      - name: order_id\n        data_tests:\n"
        "          - not_null: {config: {where: \"state = 'open'\"}}\n",
        "the dbt test `not_null` reads the column `state`, which the model `stg_orders`",
        line=6,
        code="model.sql",
    ),
    "column of a condition of a model": Case(
        f"{MODEL}    data_tests:\n"
        "      - unique: {column_name: order_id, config: {where: amont > 5}}\n",
        "the dbt test `unique` reads the column `amont`, which the model `stg_orders`",
        line=4,
        code="model.sql",
    ),
    "column of another model": Case(
        f"{COLUMN}          - relationships: {{to: ref('orders'), field: id}}\n",
        "the dbt test `relationships` reads the column `id`, which the model `orders` does not",
        line=6,
        code="model.sql",
    ),
    "column of a seed": Case(
        f"{COLUMN}          - relationships: {{arguments: {{to: ref('codes'), field: b}}}}\n",
        "reads the column `b`, which the seed `codes` does not have",
        {**SEED, f"{ORDERS}/more.sql": "select * from {{ ref('codes') }}"},
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

GOOD: dict[str, Case] = {
    "conditions of tests": Case(
        f"{MODEL}    columns:\n      - name: order_id\n        data_tests:\n"
        "          - not_null: {config: {where: \"amount > 5 and status in ('open', 'paid')\"}}\n"
        "          - unique: {config: {where: \"{{ 'order_id' }} > 0\"}}\n",
    ),
    "nothing": Case("# nothing\n"),
    "keys of other tools": Case("foo: 1\nversion: 2\nanchors: [&a 1]\n"),
    "what is not there": Case("models:\n  - {name: nope}\n  - {name: nope, config: {tags: 5}}\n"),
    "empty lists": Case(f"{MODEL}    tests: []\n    data_tests: []\nseeds: []\n"),
    "own keys": Case(f"{MODEL}    tags: 5\n    mine: x\n    config: {{mine: 5, lookback: x}}\n"),
    "date": Case(f"{MODEL}    deprecation_date: 2030-01-01\n"),
    "key twice": Case(f"{MODEL}    description: a\n    description: b\n"),
    "Jinja": Case(
        f'{MODEL}    description: "{{{{ 1 }}}}"\n    access: "{{{{ \'protected\' }}}}"\n'
        "    columns:\n      - name: \"{{ 'a' }}\"\n"
    ),
    "names by case": Case(f"{MODEL}  - name: Stg_Orders\n"),
    "tests": Case(
        f"{COLUMN}          - not_null: {{severity: WARN}}\n"
        "          - not_null: {name: other, config: {limit: '5', enabled: false}}\n"
        "          - accepted_values: {values: [1], config: {severity: \"{{ 'warn' }}\"}}\n"
        "          - accepted_values: {name: sixth, arguments: {values: [1]}}\n"
        "          - {name: mine, test_name: unique, config: {warn_if: null, where: amount > 1}}\n"
        "          - relationships: {to: ref('orders'), field: order_id}\n"
        "          - dbt.unique: {name: third}\n"
        "          - not_null: {name: fifth, foo: 1, config: {enabled: false}}\n"
        "          - own\n          - old: {least: 1}\n          - shop.own: {name: fourth}\n",
        more=MACROS,
    ),
    "column of another model": Case(
        f"{COLUMN}          - relationships: {{to: ref('orders'), field: ORDER_ID}}\n"
        "          - relationships: {name: a, to: ref('orders'), field: order_id + 0}\n"
        "          - relationships:\n              name: b\n"
        "              arguments: {to: \"source('landing', 'orders_file')\", field: x}\n",
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
    "version in the file of its model": Case(f"{MODEL}    versions: [{{v: 1}}]\n"),
    "latest version in the file of its model": Case(
        f"{MODEL}    latest_version: 1\n    versions: [{{v: 1}}, {{v: 2}}]\n",
        more={f"{ORDERS}/stg_orders_v2.sql": STAGED},
    ),
    "earlier version without a file": Case(
        f"{MODEL}    versions: [{{v: 0}}, {{v: 1, defined_in: stg_orders}}]\n"
    ),
    "contract of dbt": Case(
        f"{MODEL}    config: {{contract: {{enforced: true}}}}\n"
        "    columns: [{name: order_id, data_type: integer}]\n"
    ),
    "contract that is off": Case(f"{MODEL}    config: {{contract: {{enforced: false}}}}\n"),
    "unit tests of two models": Case(f"unit_tests:\n{UNIT}{UNIT.replace('stg_orders', 'orders')}"),
}
