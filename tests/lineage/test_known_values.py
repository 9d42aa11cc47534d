"""What files tell of variables and the target, and what only dbt knows."""

from __future__ import annotations

import pytest
import yaml
from jinja2 import nodes

from mesh_platform.lineage.known_values import Values
from mesh_platform.lineage.static_jinja import NotStaticError, static_environment
from mesh_platform.lineage.templates import Templates
from mesh_platform.model.dbt_project import TARGET
from tests.small_mesh import REPOSITORY

VALUES = Values(
    variables={"plain": "a", "number": 3, "nested": "{{ var('plain') }}", "items": ["a"]},
    elsewhere=frozenset({"taken"}),
    environment={"ON": "yes", "WORD": "hidden", "SET": "here", "DBT_ENV_SECRET_X": "yes"},
    set_for_dbt=frozenset({"SET"}),
)


def _value(text: str) -> object:
    return VALUES.of_text(f"{{{{ {text} }}}}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("var('plain')", "a"),
        ("var('number') > 2", True),
        ("var('other', 'b')", "b"),
        ("var('items')", ["a"]),
        ("target.name", "mesh"),
        ("target['name'] == 'prod'", False),
        ("env_var('ON') == 'yes'", True),
        ("env_var('OFF', 'False') | as_bool", False),
        ("var('other', 'True') | as_native", True),
        ("mat | default('view') if false else 'table'", "table"),
    ],
)
def test_what_files_decide_is_known(text: str, value: object) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "var('nested')",
        "var('nobody')",
        "var('taken', 1)",
        "target",
        "target | string",
        "target.threads",
        "target.threads is defined",
        "execute is defined",
        "mat | default('ephemeral')",
        "env_var('WORD')",
        "env_var('WORD') ~ '!'",
        "env_var('SET', '') != ''",
        "env_var('DBT_ENV_SECRET_X') == 'yes'",
        "env_var('NOBODY')",
        "var('number') | as_bool",
        "run_query('select 1')",
        "1 / 0",
    ],
)
def test_what_only_dbt_knows_is_not_guessed(text: str) -> None:
    with pytest.raises(NotStaticError):
        _value(text)


@pytest.mark.parametrize(
    "text", ["x{{ 1 }}", "{% if true %}1{% endif %}", "{{ 1 }}{{ 2 }}", "{{ ("]
)
def test_a_text_that_is_not_one_expression_is_left_to_dbt(text: str) -> None:
    with pytest.raises(NotStaticError):
        VALUES.of_text(text)


def test_a_template_changes_no_variable_of_the_next() -> None:
    templates = Templates({}).of_domain("shop", (), VALUES)
    one = templates.render("one", "{% do var('items').append('b') %}select {{ var('items') }}")
    two = templates.render("two", "select {{ var('items') }}")
    assert (one.texts, two.texts) == (("select ['a']",), ("select ['a']",))


def test_a_template_that_asks_for_more_of_the_target_is_left_to_dbt() -> None:
    templates = Templates({}).of_domain("shop", (), VALUES)
    for asked in ("{{ target }}", "{% if target == 1 %}{% endif %}", "{{ var('nested') }}"):
        assert templates.render("m", f"select 1 {asked}").texts == ()


def test_the_target_is_that_of_the_shared_profile() -> None:
    text = (REPOSITORY / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(text)["mesh"]
    output = profile["outputs"][profile["target"]]
    assert TARGET["name"] == profile["target"]
    assert (TARGET["type"], TARGET["schema"]) == (output["type"], output.get("schema", "main"))


def test_an_expression_of_a_template_is_evaluated_by_itself() -> None:
    tree = static_environment().parse("{{ config(enabled=var('number') > 5) }}")
    call = next(c for c in tree.find_all(nodes.Call) if c.kwargs)
    assert VALUES.of(call.kwargs[0].value) is False
