"""Every expectation that is shipped, on real DuckDB; what cannot run is never green.

All but two tests import Great Expectations, which takes seconds: they are slow.
"""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.suites import Expectation
from mesh_platform.engines.duckdb.session import Connection, open_session, seal
from mesh_platform.engines.great_expectations.dialect import BufferedCursor
from mesh_platform.engines.great_expectations.runner import ExpectationAnswer, run_expectations
from mesh_platform.errors import Place
from mesh_platform.model.contract import Severity
from tests.engines.great_expectations.shipped_expectations import CASES, Case

BETWEEN = "expect_column_values_to_be_between"


def _session(port: str) -> Connection:
    opened = open_session()
    opened.execute(f"create view port as {port}")
    opened.execute("create view other as select * from range(2)")
    seal(opened, [])
    return opened


def _expect(kind: str, **kwargs: Any) -> Expectation:
    return Expectation(kind, kind, kwargs, Severity.ERROR, Place("suite.json", 1))


def _one(port: str, kind: str, **kwargs: Any) -> ExpectationAnswer:
    return run_expectations(_session(port), [_expect(kind, **kwargs)])[0]


def test_without_great_expectations_nothing_ran_and_the_way_out_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    answer = _one("select 1 as a", BETWEEN, column="a", min_value=0)
    assert (answer.outcome, answer.observed) == (Outcome.COULD_NOT_RUN, None)
    assert answer.message == (
        "Great Expectations is not installed: pip install 'mesh-platform[expectations]'"
    )


def test_without_expectations_nothing_is_imported() -> None:
    code = (
        "import sys; from mesh_platform.engines.great_expectations.runner import run_expectations; "
        "print(run_expectations(None, []), 'great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "() False\n"


def _id(case: Case) -> str:
    return f"{case.type} {case.kwargs.get('method', '')}".strip()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_shipped_expectation_says_what_it_should_or_that_it_cannot(case: Case) -> None:
    good = _one(case.good, case.type, **case.kwargs)
    bad = _one(case.bad, case.type, **case.kwargs)
    if case.cannot_run:
        assert {good.outcome, bad.outcome} == {Outcome.COULD_NOT_RUN}
        assert good.message == bad.message == case.cannot_run
        return
    assert (good.outcome, bad.outcome) == (Outcome.PASSED, Outcome.FAILED), bad.message
    if isinstance(case.observed, float):
        assert bad.observed == pytest.approx(case.observed)
    else:
        assert bad.observed == case.observed


@pytest.mark.slow
def test_no_shipped_expectation_is_left_out() -> None:
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    names = list_registered_expectation_implementations()
    shipped = {n for n in names if get_expectation_impl(n).__module__.startswith("great_")}
    assert {case.type for case in CASES} == shipped


COUNTED = [
    ("expect_column_values_to_not_be_null", {"column": "k"}, "k is null"),
    (
        "expect_column_values_to_be_unique",
        {"column": "id"},
        "id in (select id from port group by id having count(*) > 1)",
    ),
    (
        BETWEEN,
        {"column": "amount", "min_value": 0, "max_value": 100},
        "amount not between 0 and 100",
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "status", "value_set": ["new", "paid", "sent"]},
        "status not in ('new', 'paid', 'sent')",
    ),
    (
        "expect_column_values_to_match_regex",
        {"column": "code", "regex": "^[A-Z]{2}-[0-9]+$"},
        "not regexp_matches(code, '^[A-Z]{2}-[0-9]+$')",
    ),
    (
        BETWEEN,
        {"column": "day", "min_value": "2013-01-01", "max_value": "2013-12-31"},
        "day not between date '2013-01-01' and date '2013-12-31'",
    ),
    (
        BETWEEN,
        {"column": "moment", "max_value": "2013-06-01T00:00:00"},
        "moment > timestamp '2013-06-01'",
    ),
]


def _with_errors(rows: int) -> str:
    """SQL of rows in which each column is wrong here and there."""
    chance = random.Random(7)
    k, id_, amount, status, code, day = (chance.randrange(50, 400) for _ in range(6))
    return f"""
        select
            case when i % {k} = 0 then null else i end as k,
            case when i % {id_} = 1 then i - 1 else i end as id,
            (case when i % {amount} = 2 then -0.01 else i % 100 end)::decimal(9, 2) as amount,
            case when i % {status} = 3 then 'lost' when i % 9 > 0 then 'paid' end as status,
            case when i % {code} = 4 then 'ab-1' else 'AB-' || i end as code,
            date '2013-01-01' + (case when i % {day} = 5 then 400 else i % 365 end)::integer as day,
            timestamp '2013-05-31' + to_minutes(i % 1500) as moment
        from range({rows}) r(i)"""


@pytest.mark.slow
def test_counts_are_those_of_plain_sql() -> None:
    session = open_session()
    session.execute(f"create view port as {_with_errors(10_000)}")
    answers = run_expectations(session, [_expect(kind, **kwargs) for kind, kwargs, _ in COUNTED])
    counted = [
        session.execute(f"select count(*) from port where {broken}").fetchall()[0][0]
        for _, _, broken in COUNTED
    ]
    assert min(counted) > 10
    assert [answer.observed for answer in answers] == counted
    assert {answer.outcome for answer in answers} == {Outcome.FAILED}
    assert [len(answer.sample) for answer in answers] == [5] * len(COUNTED)
    assert all(answer.seconds > 0 for answer in answers)


@pytest.mark.slow
def test_of_a_million_rows_only_a_few_reach_python(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[int] = []
    execute = BufferedCursor.execute

    def counting(cursor: BufferedCursor, *arguments: Any) -> None:
        execute(cursor, *arguments)
        fetched.append(cursor.rowcount)

    monkeypatch.setattr(BufferedCursor, "execute", counting)
    session = open_session()
    session.execute(f"create table port as {_with_errors(1_000_000)}")
    rows = "select * from {batch} where id >= 10"
    wanted = [
        *(_expect(kind, **kwargs) for kind, kwargs, _ in COUNTED),
        _expect("unexpected_rows_expectation", unexpected_rows_query=rows),
    ]
    run_expectations(session, wanted)
    fetched.clear()
    tracemalloc.start()
    answers = run_expectations(session, wanted)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (answers[-1].outcome, answers[-1].observed) == (Outcome.FAILED, 999_990.0)
    assert {answer.outcome for answer in answers} == {Outcome.FAILED}
    assert sum(fetched) < 500
    assert peak < 20_000_000


@pytest.mark.slow
def test_an_expectation_that_would_fetch_the_table_is_refused() -> None:
    port = "select i as a from range(100_001) r(i)"
    answer = _one(port, "expect_column_distinct_values_to_equal_set", column="a", value_set=[1])
    assert answer.outcome is Outcome.COULD_NOT_RUN
    assert answer.message.endswith("it would bring more than 100,000 rows into memory")


BROKEN = [
    ("expect_nothing", {}, "Great Expectations knows no type `expect_nothing`"),
    (BETWEEN, {"column": "gone", "min_value": 1}, "the port has no column `gone`"),
    (BETWEEN, {"min_value": 1}, "`column`: field required"),
    (
        BETWEEN,
        {"column": "a", "minimum": 1},
        "`minimum`: extra fields not permitted; min_value and max_value cannot both be None",
    ),
    (
        "expect_column_mean_to_be_between",
        {"column": "b", "min_value": 1},
        "Binder Error: No function matches the given name and argument types "
        "'*(DOUBLE, VARCHAR)'. You might need to add explicit type casts.",
    ),
    (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select * from nowhere"},
        "CatalogException: Catalog Error: Table with name nowhere does not exist!",
    ),
    (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select 1) as x; drop view port; select (1"},
        "RefusedStatementError: an expectation may run one SELECT, nothing else",
    ),
    (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select * from read_csv('/etc/hostname')"},
        'PermissionException: Permission Error: Cannot access file "/etc/hostname" - file system '
        "operations are disabled by configuration",
    ),
    (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select * from {table}"},
        "`unexpected_rows_query` knows the placeholder {batch} only; write other braces twice",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "kwargs", "said"), BROKEN)
def test_what_goes_wrong_is_told_in_a_sentence_and_is_not_green(
    kind: str, kwargs: dict[str, Any], said: str
) -> None:
    session = _session("select 1 as a, 'x' as b")
    first, last = run_expectations(
        session, [_expect(kind, **kwargs), _expect(BETWEEN, column="a", min_value=1)]
    )
    assert (first.outcome, first.observed, first.sample) == (Outcome.COULD_NOT_RUN, None, ())
    assert first.message == said
    assert last.outcome is Outcome.PASSED


@pytest.mark.slow
def test_a_query_that_great_expectations_tries_again_is_stopped_all_the_same() -> None:
    session = _session("select range as a from range(20_000_000_000)")
    count = _expect("expect_table_row_count_to_equal", value=1)
    wanted = [count, _expect(BETWEEN, column="a", min_value=1)]
    for answer in run_expectations(session, wanted, limit=0.5):
        assert answer.outcome is Outcome.COULD_NOT_RUN
        assert answer.message == "it took longer than 0.5 s; ask for less in one rule, or split it"
        assert answer.seconds < 5


@pytest.mark.slow
def test_only_what_was_interrupted_is_said_to_take_too_long() -> None:
    wanted = [_expect("expect_nonsense")]
    (answer,) = run_expectations(_session("select 1 as a"), wanted, limit=0)
    assert (answer.outcome, answer.message) == (
        Outcome.COULD_NOT_RUN,
        "Great Expectations knows no type `expect_nonsense`",
    )


@pytest.mark.slow
def test_failing_rows_are_shown_under_their_columns_at_most_five() -> None:
    port = "select i as a, 9 - i as b, 'x' as c from range(9) r(i)"
    one = _one(port, BETWEEN, column="a", max_value=1)
    pair = _one(port, "expect_column_pair_values_to_be_equal", column_A="a", column_B="b")
    several = _one(port, "expect_compound_columns_to_be_unique", column_list=["c", "c"])
    query = _one(port, "unexpected_rows_expectation", unexpected_rows_query="from {batch}")
    assert one.message == "not as expected: 7 of 9 rows"
    assert one.sample == tuple({"a": value} for value in range(2, 7))
    assert pair.sample[0] == {"a": 0, "b": 9}
    assert several.outcome is not Outcome.PASSED
    assert (query.message, query.sample[0]) == ("not as expected: 9", {"a": 0, "b": 9, "c": "x"})
    assert [len(answer.sample) for answer in (one, pair, query)] == [5, 5, 5]


@pytest.mark.slow
def test_mostly_and_row_conditions_are_heeded() -> None:
    port = "select * from (values (1, 'x'), (5, 'x'), (9, 'y')) t(a, b)"
    tolerant = _one(port, BETWEEN, column="a", max_value=5, mostly=0.6)
    assert (tolerant.outcome, tolerant.observed) == (Outcome.PASSED, 1.0)
    assert tolerant.message == "not as expected: 1 of 3 rows, which `mostly` allows"
    condition = {"row_condition": 'col("b") == "x"', "condition_parser": "great_expectations"}
    assert _one(port, BETWEEN, column="a", max_value=5, **condition).outcome is Outcome.PASSED


def _file(folder: Path, text: str) -> Path:
    path = folder / "expectations.py"
    path.write_text(text, encoding="utf-8")
    return path


EVEN = """
import great_expectations.expectations as gxe

class ExpectEven(gxe.UnexpectedRowsExpectation):
    unexpected_rows_query: str = "select * from {batch} where a % 2 <> 0"
"""


@pytest.mark.slow
def test_a_type_of_the_product_runs_and_no_other_product_sees_it(tmp_path: Path) -> None:
    session, even = _session("select i as a from range(5) r(i)"), [_expect("expect_even")]
    path = _file(tmp_path, EVEN)
    (mine,) = run_expectations(session, even, path)
    assert (mine.outcome, mine.observed) == (Outcome.FAILED, 2.0)
    assert mine.sample == ({"a": 1}, {"a": 3})
    (other,) = run_expectations(session, even)
    assert (other.outcome, other.message) == (
        Outcome.COULD_NOT_RUN,
        "Great Expectations knows no type `expect_even`",
    )
    assert [found.name for found in tmp_path.iterdir()] == ["expectations.py"]


@pytest.mark.slow
def test_columns_that_only_a_class_names_are_told_with_the_failing_rows(tmp_path: Path) -> None:
    small = (
        "import great_expectations.expectations as gxe\n\n"
        "class ExpectSmall(gxe.ExpectColumnValuesToBeBetween):\n"
        "    column: str = 'a'\n"
        "    max_value: float = 1\n"
    )
    wanted = [_expect("expect_small")]
    (answer,) = run_expectations(_session("select 2 as a"), wanted, _file(tmp_path, small))
    assert (answer.outcome, answer.sample) == (Outcome.FAILED, ({"a": 2},))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EVEN + "\nraise ValueError('no')\n", "`expectations.py:7`: ValueError: no"),
        ("x = (\n", "`expectations.py:1`: SyntaxError: '(' was never closed "),
        (
            EVEN.replace("ExpectEven", "ExpectColumnValuesToNotBeNull"),
            "`expectations.py` replaces `expect_column_values_to_not_be_null`, which Great "
            "Expectations ships: give the class another name",
        ),
    ],
)
def test_a_broken_file_of_types_spoils_only_the_types_it_defines(
    tmp_path: Path, text: str, said: str
) -> None:
    wanted = [_expect("expect_odd"), _expect("expect_column_values_to_not_be_null", column="a")]
    path = _file(tmp_path, text)
    own, shipped = run_expectations(_session("select 1 as a"), wanted, path)
    assert (own.outcome, shipped.outcome) == (Outcome.COULD_NOT_RUN, Outcome.PASSED)
    assert own.message.startswith(said)


WATCHED = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "os.mkdir"):
        seen.append([event, str(arguments)])
    if event == "open" and isinstance(arguments[1], str) and set("wax+") & set(arguments[1]):
        seen.append([event, str(arguments[0])])
sys.dont_write_bytecode = True
from tests.engines.great_expectations.test_runner import BETWEEN, _one
sys.addaudithook(watch)
answer = _one("select 1 as a", BETWEEN, column="a", min_value=2)
sys.addaudithook(lambda *ignored: None)
print(json.dumps([answer.outcome, seen, os.listdir(".")]))
"""


@pytest.mark.slow
def test_it_opens_no_socket_writes_no_file_and_prints_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{WATCHED}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    outcome, seen, left = json.loads(done.stdout)
    assert (outcome, left) == ("failed", [])
    assert seen == []
    assert done.stderr == ""
