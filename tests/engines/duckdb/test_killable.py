"""A check or a query ends in its time and memory, also inside one call of a function."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.duckdb import limits
from mesh_platform.engines.duckdb.limits import memory_bytes
from mesh_platform.engines.duckdb.query import Question, arrow_stream, ask, export
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.verify_apart import begin, verify_apart
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.helper import helper
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet
from tests.processes import children, has_ended
from tests.small_mesh import SmallMesh

HANGS = "select count(*) from port where regexp_matches(repeat('a', a * 3000000), '(a?){1000}b')"
"""One call of a function: no interrupt stops it, and it takes minutes."""


def _rule(name: str, query: str) -> dict[str, object]:
    return {"name": name, "type": "sql", "query": query, "mustBe": 0}


@pytest.fixture(autouse=True)
def little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs here keeps a processor busy until it is killed."""
    monkeypatch.setattr(limits, "GRACE", 0.3)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_parquet(tmp_path / "port.parquet", "a integer", [(1,), (2,)])


def test_a_check_that_hangs_is_killed_and_the_others_have_their_verdicts(file: str) -> None:
    rules = (_rule("first", "select 0"), _rule("hangs", HANGS), _rule("last", "select 1"))
    promise = contract(column("a", required=True), rules=rules)
    results = verify_apart(promise, (file,), [], (), limit=1)
    found = {result.check: result for result in results}
    assert (
        found["hangs"].message == "it took longer than 1 s; ask for less in one rule, or split it"
    )
    assert {name: str(result.outcome) for name, result in found.items()} == {
        "schema": "passed",
        "a_required": "passed",
        "first": "passed",
        "hangs": "could_not_run",
        "last": "failed",
    }
    assert found["hangs"].seconds >= 1, "the time that it took counts, too"


def test_apart_it_says_the_same_as_here(file: str) -> None:
    rules = (_rule("wrong", "select nonsense"), _rule("late", "select 1e400::double"))
    promise = contract(column("a", unique=True, enum=[{"value": 1}]), rules=rules)
    here, apart = verify(promise, (file,), [], ()), verify_apart(promise, (file,), [], ())
    assert [(r.check, r.outcome, r.observed, r.message, r.sample) for r in apart] == [
        (r.check, r.outcome, r.observed, r.message, r.sample) for r in here
    ]


def test_a_value_that_needs_more_memory_than_there_is_ends_the_check_alone(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_MEMORY", "200MB")
    helper("mesh_platform.helper_main").end()  # one that is kept would have the limit of before
    eats = "select length(repeat('x', 4000000000)) * 0"
    promise = contract(column("a"), rules=(_rule("eats", eats), _rule("last", "select 0")))
    results = {r.check: r for r in verify_apart(promise, (file,), [], (), limit=60)}
    assert results["eats"].outcome is Outcome.COULD_NOT_RUN
    assert results["last"].outcome is Outcome.PASSED
    helper("mesh_platform.helper_main").end()


def test_a_query_that_needs_more_memory_than_it_may_says_how_to_give_it(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_MEMORY", "50MB")
    helper("mesh_platform.helper_main").end()
    asked = "select count(distinct range::varchar || a) from range(9000000), port"
    with pytest.raises(MeshError) as caught:
        ask((file,), ("a",), Question(sql=asked))
    helper("mesh_platform.helper_main").end()
    assert str(caught.value) == (
        "the query needs more memory than it may take\n"
        "  try: ask for less, or set MESH_MEMORY, as in `MESH_MEMORY=4GB`"
    )


def test_the_process_that_runs_checks_can_begin_before_the_first_of_them(file: str) -> None:
    over = threading.Event()
    threading.Thread(target=over.wait).start()  # a process of one thread would fork
    try:
        helper("mesh_platform.helper_main").end()
        before = set(children(os.getpid()))
        promise = contract(column("a", required=True))
        begin([promise])
        started = set(children(os.getpid())) - before
        results = verify_apart(promise, (file,), [], ())
        assert [str(result.outcome) for result in results] == ["passed", "passed"]
        assert set(children(os.getpid())) - before == started
        assert len(started) == 1
    finally:
        over.set()


def test_a_query_that_hangs_is_killed(file: str, tmp_path: Path) -> None:
    question = Question(sql=HANGS, seconds=0.3)
    target = tmp_path / "out.csv"
    late = "the query took longer than 0.3 s"
    with pytest.raises(MeshError, match=late) as told:
        ask((file,), ("a",), question)
    assert told.value.fix == "ask for less, or give it more time with `--seconds`"
    with pytest.raises(MeshError, match=late):
        export((file,), ("a",), question, target, "csv")
    with pytest.raises(MeshError, match=late):
        arrow_stream((file,), ("a",), question)


def test_a_helper_that_was_killed_serves_the_next_question(file: str) -> None:
    with pytest.raises(MeshError):
        ask((file,), ("a",), Question(sql=HANGS, seconds=0.3))
    assert ask((file,), ("a",), Question(sql="select sum(a) from port")).rows == [(3,)]
    before = children(os.getpid())
    assert ask((file,), ("a",), Question()).rows == [(1,), (2,)]
    assert children(os.getpid()) == before, "one helper serves all"


@pytest.mark.slow
def test_a_query_ends_also_when_who_asked_is_gone(file: str) -> None:
    code = (
        "import sys, threading\n"
        "from mesh_platform.engines.duckdb import limits\n"
        "from mesh_platform.engines.duckdb.query import Question, ask\n"
        "limits.ALONE = 2\n"
        "ask((sys.argv[1],), ('a',), Question(sql=sys.argv[2], seconds=0.2))\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", code, file, HANGS])
    until = time.monotonic() + 60
    while not (working := children(asking.pid)) and time.monotonic() < until:
        time.sleep(0.01)
    asking.kill()
    asking.wait()
    assert working
    assert all(map(has_ended, working))


def test_an_arrow_answer_comes_in_batches(file: str) -> None:
    pytest.importorskip("pyarrow")
    question = Question(sql="select i from range(300000) r(i)")
    assert arrow_stream((file,), ("a",), question).read_all().num_rows == 300_000


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("4GB", 4e9),
        ("1GiB", 2**30),
        ("512 MB", 512e6),
        ("100 bytes", 100),
        (" 1.5kb ", 1500),
        ("4t", 4e12),
    ],
)
def test_a_limit_of_memory_is_read_as_duckdb_reads_it(
    told: str, number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_MEMORY", told)
    assert memory_bytes() == number
    duckdb.connect(config={"memory_limit": told}).close()


@pytest.mark.parametrize("told", ["512", "lots", "150%", "0", "0GB", "-1GB", "4 G B"])
def test_a_limit_of_memory_that_is_none_is_told_before_anything_runs(
    told: str, mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_MEMORY", told)
    with pytest.raises(MeshError) as raised:
        Workspace.open(mesh.root)
    assert str(raised.value) == (
        f"`MESH_MEMORY={told}` is not an amount of memory\n  try: write a size with its unit, or a"
        " share of the machine's: `512MB`, `4GB`, `40%`"
    )
