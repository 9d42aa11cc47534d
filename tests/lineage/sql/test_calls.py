"""No argument of any function of DuckDB is lost on the way through the parser."""

from __future__ import annotations

import duckdb
import pytest

from mesh_platform.lineage.sql.calls import with_all_arguments
from mesh_platform.lineage.sql.model_lineage import model_lineage
from mesh_platform.lineage.sql.sources import Relation, Table, base_table
from tests.lineage.sql.reading import column_doubts

WIDE = ("month", "day", "hour", "year")


def _find(parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
    table = Table("", parts[-1])
    return table, base_table(table, WIDE)


def _values(expression: str) -> set[str]:
    found = model_lineage("m", [f"select {expression} as c from w"], _find).column("c")
    return {column.name for column in found.values | found.rows} - {"*"}


@pytest.mark.parametrize("name", ["date_trunc", "DateTrunc", "date_part", "datepart"])
def test_a_column_that_is_called_as_a_unit_is_a_column(name: str) -> None:
    assert _values(f"{name}(month, day)") == {"month", "day"}
    assert _values(f"{name} ('month', day)") == {"day"}
    assert _values(f"{name}(w.month, day)") == {"month", "day"}


@pytest.mark.parametrize("name", ["date_diff", "datediff", "date_sub", "datesub"])
def test_a_difference_names_its_unit_too(name: str) -> None:
    assert _values(f"{name}(month, day, hour)") == {"month", "day", "hour"}
    assert _values(f"{name}('month', day, hour)") == {"day", "hour"}


def test_a_unit_of_an_interval_or_of_extract_is_no_column() -> None:
    assert _values("interval (day) month") == {"day"}
    assert _values("extract(month from day)") == {"day"}
    assert _values("day + interval 1 month") == {"day"}


def test_a_text_without_such_a_call_stays_as_it_is() -> None:
    for text in ("select date_trunc, 'date_trunc(x)' from t", 'select "date_trunc"(a, b) from t'):
        assert with_all_arguments(text) == text
    assert column_doubts("select date_trunc(a, b) as c from t") == {"c": []}


def test_no_argument_of_any_function_is_lost() -> None:
    """Which functions the engine has, and with how many arguments, it says itself."""
    known = duckdb.sql(
        "select distinct function_name, len(parameters) from duckdb_functions() "
        "where function_type in ('scalar', 'aggregate', 'macro') and not internal is null "
        "and len(parameters) between 1 and 4 and regexp_full_match(function_name, '[a-z]\\w*')"
    ).fetchall()
    lost = []
    for name, number in known:
        wanted = set(WIDE[:number])
        found = model_lineage(
            "m", [f"select {name}({', '.join(WIDE[:number])}) as c from w"], _find
        )
        sources = found.column("c")
        named = {column.name for column in sources.values | sources.rows} | {
            column.name for column in found.relation.rows.rows
        }
        if not (wanted <= named or sources.doubts):
            lost.append((name, number, sorted(wanted - named)))
    assert lost == []
    assert len(known) > 500
