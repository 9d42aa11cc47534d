"""The page on Great Expectations tells the truth: its table, its examples and its way around."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mesh_platform.checks.derive import derive
from mesh_platform.checks.suites import names_great_expectations, read_inline, read_suite
from mesh_platform.engines.duckdb.session import open_session
from mesh_platform.engines.great_expectations.runner import compile_suite
from mesh_platform.model.contract import Severity
from tests.checks.promises import column, contract, rule
from tests.engines.great_expectations.shipped_expectations import CASES

PAGE = Path(__file__).parent.parent / "docs/reference/great_expectations.md"
TEXT = PAGE.read_text(encoding="utf-8")


def _block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return str(found)


def _said(kind: str) -> str:
    runs = [case for case in CASES if case.type == kind and not case.cannot_run]
    cannot = [case for case in CASES if case.type == kind and case.cannot_run]
    if not cannot:
        return "runs"
    reason = f"cannot: {cannot[0].cannot_run}"
    if not runs:
        return reason
    able, unable = (f"`method: {case.kwargs['method']}`" for case in (runs[0], cannot[0]))
    return f"with {able}; {unable} {reason}"


def test_the_table_tells_of_every_expectation_whether_it_runs() -> None:
    table = TEXT.split("## Which expectations run")[1].split("What cannot run")[0]
    told = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    assert told == [(kind, _said(kind)) for kind in dict.fromkeys(case.type for case in CASES)]


def test_the_example_in_a_contract_is_read() -> None:
    (entry,) = yaml.safe_load(_block("yaml"))["quality"]
    made = contract(column("distance"), rules=(entry,)).rules[0]
    (read,) = read_inline(entry["implementation"], made)
    assert names_great_expectations(made.engine)
    assert (read.name, read.columns, read.severity) == (
        "plausible_distance",
        ("distance",),
        Severity.WARNING,
    )


def test_the_example_suite_is_read() -> None:
    read = read_suite(_block("json"), "suite.json")
    assert [one.name for one in read] == [
        "distance_between",
        "carrier_flight_scheduled_at_compound_columns_unique",
    ]


@pytest.mark.slow
def test_the_example_in_python_becomes_a_suite(tmp_path: Path) -> None:
    path = tmp_path / "expectations.py"
    path.write_text(_block("python"), encoding="utf-8")
    read = read_suite(compile_suite(path), "expectations.py")
    assert [one.name for one in read] == ["arrival_after_departure", "carrier_not_null"]


INSTEAD = re.findall(r"^\| `(\w+)` \| `(select .+)` \|$", TEXT, re.MULTILINE)


def test_nearly_all_that_cannot_run_has_a_way_around() -> None:
    cannot = {case.type for case in CASES if case.cannot_run}
    assert cannot - {kind for kind, _ in INSTEAD} == {
        "expect_column_values_to_match_json_schema",
        "expect_column_values_to_not_be_outliers",
    }


@pytest.mark.parametrize(("kind", "query"), INSTEAD)
def test_a_way_around_tells_good_from_bad(kind: str, query: str) -> None:
    made = contract(column("a"), rules=(rule(type="sql", name="x", query=query, mustBe=0),))
    sql = next(spec.query for spec in derive(made) if spec.name == "x")
    case = next(case for case in CASES if case.type == kind)
    counted = []
    for table in (case.good, case.bad):
        session = open_session()
        session.execute(f"create view port as select a, row_number() over () as b from ({table})")
        counted.append(session.execute(str(sql)).fetchall())
    assert counted == [[(0,)], [(1,)]]
