from __future__ import annotations

import pytest

from mesh_platform.checks.sql_rules import sql_problem

READABLE = {("other", "things")}
ALLOWED = [
    "select count(*) from port",
    "from port",
    "(select 1)",
    "select 1;",
    "select 1 union all select 2",
    "with t as (from port) select count(*) > 1 from t",
    "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t",
    "select count(*) from port anti join other.things using (a)",
    "select count(*) from Port join OTHER.Things using (a)",
    "select count(*) from port p where not exists (select 1 from other.things o where o.a = p.a)",
    "select max(x) from (select unnest(tags) as x from port)",
    "select count(*) from port, unnest(port.tags) as u(t) where t > 1",
    "select count(*) from range(3)",
    "select count(*) from generate_series(1, 3) g(x)",
    "select max(x) from (values (1)) t(x)",
    "select count(*) from port qualify row_number() over (partition by a) = 1",
    "select count(*) filter (where list_contains(tags, 'x')) from port",
    "select count(*) from port asof join other.things using (a)",
]


@pytest.mark.parametrize("query", ALLOWED)
def test_one_select_over_the_port_and_the_inputs_may_run(query: str) -> None:
    assert sql_problem(query, READABLE) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "the rule must be exactly one SELECT, it has 0 statements"),
        ("-- nothing", "the rule must be exactly one SELECT, it has 0 statements"),
        ("select 0; select 0", "the rule must be exactly one SELECT, it has 2 statements"),
        ("drop view port", "the rule must be exactly one SELECT, it is DROP"),
        ("attach 'x' as y", "the rule must be exactly one SELECT, it is ATTACH"),
        ("copy (select 0) to 'x'", "the rule must be exactly one SELECT, it is COPY"),
        ("install httpfs", "the rule must be exactly one SELECT, it is INSTALL"),
        ("set x = true", "the rule must be exactly one SELECT, it is SET"),
        ("pragma version", "the rule must be exactly one SELECT, it is PRAGMA"),
        ("call pragma_version()", "the rule must be exactly one SELECT, it is COMMAND"),
        ("explain select 1", "the rule must be exactly one SELECT, it is COMMAND"),
        ("select * into x from port", "the rule must only read, it has INTO inside"),
        (
            "with x as (insert into y values (1) returning *) select * from x",
            "the rule must only read, it has INSERT inside",
        ),
        (
            "selct 1",
            "the rule is not SQL that can be read: "
            "Invalid expression / Unexpected token. Line 1, Col: 7.",
        ),
    ],
)
def test_what_is_not_one_select_is_named(query: str, said: str) -> None:
    assert sql_problem(query, READABLE) == said


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from read_csv('/etc/passwd')",
        "select count(*) from read_parquet('x')",
        "select 0 * (select count(*) from read_text('/etc/hostname'))",
        "select read_text('x')",
        "select * from glob('/etc/*')",
        "select * from parquet_metadata('x')",
        "select * from sniff_csv('x')",
        "select getenv('HOME')",
        "select current_setting('threads')",
        "select getvariable('x')",
        "select * from duckdb_settings()",
        "select * from pragma_version()",
        "select * from query('select 1')",
        "select * from query_table('port')",
        "select http_get('https://example.com')",
        "with t as (select read_blob('x')) select count(*) from t",
    ],
)
def test_a_function_that_reaches_outside_is_named(query: str) -> None:
    said = sql_problem(query, READABLE)
    assert said is not None
    assert said.endswith("which reaches outside the data it may read")


def test_a_table_function_that_nobody_listed_is_refused() -> None:
    assert sql_problem("select * from test_all_types()", READABLE) == (
        "the rule reads from `test_all_types`; "
        "of functions it may read from `generate_series`, `range`, `unnest` only"
    )


@pytest.mark.parametrize(
    "condition",
    ["o.a = p.a and o.b = p.b", "starts_with(o.a, p.a)", "o.a = p.a or lower(o.b) = p.b"],
)
@pytest.mark.parametrize("join", ["join", "left join", "anti join", "semi join"])
def test_a_function_in_the_condition_of_a_join_is_not_read_from(condition: str, join: str) -> None:
    query = f"select count(*) from port p {join} port o on {condition}"
    assert sql_problem(query, READABLE) is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("select * from 'x.csv'", "x.csv"),
        ('select * from "x.csv"', "x.csv"),
        ('select * from "other.things"', "other.things"),
        ("select * from other.secret", "other.secret"),
        ("select * from things", "things"),
        ("select * from memory.other.things", "memory.other.things"),
        ("select * from information_schema.tables", "information_schema.tables"),
        ("select * from port where a in (select a from hidden)", "hidden"),
        ('with "/etc/p.csv" as (select 1) select * from "/etc/p.csv"', "/etc/p.csv"),
    ],
)
def test_a_table_that_the_product_does_not_read_is_named(query: str, name: str) -> None:
    said = sql_problem(query, READABLE)
    assert said is not None
    assert said.startswith(
        f"the rule reads `{name}`, which is neither the port nor an input port of the product; "
    )


def test_a_deeply_nested_rule_is_refused_not_a_crash() -> None:
    query = "select " + "(" * 5000 + "1" + ")" * 5000
    assert sql_problem(query, READABLE) == (
        "the rule is not SQL that can be read: it is nested too deeply"
    )


@pytest.mark.parametrize(
    "query", ["select " + "not " * 20000 + "true", "select 1" + " + 1" * 20000]
)
def test_a_very_long_rule_is_refused_or_read_but_never_a_crash(query: str) -> None:
    said = sql_problem(query, READABLE)
    assert said is None or said.startswith("the rule is not SQL that can be read")


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from {{ ref('orders') }}",
        "select {{ x }} from port",
        "{% if x %}select 1{% endif %}",
    ],
)
def test_jinja_in_a_rule_is_called_by_its_name(query: str) -> None:
    said = sql_problem(query, ())
    assert said is not None
    assert said.startswith("the rule holds Jinja (`{")
    assert "`${object}` is the port" in said


@pytest.mark.parametrize("query", ["select 1 from {", "select 1 from port where a =", "select }"])
def test_no_object_of_the_parser_is_shown(query: str) -> None:
    said = sql_problem(query, ())
    assert said is not None
    assert "Token" not in said
    assert "class" not in said


def test_braces_in_a_text_are_no_jinja() -> None:
    assert sql_problem("select count(*) from port where a = '{{ x }}'", ()) is None
