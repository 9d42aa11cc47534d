from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_platform.model.dbt_yaml import Value, written

WORDS = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != "{"))
DATA = st.recursive(
    WORDS | st.integers(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["name", "columns", "meta"]), DATA))
def test_what_is_written_reads_back_as_it_was(data: dict[str, Value]) -> None:
    assert (yaml.safe_load(written(data)) or {}) == data


def test_a_key_that_yaml_takes_for_something_else_is_quoted() -> None:
    assert written({"meta": {"no": "1", "a b": 2}}) == 'meta:\n  "no": "1"\n  "a b": 2\n'


def test_the_text_is_the_one_people_would_write() -> None:
    columns: list[Value] = [
        {"name": "on", "description": 'Said "yes".', "tests": [{"type": "not_null"}, "unique"]},
        {"name": "id", "tests": []},
    ]
    assert written({"version": 2, "models": [{"name": "orders", "columns": columns}]}) == (
        "version: 2\n"
        "models:\n"
        "  - name: orders\n"
        "    columns:\n"
        '      - name: "on"\n'
        '        description: "Said \\"yes\\"."\n'
        "        tests:\n"
        "          - type: not_null\n"
        "          - unique\n"
        "      - name: id\n"
        "        tests: []\n"
    )


def test_a_promise_that_looks_like_jinja_is_kept_from_dbt() -> None:
    assert written({"description": "write {{ name }}"}) == (
        'description: "{% raw %}write {{ name }}{% endraw %}"\n'
    )
