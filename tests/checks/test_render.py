from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.checks.derive import derive
from mesh_platform.checks.render import Rendered, render
from mesh_platform.checks.sql import literal, quoted
from tests.checks.promises import column, contract, rule


def _sql(**promises: Any) -> Rendered | None:
    return render(derive(contract(column("a", **promises)))[1])


def test_one_select_counts_the_broken_rows_and_one_shows_them() -> None:
    assert _sql(required=True) == Rendered(
        'select count(*) from port where "a" is null',
        'select * from port where "a" is null limit 5',
    )


def test_a_percentage_counts_out_of_all_rows() -> None:
    entry = rule(metric="nullValues", mustBeLessThan=5, unit="percent")
    found = _sql(quality=[entry])
    assert found is not None
    assert found.observed == (
        'select coalesce(100.0 * count(*) filter (where "a" is null) / nullif(count(*), 0), 0)'
        " from port"
    )


def test_characters_are_counted_only_where_the_bytes_leave_it_open() -> None:
    found = _sql(logicalType="string", logicalTypeOptions={"minLength": 2, "maxLength": 9})
    assert found is not None
    assert found.observed == (
        'select count(*) from port where (strlen("a"::varchar) < 8 and length("a"::varchar) < 2)'
        ' or (strlen("a"::varchar) > 9 and length("a"::varchar) > 9)'
    )


def test_repeated_keys_are_rows_less_distinct_rows_and_nulls_are_not_compared() -> None:
    found = _sql(unique=True)
    assert found is not None
    assert found.observed == (
        'select ((select count(*) from port where "a" is not null)'
        ' - (select count(*) from (select distinct "a" from port where "a" is not null)))'
    )


def test_the_schema_and_what_is_unsupported_have_no_sql() -> None:
    specs = derive(contract(column("a"), rules=({"type": "custom", "engine": "x"},)))
    assert [render(spec) for spec in specs] == [None, None]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (1.5, "1.5"),
        ("it's", "'it''s'"),
        ("'; drop table x; --", "'''; drop table x; --'"),
    ],
)
def test_a_value_is_written_as_a_literal(value: object, written: str) -> None:
    assert literal(value) == written


@given(st.text(alphabet='a"'))
def test_a_quoted_name_never_ends_early(name: str) -> None:
    inside = quoted(name)[1:-1]
    assert inside.replace('""', "").count('"') == 0
