"""Names that a template calls and nobody defines."""

from __future__ import annotations

import pytest

from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_files import NamedTests
from mesh_platform.lineage.undefined_names import (
    generic_test_findings,
    missing_source_findings,
    undefined_findings,
)
from mesh_platform.model.findings import Finding

OWN = "{% macro own(x) %}{{ x }}{% endmacro %}\n{% test short(model) %}select 1{% endtest %}"
MANY = "{%- macro many( first = ')' ) -%}{{ own(*varargs, **kwargs) }}{%- endmacro -%}"
OF_DBT = "{%- macro is_incremental() -%}{% endmacro %}\n{% test unique(model) %}{% endtest %}"
SHARED = "{% macro typed(x, kind) %}{% endmacro %}{% test no_gap(model) %}{% endtest %}"
DEFINED = Defined(
    (OWN, MANY),
    {"shop": (OWN,), "mesh": (SHARED,), "other": None},
    lambda: (OF_DBT,),
    frozenset({"since"}),
    whole=True,
    models=frozenset({"x", "stg_orders"}),
    versioned=frozenset({"versioned", "versioned_v2"}),
    sources=frozenset({("landing", "orders_file"), ("shop", "orders")}),
    environment=frozenset({"X"}),
)


def said(text: str, defined: Defined = DEFINED) -> list[tuple[str, int, str | None]]:
    found = undefined_findings("the model `m`", "m.sql", text, defined, "shop/orders")
    return [(f.message, f.place.line, f.fix) for f in found]


def of_tests(
    text: str, *names: str, arguments: tuple[str, ...] = (), defined: Defined = DEFINED
) -> list[Finding]:
    named = NamedTests("x.yml", text, names, arguments)
    return list(generic_test_findings(named, defined, "shop"))


@pytest.mark.parametrize(
    "text",
    [
        "select {{ own('a') }}, {{ mesh.typed('a', 'int') }} from {{ ref('x') }}",
        "{% if is_incremental() %}where a{% endif %}",
        "{{ config(materialized='table') }} {{ log('x', info=true) }} {% do return(1) %}",
        "{{ var('since') }} {{ var('until', '2020') }} {{ var(name) }} {{ env_var('X') }}",
        "{% if false %}{{ nothing() }}{% endif %}{{ nothing() if execute else 1 }}",
        "{% macro here() %}{{ nothing() }}{% endmacro %}{{ here() }}",
        "{% set f = own %}{{ f('a') }}{{ 'a,b'.split(',') }}{% set l = [] %}{% do l.append(1) %}",
        "{% for x in [] %}{{ nothing(x) }}{% endfor %}{{ execute and nothing() }}",
        "{{ other.whatever() }} {{ dbt.date_trunc('day', 'a') }} {{ modules.datetime.date(1) }}",
        "{{ adapter.dispatch('x')() }} {{ shop.own('a') }} {{ exceptions.warn('x') }}",
        "{% from 'x' import nothing %}{{ nothing() }}",
        "select * from {{ ref('Versioned') }} join {{ ref('other', 'y') }} using (z)",
        "{{ source('landing', 'orders_file') }} {{ source('Landing', 'nothing') }}",
        "{{ ref('versioned', v=2) }} {% if false %}{{ ref('nothing') }}{% endif %}",
        "{# {{ nothing() }} #} {% raw %}{{ nothing() }}{% endraw %}",
        "{{ not closed",
        "{{ env_var('Y', '') }} {{ env_var(y) }} {% if false %}{{ env_var('Y') }}{% endif %}",
        "{{ env_var('Y') if false else 1 }} {{ env_var('DBT_ENV_SECRET_Y') }}",
        "{{ own() }} {{ own(x=1) }} {{ own(*[1, 2]) }} {{ own(**{'y': 1}) }}",
        "{{ many(1, 2, y=3, first=4) }}",
    ],
)
def test_nothing_is_said_of_what_may_be_there(text: str) -> None:
    assert said(text) == []


def test_a_macro_that_nobody_wrote_is_told_at_its_line() -> None:
    assert said("select\n{{ owm('a') }}") == [
        (
            "the model `m` calls `owm`, which is no macro of the domain and none of dbt",
            2,
            "write the macro, or correct the name; did you mean `own`?",
        )
    ]


def test_a_macro_of_a_package_without_its_name_is_told_how() -> None:
    ((_, _, fix),) = said("{{ typed('a') }}")
    assert fix == "write `mesh.typed(…)`: a macro of a package is called by its name"
    ((_, _, fix),) = said("{{ typd('a') }}")
    assert fix == "write the macro, or correct the name; did you mean `mesh.typed`?"


@pytest.mark.parametrize(
    ("call", "message", "fix"),
    [
        (
            "own('a', 2)",
            "calls `own` with 2 arguments, and it takes 1",
            "remove the extra arguments: it takes `x`",
        ),
        ("own('a', x=2)", "gives the argument `x` of `own` twice", "give it once; it takes `x`"),
        ("own(y=2)", "calls `own` with `y`, which it does not take", "known: `x`"),
        ("shop.own(y=2)", "calls `shop.own` with `y`, which it does not take", "known: `x`"),
        (
            "is_incremental(true)",
            "calls `is_incremental` with 1 argument, and it takes 0",
            "remove the extra arguments: it takes none",
        ),
        (
            "dbt.is_incremental(a=1)",
            "calls `dbt.is_incremental` with `a`, which it does not take",
            "it takes none",
        ),
    ],
)
def test_an_argument_that_a_macro_does_not_take_is_told(call: str, message: str, fix: str) -> None:
    assert said(f"select\n{{{{ {call} }}}}") == [(f"the model `m` {message}", 2, fix)]


def test_what_a_macro_takes_is_certain_only_where_it_is_there_once() -> None:
    twice = Defined((OWN, OWN), {}, lambda: (OF_DBT,), frozenset(), whole=True)
    assert said("{{ own(1, 2) }}", twice) == []


def test_arguments_are_calls_too() -> None:
    ((message, _, _),) = said("{{ own(nothing('a')) }}")
    assert message.startswith("the model `m` calls `nothing`")


def test_a_package_that_is_not_imported_is_told() -> None:
    ((message, _, fix),) = said("{{ dbt_utils.star('a') }}")
    assert message == "the model `m` calls `dbt_utils.star`, and the domain imports no package" + (
        " `dbt_utils`"
    )
    assert fix == "add it to packages.yml, or correct the name"
    ((message, _, _),) = said("{{ mesh.nothing() }}")
    assert message == "the model `m` calls `mesh.nothing`, and the package has no such macro"


def test_packages_that_nobody_read_may_have_it() -> None:
    unread = Defined(DEFINED.macros, DEFINED.packages, DEFINED.of_dbt, frozenset(), whole=False)
    assert said("{{ dbt_utils.star('a') }}", unread) == []
    assert of_tests("", "near", defined=unread) == []


def test_a_variable_that_nothing_sets_is_told() -> None:
    assert said("{{ var('untl') }}") == [
        (
            "the model `m` asks for the variable `untl`, which nothing sets",
            1,
            "write `vars: {untl: …}` in dbt_project.yml, or a default: `var('untl', …)`",
        )
    ]


@pytest.mark.parametrize("asked", ["env_var('Y')", "env_var('Y') | lower", "own(env_var('Y'))"])
def test_a_variable_of_the_environment_without_a_value_is_told(asked: str) -> None:
    assert said(f"select\n  '{{{{ {asked} }}}}' as a") == [
        (
            "the model `m` asks for the variable `Y` of the environment, which has no value",
            2,
            "`export Y=…`, or give a default: `env_var('Y', '…')`",
        )
    ]


def test_a_generic_test_that_nobody_wrote_is_told_at_its_line() -> None:
    text = "models:\n  - name: m\n    data_tests: [unique, short, utils.any, uniqe]\n"
    names = ["unique", "short", "utils.any", "uniqe"]
    (finding,) = of_tests(text, *names)
    assert finding.message == "`uniqe` is no generic test of the domain and none of dbt"
    assert (finding.place.line, finding.product) == (3, "shop")
    assert finding.fix == "write it as a macro, or correct the name; did you mean `unique`?"


def test_a_generic_test_of_a_package_needs_its_name() -> None:
    (finding,) = of_tests("- no_gap", "no_gap")
    assert finding.fix == "write `mesh.no_gap`"


@pytest.mark.parametrize("more", ["", "{{ own('a') }}"])
def test_a_model_that_is_not_there_is_told_at_its_line(more: str) -> None:
    assert said(f"select * {more}\nfrom {{{{ ref('stg_order') }}}}") == [
        (
            "the model `m` reads `ref('stg_order')`, and there is no such model",
            2,
            "correct the name; did you mean `stg_orders`?",
        )
    ]


@pytest.mark.parametrize("more", ["", "{{ own('a') }}"])
def test_dbt_tells_upper_from_lower_case(more: str) -> None:
    assert said(
        f"{more}\n{{{{ ref('STG_orders') }}}} {{{{ source('landing', 'Orders_File') }}}}"
    ) == [
        (
            "the model `m` reads `ref('STG_orders')`, and dbt tells upper from lower case",
            2,
            "write `ref('stg_orders')`",
        ),
        (
            "the model `m` reads `source('landing', 'Orders_File')`, and dbt tells upper from lower"
            " case",
            2,
            "write `source('landing', 'orders_file')`",
        ),
    ]


def test_a_test_of_relationships_names_a_model_that_is_there() -> None:
    text = "- relationships:\n    to: ref('x')\n- a: {to: \"ref('nothing')\"}\n# to: ref('z')"
    (finding,) = of_tests(text, "unique", arguments=("ref('x')", "ref('nothing')"))
    assert finding.message == "a test reads `ref('nothing')`, and there is no such model"
    assert finding.place.line == 3


def test_a_generic_test_reads_a_source_that_is_there() -> None:
    written = '- to: "source(\\"shop\\", \\"order\\")"\n- source(\'shop\', \'Orders\')\n'
    arguments = ("source('shop', 'orders')", 'source("shop", "order")', "source('shop', 'Orders')")
    assert [(f.message, f.place.line, f.fix) for f in of_tests(written, arguments=arguments)] == [
        (
            "a test reads `source('shop', 'order')`, and there is no such source",
            1,
            "correct the name, or add an input port; did you mean `source('shop', 'orders')`?",
        ),
        (
            "a test reads `source('shop', 'Orders')`, and dbt tells upper from lower case",
            2,
            "write `source('shop', 'orders')`",
        ),
    ]


@pytest.mark.parametrize("argument", ["source('shop', x)", "source", "a ref('nothing')", "{{ x"])
def test_an_argument_that_surely_reads_nothing_is_left_alone(argument: str) -> None:
    assert of_tests("", arguments=(argument,)) == []


def test_a_source_is_there_only_with_its_table() -> None:
    text = "select 1\nfrom {{ source('landing', 'orders') }} {{ source('LANDING', 'Orders_file') }}"
    found = missing_source_findings("the test `t`", "t.sql", text, DEFINED, "shop")
    assert [(f.message, f.place.line) for f in found] == [
        ("the test `t` reads `source('landing', 'orders')`, and there is no such source", 2)
    ]


def test_a_reference_in_a_comment_of_sql_is_told_as_such() -> None:
    (told,) = said("select 1 from {{ ref('x') }}\n-- was: {{ ref('gone') }}\n")
    assert told == (
        "the model `m` reads `ref('gone')`, and there is no such model",
        2,
        "remove it: dbt reads a comment of SQL, too; it leaves out what stands in `{# … #}`",
    )


def test_a_model_is_not_meant_by_a_name_in_its_own_text() -> None:
    found = undefined_findings("x", "stg_orders.sql", "{{ ref('stg_order') }}", DEFINED, "o")
    assert [each.fix for each in found] == ["correct the name"]
