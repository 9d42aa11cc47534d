"""The SQL of a model from its template: what the text decides, and what only dbt knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.lineage.sql.sources import Table
from mesh_platform.lineage.templates import Call, Rendered, Templates

REPOSITORY = Path(__file__).parents[2]
SHARED = tuple(
    path.read_text(encoding="utf-8") for path in (REPOSITORY / "dbt_project/macros").glob("*.sql")
)
OWN = (
    "{% macro twice(x) %}{{ plus(x, x) }}{% endmacro %}",
    "{% macro plus(x, y) %}{{ x }} + {{ y }}{% endmacro %}",
    "{% macro asks(x) %}{{ run_query(x) }}{% endmacro %}",
    "{% test positive(model) %}select 1{% endtest %}",
)


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates({"mesh": SHARED}).of_domain("shop", OWN)


def sql(templates: Templates, text: str) -> str:
    rendered = templates.render("orders", text)
    assert rendered.problem is None
    (written,) = rendered.texts
    return written


def problem(templates: Templates, text: str) -> str | None:
    return templates.render("orders", text).problem


def test_refs_and_sources_become_tables_that_no_database_has(templates: Templates) -> None:
    text = "select 1 from {{ ref('a') }}\njoin {{ source(\"B\", 'c') }}"
    assert templates.render("orders", text) == Rendered(
        ('select 1 from "dbt ref"."a"\njoin "dbt source"."B"."c"',),
        (Call(Table("", "a"), 1), Call(Table("b", "c"), 2)),
    )


def test_jinja_around_them_changes_neither_tables_nor_lines(templates: Templates) -> None:
    text = "{{ config(materialized='table') }}\n{% set t = ref('x', 'a') %}\nselect 1 from {{ t }}"
    assert templates.render("orders", text) == Rendered(
        ('\n\nselect 1 from "dbt ref"."a"',), (Call(Table("", "a"), 2),)
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{% for c in ['a', 'b'] %}{{ c }}{{ ', ' if not loop.last }}{% endfor %}", "a, b"),
        ("{% if 1 > 2 %}a{% else %}b{% endif %}", "b"),
        ("{% do [].append(1) %}{# said #}a", "a"),
        ("{{ this }}", '"dbt ref"."orders"'),
        ("{{ mesh.typed('a', 'date') }}", "cast(nullif(a, 'NA') as date)"),
        ("{{ mesh.instant('a') }}", "cast(nullif(a, 'NA') as timestamp with time zone)"),
        ("{{ twice('a') }} {{ shop.plus(1, 2) }}", "a + a 1 + 2"),
        ("{{ dbt.dateadd('day', 'a', 'b') }}", "dbt_dateadd(('day'), (a), (b))"),
        (
            "{{ dateadd(datepart='day', interval=1, from_date_or_timestamp='b') }}",
            "dbt_dateadd(('day'), (1), (b))",
        ),
        ("{{ dbt.datediff('a', 'b', 'day') }}", "dbt_datediff((a), (b), ('day'))"),
        ("{{ dbt.date_trunc('month', 'a') }}", "date_trunc(('month'), (a))"),
        ("{{ dbt.safe_cast('a', dbt.type_int()) }}", "try_cast(a as integer)"),
        ("{{ dbt.concat(['a', \"'-'\", 'b']) }}", "a || '-' || b"),
        (
            "{{ dbt.listagg('a', \"', '\", 'order by b', 2) }}",
            "string_agg(a, ', ' order by b)[1:2]",
        ),
        ("{{ dbt.string_literal('it') }} {{ dbt.current_timestamp() }}", "'it' current_timestamp"),
    ],
)
def test_what_the_text_decides_is_rendered(templates: Templates, text: str, written: str) -> None:
    assert sql(templates, text) == written


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ var('x') }}", "var"),
        ("{{ dbt_utils.star(ref('a')) }}", "dbt_utils.star"),
        ("{{ mesh.nope(1) }}", "mesh.nope"),
        ("{% if target.name == 'dev' %}a{% endif %}", "target.name"),
        ("{% if execute %}a{% endif %}", "execute"),
        ("{% if x is defined %}a{% endif %}", "x"),
        ("{{ x | default('a') }}", "x"),
        ("{{ asks('a') }}", "run_query"),
        ("{{ source('a', name) }}", "name"),
        ("{{ positive('a') }}", "positive"),
    ],
)
def test_what_only_dbt_knows_is_named(templates: Templates, text: str, name: str) -> None:
    assert problem(templates, text) == f"it uses `{name}`, which only dbt knows"


def test_tables_are_known_though_the_rest_is_not(templates: Templates) -> None:
    rendered = templates.render("orders", "select {{ var('x') }} from {{ ref('a') }}")
    assert (rendered.texts, rendered.calls) == ((), (Call(Table("", "a"), 1),))
    assert rendered.compiled_helps


def test_a_model_that_grows_has_two_texts(templates: Templates) -> None:
    text = "a{% if is_incremental() %} after {{ this }}{% endif %}"
    assert templates.render("orders", text).texts == ("a", 'a after "dbt ref"."orders"')


def test_sql_that_runs_beside_the_model_cannot_be_followed(templates: Templates) -> None:
    rendered = templates.render("orders", "{{ config(post_hook='update x') }} select 1")
    assert rendered.problem == "its `post_hook` runs SQL beside the model"
    assert not rendered.compiled_helps


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if a", "unexpected end of template, expected 'end of statement block'."),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ ref() }}", "tuple index out of range"),
        (
            "{% for i in range(999999) %}{% endfor %}",
            "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).",
        ),
        (
            "{{ [].__class__.__base__ }}",
            "access to attribute '__class__' of 'list' object is unsafe.",
        ),
    ],
)
def test_a_template_that_is_wrong_is_a_problem_and_no_traceback(
    templates: Templates, text: str, said: str
) -> None:
    assert problem(templates, text) == f"its template cannot be rendered: {said}"


@pytest.mark.parametrize("word", ["v=2", "version=2", "v='2'"])
def test_a_version_of_a_model_has_its_name_in_the_database(templates: Templates, word: str) -> None:
    assert sql(templates, f"select 1 from {{{{ ref('a', {word}) }}}}") == (
        'select 1 from "dbt ref"."a_v2"'
    )
    assert problem(templates, "{{ ref('a', w=2) }}") == (
        "it reads the model `a` in a way that only dbt knows"
    )


def test_plain_calls_are_rendered_as_jinja_renders_them(templates: Templates) -> None:
    text = "select {{ mesh.typed('a', \"date\") }}, {{twice( 'b' )}}\nfrom {{ ref('x','y') }}"
    assert templates.render("orders", text) == templates.render("orders", text + "{# #}")
    assert sql(templates, text) == (
        'select cast(nullif(a, \'NA\') as date), b + b\nfrom "dbt ref"."y"'
    )


def test_the_macros_of_one_domain_are_not_those_of_another() -> None:
    shared = Templates({"mesh": SHARED})
    shared.of_domain("shop", OWN)
    assert problem(shared.of_domain("report", ()), "{{ twice('a') }}") == (
        "it uses `twice`, which only dbt knows"
    )


def test_a_macro_that_nests_without_end_is_none() -> None:
    assert Templates({"mesh": ("{" * 4000,)}).render("m", "select 1").texts == ("select 1",)
