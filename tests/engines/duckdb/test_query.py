from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from mesh_platform.engines.duckdb.query import Question, ask, export
from mesh_platform.engines.duckdb.session import arrow_schema
from mesh_platform.errors import MeshError
from tests.engines.duckdb.parquet import write_parquet


@pytest.fixture
def port(tmp_path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files and promised columns of a port; the file has them in another order."""
    rows = [("x", 1), ("y", 2), (None, 3)]
    return (write_parquet(tmp_path / "p.parquet", "b varchar, a integer", rows),), ("a", "b")


Port = tuple[tuple[str, ...], tuple[str, ...]]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (Question(), "select * from port"),
        (Question(columns=("a", 'b"')), 'select "a", "b""" from port'),
        (Question(where="a > 1", limit=0), "select * from port where (a > 1\n) limit 0"),
        (Question(sql="select 1"), "select 1"),
    ],
)
def test_a_question_is_one_select(question: Question, text: str) -> None:
    assert question.text == text


@pytest.mark.parametrize(
    "question",
    [
        Question(where="a > 0; select 1"),
        Question(where="a > 0) limit 1; select (1"),
        Question(sql="select 1; select 2"),
        Question(sql=""),
        Question(sql=" ; "),
        Question(sql="-- nothing"),
    ],
)
def test_a_question_is_one_statement(port: Port, question: Question) -> None:
    with pytest.raises(MeshError, match="the query does not run"):
        ask(*port, question)


@pytest.mark.parametrize(
    "sql",
    [
        "create table x as select 1",
        "attach ':memory:' as m",
        "begin",
        "set threads = 1",
        "prepare p as select 1",
        "pragma version",
        "explain analyze create table x as select 1",
        "call pragma_version()",
    ],
)
def test_what_is_no_query_does_not_look_as_if_it_had_done_something(port: Port, sql: str) -> None:
    with pytest.raises(MeshError, match="must be a query: SELECT, FROM"):
        ask(*port, Question(sql=sql))


PIVOT = "pivot (select a, b, a as c from port where a < 3) on b using sum(a)"


@pytest.mark.parametrize(
    ("sql", "limit", "rows"),
    [
        ("select ';é' as c, * from port where a < 3;", None, 2),
        ("select 1 as c; -- the end; is here", None, 1),
        ("select 1 as c -- the end", None, 1),
        (";; select 1 as c ;;", None, 1),
        ("from port", 2, 2),
        ("from port; -- all", 1, 1),
        ("values (1), (2) -- x", 1, 1),
        ("describe port", 1, 1),
        (PIVOT, None, 2),
        (f"{PIVOT};", 1, 1),
    ],
)
def test_a_query_gives_as_many_rows_into_a_file_as_to_a_person(
    port: Port, tmp_path: Path, sql: str, limit: int | None, rows: int
) -> None:
    question = Question(sql=sql, limit=limit, for_spreadsheets=rows > 1)
    assert len(ask(*port, question).rows) == rows
    file = tmp_path / "out.csv"
    assert export(*port, question, file, "csv") == rows
    assert len(file.read_text(encoding="utf-8").splitlines()) == rows + 1


@pytest.mark.parametrize("sql", [None, "select * from port"])
def test_a_limit_beyond_all_numbers_is_none(port: Port, sql: str | None) -> None:
    everything = len(ask(*port, Question()).rows)
    assert len(ask(*port, Question(sql=sql, limit=10**30)).rows) == everything


def test_a_comment_in_a_condition_swallows_no_limit(port: Port) -> None:
    assert len(ask(*port, Question(where="a > 0 -- all", limit=1)).rows) == 1


def test_columns_come_in_the_promised_order(port: Port) -> None:
    answer = ask(*port, Question(where="a < 3"))
    assert (answer.columns, answer.rows) == (("a", "b"), [(1, "x"), (2, "y")])


def test_a_whole_query_may_be_asked(port: Port) -> None:
    assert ask(*port, Question(sql="select sum(a) as s from port")).rows == [(6,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "attach '/tmp/x.duckdb'",
        "copy port to '/tmp/mesh-test.csv'",
        "install httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "from nothing",
        "selct",
    ],
)
def test_a_query_reaches_nothing_but_the_port(port: Port, sql: str) -> None:
    with pytest.raises(MeshError) as caught:
        ask(*port, Question(sql=sql))
    assert caught.value.message.startswith("the query does not run: ")
    assert caught.value.fix == ("the port is the table `port`, with the columns a, b")
    assert not Path("/tmp/mesh-test.csv").exists()


@pytest.mark.parametrize(
    ("question", "name", "way"),
    [
        (Question(where="b = x"), "x", "known: `a`, `b`"),
        (Question(where='b = "x"'), "x", "known: `a`, `b`"),
        (Question(sql="select port.bb from port"), "bb", "did you mean `b`?"),
    ],
)
def test_a_name_that_is_no_column_is_told_with_those_that_are(
    port: Port, question: Question, name: str, way: str
) -> None:
    with pytest.raises(MeshError) as caught:
        ask(*port, question)
    assert caught.value.message == f"the query does not run: no column is called `{name}`"
    assert caught.value.fix == f"{way}; a text stands in single quotes"


def test_the_file_of_another_port_cannot_be_read(port: Port, tmp_path: Path) -> None:
    other = write_parquet(tmp_path / "other.parquet", "a integer", [(1,)])
    with pytest.raises(MeshError, match="Permission"):
        ask(*port, Question(sql=f"select * from read_parquet('{other}')"))


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_an_answer_is_written_to_a_file(port: Port, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"it's.{kind}"
    assert export(*port, Question(where="a < 3"), target, kind) == 2
    if kind == "parquet":
        assert duckdb.read_parquet(str(target)).fetchall() == [(1, "x"), (2, "y")]
    elif kind == "csv":
        assert target.read_text() == "a,b\n1,x\n2,y\n"
    else:
        assert json.loads(target.read_text()) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_a_failed_export_leaves_the_old_file_and_no_partial_one(port: Port, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(MeshError):
        export(*port, Question(where="b::integer > 1"), target, "csv")
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "p.parquet"]


def test_an_export_writes_nowhere_else(port: Port, tmp_path: Path) -> None:
    escape = f"true) to '{tmp_path / 'stolen.csv'}' (format csv); select (1"
    with pytest.raises(MeshError):
        export(*port, Question(where=escape), tmp_path / "out.csv", "csv")
    assert not (tmp_path / "stolen.csv").exists()


def test_the_arrow_schema_of_a_file_has_its_columns(port: Port) -> None:
    assert arrow_schema(port[0][0]).names == ["b", "a"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d"])
def test_for_spreadsheets_no_text_and_no_name_begins_a_formula(tmp_path: Path, start: str) -> None:
    sly = f"{start}1+1"
    file = write_parquet(
        tmp_path / "p.parquet", "a varchar, n integer", [(sly, -1), ("a=1", 2), ("", 3), (None, 4)]
    )
    asked = f'select a as "{start}b", n from port'
    guarded = Question(sql=asked, for_spreadsheets=True)
    answer = ask((file,), ("a", "n"), guarded)
    assert answer.columns == (f"'{start}b", "n")
    assert answer.rows == [(f"'{sly}", -1), ("a=1", 2), ("", 3), (None, 4)]
    export((file,), ("a", "n"), guarded, tmp_path / "a.csv", "csv")
    assert f"'{sly}" in (tmp_path / "a.csv").read_bytes().decode()
    assert ask((file,), ("a", "n"), Question(sql=asked)).rows[0] == (sly, -1)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("double", "'nan'", "NaN"),
        ("float", "'-inf'", "-Infinity"),
        ("double", "1e300", 1e300),
        ("float", "0.5", 0.5),
        ("double", "null", None),
        ("double[]", "['1', 'inf', null]", [1.0, "Infinity", None]),
        ("float[2]", "['nan', '2']", ["NaN", 2.0]),
        ('struct("a b" double, c integer)', "{'a b': 'inf', 'c': 1}", {"a b": "Infinity", "c": 1}),
        ("struct(a double)", "null", None),
        ("map(varchar, double)", "map {'k': 'nan', 'l': '2'}", {"k": "NaN", "l": 2.0}),
        (
            "struct(l struct(x double)[])[]",
            "[{'l': [{'x': 'nan'}, null]}, null]",
            [{"l": [{"x": "NaN"}, None]}, None],
        ),
    ],
)
def test_json_holds_numbers_that_are_not_finite_as_texts(
    tmp_path: Path, kind: str, value: str, expected: object
) -> None:
    file = tmp_path / "p.parquet"
    duckdb.sql(f"copy (select {value}::{kind} as v) to '{file}' (format parquet)")
    target = tmp_path / "out.json"
    assert export((str(file),), ("v",), Question(as_objects=True), target, "json") == 1

    def refuse(number: str) -> None:
        raise AssertionError(number)

    assert json.loads(target.read_text(), parse_constant=refuse) == [{"v": expected}]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("sum(9007199254740992 + a)", "DECIMAL(38,0)"),
        ("(sum(a) + 9007199254740990)::uhugeint", "DECIMAL(38,0)"),
        ("[sum(9007199254740992 + a)]", "DECIMAL(38,0)[]"),
        ("{'HUGEINT': sum(9007199254740992 + a)}", "STRUCT(HUGEINT DECIMAL(38,0))"),
        ("interval '1.000001 s' + interval '1 month' * min(a)", "VARCHAR"),
        ("'12:00:00.123456+02'::timetz", "VARCHAR"),
        ("max(a)", "INTEGER"),
        ("'2020-01-01 00:00:00.123456789'::timestamp_ns", "TIMESTAMP_NS"),
    ],
)
def test_a_parquet_file_holds_the_values_of_the_answer(
    port: Port, tmp_path: Path, value: str, kind: str
) -> None:
    target = tmp_path / "answer.parquet"
    export(*port, Question(sql=f"select {value} as v, 1 as other from port"), target, "parquet")
    table = duckdb.read_parquet(str(target))
    sql = f"select distinct ({value})::varchar as v from port"
    expected = ask(*port, Question(sql=sql)).rows
    assert (str(table.types[0]), table.columns) == (kind, ["v", "other"])
    assert duckdb.sql(f"select distinct v::varchar from '{target}'").fetchall() == list(expected)
