"""Code of others runs apart: what it does to itself stays there, and it always comes to an end."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.governance.evaluate import Trouble
from mesh_platform.release.policies.apart import Step, run_apart
from tests.processes import children

SECONDS = 0.5


def run(*functions: Callable[[], object]) -> list[Any]:
    return run_apart([Step(function, __file__) for function in functions], SECONDS)


def spin() -> None:
    while True:
        pass


def fork() -> str:
    if os.fork():
        time.sleep(0.2)
    return "forked"


def spin_and_catch() -> None:
    while True:
        try:
            spin()
        except BaseException:  # noqa: BLE001 - that is what it tries
            continue


def fall() -> None:
    fall()


def try_for_ever() -> None:
    """The expression never comes back from C, and holds Python's lock."""
    re.match(r"(a+)+$", "a" * 60 + "b")


LATE = Trouble("it took longer than 0.5 s")


def test_a_step_that_forks_answers_once_and_for_no_other() -> None:
    assert run(lambda: "before", fork, lambda: "after") == ["before", "forked", "after"]


@pytest.mark.parametrize(
    ("function", "trouble"),
    [
        (spin, LATE),
        (spin_and_catch, LATE),
        (lambda: time.sleep(3600), LATE),
        (try_for_ever, LATE),
        (lambda: os._exit(0), Trouble("it ended the process that ran it")),
        (lambda: os.kill(os.getpid(), 9), Trouble("it ended the process that ran it")),
    ],
    ids=["loop", "loop that catches", "sleep", "regular expression", "exit", "crash"],
)
def test_a_step_that_does_not_end_well_is_a_trouble_and_the_others_go_on(
    function: Callable[[], object], trouble: Trouble
) -> None:
    started = time.monotonic()
    assert run(lambda: "before", function, lambda: "after") == ["before", trouble, "after"]
    assert time.monotonic() - started < 10


def test_an_error_is_a_trouble_with_its_line() -> None:
    def broken() -> None:
        raise ValueError("wrong")

    line = broken.__code__.co_firstlineno + 1
    assert run(broken) == [Trouble("ValueError: wrong", line)]


def test_a_recursion_without_end_is_a_trouble() -> None:
    [trouble] = run(fall)
    assert trouble.message == "RecursionError: maximum recursion depth exceeded"


def test_leaving_is_a_trouble_too() -> None:
    assert [trouble.message for trouble in run(sys.exit)] == ["SystemExit"]


def test_what_cannot_leave_the_process_is_a_trouble() -> None:
    [trouble] = run(lambda: lambda: 1)
    assert isinstance(trouble, Trouble)


def test_what_a_step_prints_or_changes_is_not_seen_here(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seen: list[int] = []

    def noisy() -> int:
        print("noise")  # noqa: T201
        os.write(2, b"noise")
        seen.append(1)
        return len(seen)

    assert run(noisy, noisy) == [1, 2]
    assert seen == []
    assert capfd.readouterr() == ("", "")


def test_it_works_from_any_thread() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.extend(run(spin, lambda: 1)))
    thread.start()
    thread.join(20)
    assert results == [LATE, 1]


def test_no_process_is_left_behind() -> None:
    before = set(children(os.getpid()))
    run(spin, lambda: 1)
    assert set(children(os.getpid())) <= before
