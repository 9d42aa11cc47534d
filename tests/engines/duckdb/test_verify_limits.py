"""What no rule may do to a run: take for ever, hang on a broken file, end in a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.duckdb.session import open_session, within
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from tests.checks.promises import column, contract, rule
from tests.engines.duckdb.checking import a, broken
from tests.engines.duckdb.parquet import write_parquet

BOMB = "select count(*) from range(1000000) a, range(1000000) b where a.range % 7 = b.range % 11"


def test_a_rule_that_takes_too_long_is_stopped_and_the_next_one_runs(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(1,)])
    entries = [
        {"name": "bomb", "type": "sql", "query": BOMB, "mustBe": 0},
        {"name": "next", "type": "sql", "query": "select 0", "mustBe": 0},
    ]
    results = verify(contract(column("a", quality=entries)), (file,), [], (), limit=0.5)
    _, bomb, after = results
    assert (bomb.outcome, bomb.observed, bomb.blocks) == (Outcome.COULD_NOT_RUN, None, True)
    assert bomb.message == "it took longer than 0.5 s; ask for less in one rule, or split it"
    assert after.outcome is Outcome.PASSED


def test_an_interrupt_that_comes_too_late_stops_nothing() -> None:
    session = open_session()
    with within(session, 60):
        assert session.execute("select 1").fetchall() == [(1,)]
    session.interrupt()
    assert session.execute("select count(*) from range(1000000)").fetchall() == [(1000000,)]


@pytest.mark.parametrize("content", [b"", b"not a Parquet file", b"PAR1 half of one PAR1"])
def test_a_port_whose_file_cannot_be_read_has_no_green_check(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "port.parquet"
    file.write_bytes(content)
    promise = contract(
        column("a", required=True), rules=(rule(name="rows", metric="rowCount", mustBe=0),)
    )
    results = verify(promise, (str(file),), [], ())
    assert [result.outcome for result in results] == [Outcome.COULD_NOT_RUN] * 3
    assert all(r.message.startswith("the port's files cannot be read: ") for r in results)


def test_a_port_that_is_damaged_in_the_middle_has_no_green_check(tmp_path: Path) -> None:
    rows = [(f"value {number}",) for number in range(2000)]
    file = Path(write_parquet(tmp_path / "port.parquet", "a varchar", rows))
    data = bytearray(file.read_bytes())
    data[4 : len(data) // 2] = b"\xff" * (len(data) // 2 - 4)
    file.write_bytes(bytes(data))
    results = verify(contract(column("a", unique=True)), (str(file),), [], ())
    assert results[1].outcome is Outcome.COULD_NOT_RUN


def test_an_input_whose_file_cannot_be_read_stops_only_who_reads_it(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(1,)])
    bad = tmp_path / "other.parquet"
    bad.write_bytes(b"not a Parquet file")
    query = 'select count(*) from "other".things'
    entry = {"name": "it", "type": "sql", "query": query, "mustBe": 0}
    link = [{"to": "things.a"}]
    promise = contract(column("a", required=True, quality=[entry], relationships=link))
    view = View("other", "things", parquet_query([str(bad)]))
    known = {("other", "things"): contract(column("a"), name="things")}
    results = {r.check: r for r in verify(promise, (file,), [view], (str(bad),), known)}
    assert broken(results) == {"it": None, "a_foreign_key": None}
    assert results["it"].message.startswith("the files of `other.things` cannot be read: ")


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(a)\1", "[z-a]", "*"])
def test_a_pattern_that_does_not_compile_is_not_green(tmp_path: Path, pattern: str) -> None:
    promise = {"logicalType": "string", "logicalTypeOptions": {"pattern": pattern}}
    for values in (["x"], [None], []):
        result = a(tmp_path, "varchar", values, **promise)["a_pattern"]
        assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"metric": "nullValues", "mustBe": 0, "arguments": {"properties": ["b"]}},
            "the contract has no column `b`; known: `a`",
        ),
        (
            {"metric": "nullValues", "mustBe": 0, "arguments": {"properties": "a"}},
            "`properties` must be a list of columns",
        ),
        (
            {"metric": "nullValues", "mustBe": 0},
            "the rule names no column; list them under `arguments: {properties: [...]}`",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0},
            "the rule names no column; list them under `arguments: {properties: [...]}`",
        ),
        (
            {"metric": "rowCount"},
            "the rule does not say what must hold; add an operator, for instance `mustBe: 0`",
        ),
        (
            {"metric": "rowCount", "mustBe": 0, "arguments": {"propertys": []}},
            "`propertys` is no argument of a metric; did you mean `properties`?",
        ),
        (
            {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": "x"}},
            "`missingValues` must be a list of values",
        ),
        (
            {
                "metric": "invalidValues",
                "mustBe": 0,
                "arguments": {"properties": ["a"], "pattern": 1},
            },
            "`pattern` must be text",
        ),
        (
            {"rule": "nullCheck", "mustBe": 0},
            "`metric` is missing or unknown; known: `duplicateValues`, `invalidValues`, "
            "`missingValues`, `nullValues`, `rowCount`",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_says_why_and_is_not_green(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(1,)])
    promise = contract(column("a"), rules=(rule(name="it", **entry),))
    result = verify(promise, (file,), [], ())[1]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert result.message == said


def test_a_promise_on_a_column_that_the_data_lacks_is_not_green(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "b integer", [(1,)])
    results = verify(contract(column("a", required=True, unique=True)), (file,), [], ())
    assert [r.outcome for r in results] == [Outcome.FAILED] + [Outcome.COULD_NOT_RUN] * 2


def test_a_very_long_column_name_makes_a_short_check_name(tmp_path: Path) -> None:
    one, two = "x" * 300, "x" * 299 + "y"
    promise = contract(column(one, required=True), column(two, required=True))
    file = write_parquet(tmp_path / "port.parquet", f"{one} integer, {two} integer", [(1, None)])
    results = verify(promise, (file,), [], ())
    names = [result.check for result in results]
    assert len(set(names)) == 3
    assert max(map(len, names)) == 120
    assert [r.outcome for r in results] == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]


def test_rules_of_one_name_all_run(tmp_path: Path) -> None:
    quality = [rule(name="it", metric="nullValues", mustBe=number) for number in (0, 1, 2)]
    results = a(tmp_path, "integer", [1], quality=quality)
    assert broken(results) == {"it_2": 0.0, "it_3": 0.0}


def test_an_input_cannot_take_the_place_of_the_port(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(None,)])
    other = write_parquet(tmp_path / "other.parquet", "a integer", [(1,)])
    view = View("main", "port", parquet_query([other]))
    results = verify(contract(column("a", required=True)), (file,), [view], (other,))
    assert [result.outcome for result in results] == [Outcome.PASSED, Outcome.FAILED]
