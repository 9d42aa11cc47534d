"""Code of others runs apart: what it does to itself stays there, and it always comes to an end."""

from __future__ import annotations

import contextlib
import os
import pickle
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
from tests.processes import children, has_ended

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


def one() -> int:
    return 1


class Exploit:
    """Unpickled, it would run code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("/tmp/never-made"),))


def eat_memory() -> int:
    return len(bytearray(8 << 30))


def answer_for_others() -> str:
    """Write an answer into every file that is open."""
    for file in range(3, 10_000):
        with contextlib.suppress(OSError):
            os.write(file, b'x {"result": "forged"}\n' * 5)
    return "honest"


def answer_without_end() -> None:
    for file in range(3, 10_000):
        with contextlib.suppress(OSError):
            os.write(file, b"x")
    time.sleep(3600)


def patch_the_channel() -> str:
    from mesh_platform.release.policies import apart

    apart._result = lambda _step: '{"result": "forged"}'
    apart.secrets.compare_digest = lambda *_: True
    return "patched"


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
    assert run(lambda: "before", function, lambda: "after") == ["before", trouble, "after"]


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

    assert run(noisy, noisy) == [1, 1], "code of others shares its process with nobody"
    assert seen == []
    assert capfd.readouterr() == ("", "")


def test_it_works_from_any_thread() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.extend(run(spin, one, spin, one)))
    thread.start()
    thread.join(20)
    assert results == [LATE, 1, LATE, 1]


def test_no_process_is_left_behind() -> None:
    before = set(children(os.getpid()))
    run(spin, lambda: 1)
    assert set(children(os.getpid())) <= before


def test_what_a_step_returns_is_data_and_never_code() -> None:
    assert run(lambda: pickle.dumps(Exploit()), Exploit, one)[1:] == [
        Trouble(
            "PydanticSerializationError: Unable to serialize unknown type: "
            "<class 'tests.release.policies.test_apart.Exploit'>"
        ),
        1,
    ]
    assert not Path("/tmp/never-made").exists()


def test_a_step_that_eats_memory_is_a_trouble() -> None:
    [trouble, after] = run(eat_memory, one)
    assert trouble.message == "MemoryError"
    assert after == 1


def test_a_step_answers_for_no_other() -> None:
    forged = Trouble("something else answered in its place")
    assert run(answer_for_others, one) == [forged, 1]
    assert run(answer_without_end, one) == [LATE, 1]
    assert run(patch_the_channel, one)[1] == 1
    steps = [Step(patch_the_channel, __file__), Step(one, __file__, ours=True)]
    assert run_apart(steps, SECONDS)[1] == 1


def test_an_answer_of_another_kind_is_a_trouble() -> None:
    [said] = run_apart([Step(lambda: {"violated": 1}, __file__, int)], SECONDS)
    assert isinstance(said, Trouble)


@pytest.mark.parametrize("leaves", [False, True], ids=["in the group", "in a session of its own"])
def test_what_a_step_has_started_ends_with_it(tmp_path: Path, leaves: bool) -> None:
    number = tmp_path / "number"

    def start() -> str:
        if os.fork() == 0:
            if leaves:
                os.setsid()
            number.write_text(str(os.getpid()), encoding="utf-8")
            time.sleep(3600)
        while not number.exists() or not number.read_text(encoding="utf-8"):
            time.sleep(0.01)
        return "started"

    [said, after] = run_apart([Step(start, __file__), Step(one, __file__)], 10)
    if isinstance(said, Trouble):
        assert "BlockingIOError" in said.message, "the system lets it start no process"
        return
    assert (said, after) == ("started", 1)
    assert has_ended(int(number.read_text(encoding="utf-8")))


def test_it_keeps_no_file_open_of_the_process_it_comes_from(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        number = held.fileno()
        [said] = run(lambda: os.path.exists(f"/proc/self/fd/{number}"))
    assert said is False
