"""Every kind of check on real Parquet; what could not run is never green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from tests.checks.promises import column, contract, rule
from tests.engines.duckdb.parquet import write_parquet

BAD = (Outcome.FAILED, Outcome.COULD_NOT_RUN)


def _run(
    path: Path, typed: str, rows: list[tuple[Any, ...]], *columns: dict[str, Any], **more: Any
) -> dict[str, CheckResult]:
    file = write_parquet(path / "port.parquet", typed, rows)
    results = verify(contract(*columns, **more), (file,), [], ())
    return {result.check: result for result in results}


def _a(path: Path, kind: str, values: list[Any], **promises: Any) -> dict[str, CheckResult]:
    return _run(path, f"a {kind}", [(value,) for value in values], column("a", **promises))


KINDS = [
    ("required", "integer", {"required": True}, [1, 2], None),
    ("unique", "integer", {"unique": True}, [1, None, None], 1),
    ("allowed", "varchar", {"enum": [{"value": "x"}, {"value": "it's"}]}, ["x", "it's", None], "y"),
    ("range", "integer", {"logicalTypeOptions": {"minimum": 1}}, [1, 2, None], 0),
    ("range", "integer", {"logicalTypeOptions": {"maximum": 3}}, [3, None], 4),
    ("range", "double", {"logicalTypeOptions": {"exclusiveMinimum": 1}}, [1.5, None], 1.0),
    ("range", "double", {"logicalTypeOptions": {"exclusiveMaximum": 3}}, [2.9, None], 3.0),
    (
        "range",
        "date",
        {"logicalTypeOptions": {"minimum": "2013-01-01"}},
        ["2013-01-01"],
        "2012-12-31",
    ),
    ("length", "varchar", {"logicalTypeOptions": {"minLength": 2}}, ["ab", None], "a"),
    ("length", "varchar", {"logicalTypeOptions": {"maxLength": 2}}, ["ab", None], "abc"),
    ("pattern", "varchar", {"logicalTypeOptions": {"pattern": "^[A-Z]{2}$"}}, ["AB", None], "Ab"),
    ("multiple", "integer", {"logicalTypeOptions": {"multipleOf": 5}}, [5, 0, None], 6),
]


@pytest.mark.parametrize(("name", "kind", "promise", "good", "bad"), KINDS)
def test_a_promise_holds_on_good_data_and_one_bad_row_breaks_it(
    tmp_path: Path, name: str, kind: str, promise: dict[str, Any], good: list[Any], bad: Any
) -> None:
    held = _a(tmp_path, kind, good, **promise)[f"a_{name}"]
    assert (held.outcome, held.observed, held.sample) == (Outcome.PASSED, 0.0, ())
    broken = _a(tmp_path, kind, [*good, bad], **promise)[f"a_{name}"]
    assert (broken.outcome, broken.observed, broken.blocks) == (Outcome.FAILED, 1.0, True)
    assert broken.message == "observed 1, must be 0"
    assert len(broken.sample) == 1


@pytest.mark.parametrize(("name", "kind", "promise", "good", "bad"), KINDS)
def test_every_promise_but_a_row_count_holds_of_no_rows(
    tmp_path: Path, name: str, kind: str, promise: dict[str, Any], good: list[Any], bad: Any
) -> None:
    assert _a(tmp_path, kind, [], **promise)[f"a_{name}"].outcome is Outcome.PASSED


def test_the_sample_shows_the_broken_rows_at_most_five(tmp_path: Path) -> None:
    rows = [(number, None) for number in range(9)]
    broken = _run(tmp_path, "a integer, b varchar", rows, column("a"), column("b", required=True))
    assert len(broken["b_required"].sample) == 5
    assert broken["b_required"].sample[0].keys() == {"a", "b"}


def test_the_sample_hides_what_is_classified(tmp_path: Path) -> None:
    columns = (column("a", classification="restricted"), column("b", required=True))
    broken = _run(tmp_path, "a varchar, b varchar", [("secret", None)], *columns)
    assert broken["b_required"].sample == ({"a": "•••", "b": None},)


@pytest.mark.parametrize(
    ("query", "observed"),
    [
        ("select max(a) from port", None),
        ("select a from port order by a limit 1", None),
        ("select max(a) from port where b = 'x'", None),
        ("select max(v) from (select coalesce(a, 0) as v from port)", None),
        ("select max(a) from previous", None),
        ("select count(*) from port where a > 10", 1.0),
        ("select avg(a) from port", 7_000.0),
        ("select max(length(b)) from port", 1.0),
    ],
)
def test_the_number_of_a_rule_is_hidden_where_it_is_a_classified_value(
    tmp_path: Path, query: str, observed: float | None
) -> None:
    columns = (column("a", classification="restricted"), column("b"))
    top = rule(name="top", type="sql", query=query, mustBe=-1)
    typed = "a integer, b varchar"
    result = _run(tmp_path, typed, [(7_000, "x")], *columns, rules=(top,))["top"]
    if "previous" in query:
        assert "7000" not in result.message.replace(",", "")
        return
    assert (result.outcome, result.observed) == (Outcome.FAILED, observed)
    assert ("7,000" in result.message) == (observed == 7_000.0)
    if observed is None:
        assert result.message == "observed •••, must be -1 (classified columns are not shown)"


def test_an_error_message_does_not_tell_what_is_classified(tmp_path: Path) -> None:
    broken = _a(tmp_path, "varchar", ["secret"], classification="restricted", enum=[{"value": 1}])[
        "a_allowed"
    ]
    assert broken.outcome is Outcome.COULD_NOT_RUN
    assert "secret" not in broken.message


def test_a_key_of_two_columns_compares_both(tmp_path: Path) -> None:
    columns = (column("a", primaryKey=True), column("b", primaryKey=True))
    good = [(1, "x"), (1, "y"), (2, "x")]
    held = _run(tmp_path, "a integer, b varchar", good, *columns)
    assert {name: result.outcome for name, result in held.items() if name != "schema"} == {
        "primary_key": Outcome.PASSED,
        "a_required": Outcome.PASSED,
        "b_required": Outcome.PASSED,
    }
    broken = _run(tmp_path, "a integer, b varchar", [*good, (1, "x"), (1, "x")], *columns)
    assert broken["primary_key"].observed == 2.0
    assert broken["primary_key"].sample == ({"a": 1, "b": "x", "rows": 3},)


def test_a_null_in_a_key_breaks_presence_not_uniqueness(tmp_path: Path) -> None:
    columns = (column("a", primaryKey=True), column("b", primaryKey=True))
    broken = _run(tmp_path, "a integer, b varchar", [(1, None), (1, None)], *columns)
    assert broken["primary_key"].outcome is Outcome.PASSED
    assert (broken["b_required"].outcome, broken["b_required"].observed) == (Outcome.FAILED, 2.0)


def test_columns_with_hostile_names_are_checked(tmp_path: Path) -> None:
    name = 'my "odd" col; --'
    rows = [(1,), (1,), (None,)]
    typed = '"my ""odd"" col; --" integer'
    broken = _run(tmp_path, typed, rows, column(name, required=True, unique=True))
    assert sorted((r.outcome, r.observed) for r in broken.values()) == [
        (Outcome.FAILED, 1.0),
        (Outcome.FAILED, 1.0),
        (Outcome.PASSED, 0.0),
    ]


def test_the_schema_check_names_every_difference(tmp_path: Path) -> None:
    promised = (column("a", physicalType="VARCHAR"), column("b"))
    result = _run(tmp_path, "a integer, c integer", [(1, 1)], *promised)["schema"]
    assert (result.outcome, result.observed) == (Outcome.FAILED, 3.0)
    assert result.message == (
        "column `a` is promised as VARCHAR but the model returns INTEGER; "
        "column `b` is promised but the model does not return it; "
        "the model returns column `c`, which is not promised"
    )


@pytest.mark.parametrize(
    ("entry", "values", "observed", "passes"),
    [
        ({"metric": "rowCount", "mustBeBetween": [2, 3]}, [1, 2], 2.0, True),
        ({"metric": "rowCount", "mustBeBetween": [2, 3]}, [1], 1.0, False),
        ({"metric": "nullValues", "mustBeLessThan": 2}, [None, 1], 1.0, True),
        ({"metric": "nullValues", "mustBeLessThan": 2}, [None, None], 2.0, False),
        ({"metric": "nullValues", "mustBe": 25, "unit": "percent"}, [None, 1, 1, 1], 25.0, True),
        ({"metric": "nullValues", "mustBe": 0, "unit": "percent"}, [], 0.0, True),
        ({"metric": "duplicateValues", "mustBe": 50, "unit": "percent"}, [1, 1, 1, 2], 50.0, True),
        ({"metric": "duplicateValues", "mustBe": 2}, [1, 1, 1, 2], 2.0, True),
        (
            {"metric": "invalidValues", "mustBe": 1, "arguments": {"validValues": [1, 2]}},
            [1, 2, 3],
            1.0,
            True,
        ),
        (
            {"metric": "missingValues", "mustBe": 2, "arguments": {"missingValues": [None, 9]}},
            [9, None, 1],
            2.0,
            True,
        ),
        (
            {"type": "sql", "query": "select sum({column}) from {object}", "mustBe": 6},
            [1, 2, 3],
            6.0,
            True,
        ),
        (
            {"type": "sql", "query": "select sum({column}) from {object};", "mustBe": 5},
            [1, 2, 3],
            6.0,
            False,
        ),
        (
            {
                "type": "sql",
                "query": "with t as (from port) select count(*) > 1 from t",
                "mustBe": 1,
            },
            [1, 2],
            1.0,
            True,
        ),
    ],
)
def test_a_rule_of_the_contract_is_held_against_its_threshold(
    tmp_path: Path, entry: dict[str, Any], values: list[Any], observed: float, passes: bool
) -> None:
    entry = {"name": "it", **entry}
    result = _a(tmp_path, "integer", values, quality=[rule(**entry)])["it"]
    assert (result.observed, result.outcome) == (
        observed,
        Outcome.PASSED if passes else Outcome.FAILED,
    )


def test_a_percentage_is_said_with_its_unit(tmp_path: Path) -> None:
    entry = rule(name="it", metric="nullValues", mustBeLessThan=30, unit="percent")
    result = _a(tmp_path, "integer", [None, 1, 1], quality=[entry])["it"]
    assert result.message == "observed 33.33333333 %, must be less than 30 %"


def test_a_rule_of_the_table_checks_every_column_it_names(tmp_path: Path) -> None:
    entry = rule(name="it", metric="nullValues", mustBe=0, arguments={"properties": ["a", "b"]})
    columns = (column("a"), column("b"))
    result = _run(tmp_path, "a integer, b integer", [(1, None)], *columns, rules=(entry,))["it"]
    assert result.outcome in BAD


COULD_NOT_RUN = {
    "no such column": "select max(z) from port",
    "not SQL": "selct 1",
    "two statements": "select 0; select 0",
    "nothing": "",
    "only a comment": "-- nothing",
    "null": "select max(a) from port where false",
    "no row": "select a from port where false",
    "two rows": "select 0 union all select 0",
    "two columns": "select 0, 0",
    "a word": "select 'many'",
    "a date": "select date '2013-01-01'",
    "a list": "select [0]",
    "not a number": "select 'nan'::double",
    "read a file": "select count(*) from read_csv('/etc/passwd', header = false)",
    "read a text": "select length(content) from read_text('/etc/hostname')",
    "list files": "select 0 * count(*) from glob('/etc/*')",
    "a file as table": "select 0 * count(*) from '/etc/passwd.csv'",
    "attach": "attach '/tmp/x.duckdb' as x",
    "copy": "copy (select 0) to '/tmp/mesh-test-copy.csv'",
    "install": "install httpfs",
    "set": "set enable_external_access = true",
    "drop": "drop view port",
    "create": "create table x as select 0",
    "a nested file": "select 0 * (select count(*) from read_text('/etc/hostname'))",
    "a query in text": "from query('select 0 * count(*) from read_text(''/etc/hostname'')')",
}


@pytest.mark.parametrize("query", COULD_NOT_RUN.values(), ids=COULD_NOT_RUN.keys())
def test_an_sql_rule_that_cannot_say_a_number_could_not_run(tmp_path: Path, query: str) -> None:
    entry = {"name": "it", "type": "sql", "query": query, "mustBe": 0}
    result = _a(tmp_path, "integer", [1, 2], quality=[entry])["it"]
    assert (result.outcome, result.observed, result.blocks) == (Outcome.COULD_NOT_RUN, None, True)
    assert result.message


@pytest.mark.parametrize("operator", ["mustNotBe", "mustBeGreaterThan", "mustBeLessThan"])
def test_not_a_number_is_never_green(tmp_path: Path, operator: str) -> None:
    entry = {"name": "it", "type": "sql", "query": "select 'nan'::double", operator: 5}
    assert _a(tmp_path, "integer", [1], quality=[entry])["it"].outcome in BAD


def test_a_rule_that_could_not_run_does_not_stop_the_next(tmp_path: Path) -> None:
    entries = [
        {"name": "bad", "type": "sql", "query": "select z", "mustBe": 0},
        {"name": "good", "type": "sql", "query": "select 0", "mustBe": 0},
    ]
    results = _a(tmp_path, "integer", [1], quality=entries)
    assert [results[name].outcome for name in ("bad", "good")] == [
        Outcome.COULD_NOT_RUN,
        Outcome.PASSED,
    ]


def test_a_rule_of_another_tool_could_not_run_and_says_the_way_out(tmp_path: Path) -> None:
    entry = {"name": "it", "type": "custom", "engine": "soda", "implementation": "x"}
    result = _a(tmp_path, "integer", [1], quality=[entry])["it"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert result.message == (
        "the engine `soda` does not run here; "
        "write the rule as `type: sql`, or for the engine `greatExpectations`"
    )


def test_a_warning_that_could_not_run_is_not_green_and_does_not_block(tmp_path: Path) -> None:
    entry = {"name": "it", "type": "sql", "query": "select z", "mustBe": 0, "severity": "warning"}
    result = _a(tmp_path, "integer", [1], quality=[entry])["it"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, False)


def test_a_rule_may_read_the_inputs_that_the_run_read(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a integer", [(1,), (2,)])
    other = write_parquet(tmp_path / "other.parquet", "a integer", [(1,)])
    query = "select count(*) from port anti join other.things using (a)"
    entry = {"name": "it", "type": "sql", "query": query, "mustBe": 0}
    promise = contract(column("a", quality=[entry]))
    view = View("other", "things", parquet_query([other]))
    (_, result) = verify(promise, (file,), [view], (other,))
    assert (result.outcome, result.observed) == (Outcome.FAILED, 1.0)
    (_, sealed) = verify(promise, (file,), [], ())
    assert sealed.outcome is Outcome.COULD_NOT_RUN


PROMISED = (
    column("id", logicalType="integer", primaryKey=True),
    column("code", logicalType="string", required=True, logicalTypeOptions={"pattern": "^[a-z]+$"}),
    column("size", logicalType="integer", logicalTypeOptions={"minimum": -5, "maximum": 5}),
    column("kind", logicalType="string", enum=[{"value": "x"}, {"value": "y"}]),
    column("word", logicalType="string", logicalTypeOptions={"minLength": 1, "maxLength": 3}),
    column("tag", logicalType="integer", unique=True),
)
GOOD_ROW = st.tuples(
    st.from_regex(r"[a-z]{1,4}", fullmatch=True),
    st.none() | st.integers(-5, 5),
    st.none() | st.sampled_from("xy"),
    st.none() | st.text("ab'\"é", min_size=1, max_size=3),
)
BREAK: dict[str, tuple[int, Any]] = {
    "id_required": (0, None),
    "code_required": (1, None),
    "code_pattern": (1, "A1"),
    "size_range": (2, 6),
    "kind_allowed": (3, "z"),
    "word_length": (4, "long"),
}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), rows=st.lists(GOOD_ROW, min_size=2, max_size=12))
def test_exactly_the_broken_promise_fails(
    tmp_path: Path, data: st.DataObject, rows: list[tuple[Any, ...]]
) -> None:
    """Random good data in which one promise is broken fails one check; with none broken, none."""
    table = [[number, *row, 100 + number] for number, row in enumerate(rows)]
    broken = data.draw(st.sampled_from([None, "primary_key", "tag_unique", *BREAK]))
    victim = data.draw(st.integers(0, len(table) - 2))
    if broken in ("primary_key", "tag_unique"):
        place = 0 if broken == "primary_key" else 5
        table[victim][place] = table[-1][place]
    elif broken is not None:
        place, value = BREAK[broken]
        table[victim][place] = value
    typed = "id integer, code varchar, size integer, kind varchar, word varchar, tag integer"
    results = _run(tmp_path, typed, [tuple(row) for row in table], *PROMISED)
    failed = [name for name, result in results.items() if result.outcome is not Outcome.PASSED]
    assert failed == ([broken] if broken else [])
