"""Work in a process apart gives what it gives here: values, errors, and nothing else."""

import os
import signal
import threading

import pytest

from mesh_platform.errors import MeshError, Place
from mesh_platform.meanwhile import Meanwhile
from mesh_platform.model.findings import Finding

FOUND = [Finding("a.b", "said", Place("file.yaml", 3), "mend it", "shop/orders", "warning")]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one thread, whatever runs the tests."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture(params=[2, 1], ids=["two processors", "one processor"])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(request.param)))
    count: int = request.param
    return count


def test_the_result_is_what_the_work_returns(processors: int) -> None:
    assert Meanwhile(lambda: FOUND).result() == FOUND


def test_the_work_is_done_elsewhere_where_there_is_a_second_processor(processors: int) -> None:
    assert (Meanwhile(os.getpid).result() != os.getpid()) == (processors > 1)


def test_where_there_are_threads_it_is_done_here(
    processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert Meanwhile(os.getpid).result() == os.getpid()


def test_work_that_does_not_pay_for_a_process_is_done_here(processors: int) -> None:
    assert Meanwhile(os.getpid, pays=False).result() == os.getpid()


def test_an_error_is_raised_where_the_result_is_awaited(processors: int) -> None:
    def work() -> None:
        raise MeshError("the file is gone", fix="bring it back")

    begun = Meanwhile(work)
    with pytest.raises(MeshError, match="the file is gone"):
        begun.result()


def test_a_process_that_is_killed_costs_time_and_nothing_else() -> None:
    here = os.getpid()

    def work() -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    assert Meanwhile(work).result() == "done"


def test_what_cannot_be_sent_is_made_here() -> None:
    made = Meanwhile(lambda: lambda: 7).result()
    assert made() == 7
