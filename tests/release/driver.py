"""What the failure tests run in processes of their own, each in a role.

build     builds a product once and prints the outcome as JSON
releases  lands a new generation and builds, so many times
read      reads `twins/pair` as a consumer does until a file appears, then prints what it saw
kill      builds in forked children and kills them at chosen moments; one JSON line for each

The killing parent imports everything once and touches no database itself, so that its children
start clean: SQLite, DuckDB and Delta are opened in children only.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import random
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
from tests.release.staging import delta_files, released_files, staged_files
from tests.small_mesh import SmallMesh
from tests.warm import killable

PAIR = "twins/pair"
ROWS = 3
SHARP = (Step.STAGING, Step.VERIFYING, Step.PUBLISHING)
"""Steps that last milliseconds: random moments over the whole build would miss them."""


def build(
    root: Path, name: str, watch: Callable[[str, Step], None] | None = None
) -> ProductOutcome:
    with pytest.MonkeyPatch.context() as patch:
        if threading.active_count() == 1:
            killable(patch)
        workspace = Workspace.open(root)
        return release_product(workspace, workspace.mesh.product(name), watch=watch)


def seen(root: Path) -> list[int]:
    """Generation of every row of both ports, as a consumer reads them in one registry snapshot."""
    import duckdb

    workspace = Workspace.open(root)
    current = workspace.registry.all_current().get(PAIR)
    assert current is not None, "nothing is current"
    assert [port.port for port in current.ports] == ["left", "right"]
    files = [file for port in current.ports for file in workspace.files(current, port.port)]
    with duckdb.connect() as session:
        return [
            g
            for (g,) in session.execute(f"select generation from read_parquet({files})").fetchall()
        ]


def whole(generations: list[int]) -> bool:
    return len(generations) == 2 * ROWS and len(set(generations)) == 1


def read(root: Path, stop: Path) -> dict[str, Any]:
    """Read until `stop` exists; any error or half a product is told with its traceback."""
    counted, order, problem = 0, list[int](), None
    while not stop.exists() and problem is None:
        try:
            generations = seen(root)
            problem = None if whole(generations) else f"half a product: {generations}"
            if not order or order[-1] != generations[0]:
                order.append(generations[0])
        except BaseException:  # noqa: BLE001 - told to the test
            problem = traceback.format_exc()
        counted += 1
        time.sleep(0.1)
    return {"reads": counted, "order": order, "problem": problem}


def clean(root: Path) -> str | None:
    """What a crash left behind after a good build, or None."""
    workspace = Workspace.open(root)
    current = workspace.registry.current(PAIR)
    if current is None or workspace.registry.unfinished(PAIR):
        return "an attempt is unfinished"
    orphans = staged_files(workspace) - released_files(workspace, PAIR)
    if orphans:
        return f"orphans: {sorted(orphans)}"
    wrong = [
        p.port for p in current.ports if delta_files(workspace, p.table_path) != [p.files[0].name]
    ]
    return f"the Delta table of {wrong} is not the current release" if wrong else None


def in_child(work: Callable[[], Any]) -> Any:
    """Run work in a forked child and give back its result."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = {"result": work()}
        except BaseException:  # noqa: BLE001 - told to the parent
            answer = {"error": traceback.format_exc()}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = json.loads(pipe.read() or '{"error": "the child died"}')
    os.waitpid(child, 0)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


def killed(root: Path, delay: float, step: Step | None) -> bool:
    """Kill a build some time after its start, or after it enters a step; False if it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            build(root, PAIR, lambda _, entered: _signal(writing, entered, step))
        finally:
            os._exit(0)
    os.close(writing)
    if step is not None:
        select.select([reading], [], [], 60)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.close(reading)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _signal(pipe: int, entered: Step, awaited: Step | None) -> None:
    if entered is awaited:
        os.write(pipe, b"x")


def moments(spread: int, sharp: int, seed: int) -> list[tuple[float, Step | None]]:
    """Random moments: one in each equal part of a build, and some seconds after its short steps."""
    chance = random.Random(seed)
    over = [((part + chance.random()) / spread, None) for part in range(spread)]
    after = [(chance.random() * 0.03, SHARP[number % len(SHARP)]) for number in range(sharp)]
    found = [*over, *after]
    chance.shuffle(found)
    return found


def kill(root: Path, spread: int, sharp: int, seed: int) -> None:
    """Kill builds; every second time the next build repairs, else it is killed in turn."""
    mesh, pending, numbers = SmallMesh(root), set[int](), itertools.count(2)
    _warm_up(root)
    good = number = _landed(mesh, numbers)
    _, length = _timed(root)
    for turn, (moment, step) in enumerate(moments(spread, sharp, seed)):
        for part in (1.0, 0.5, 0.25):  # a build that was quicker than its kill is no kill
            number = _landed(mesh, numbers)
            delay = part * moment * (length if step is None else 1)
            if died := killed(root, delay, step):
                break
            good = number
        after, left = in_child(lambda: (seen(root), _states(root)))
        answer: dict[str, Any] = {
            "delay": round(delay, 4), "step": step, "died": died, "left": left,
            "whole": whole(after), "known": after[0] in {good, number, *pending}, "length": length,
        }  # fmt: skip
        good, pending = after[0], {number} if "verified" in left else set()
        if turn % 2 == 0:
            good, length = _timed(root)
            answer |= {"repaired": good == number, "dirt": in_child(lambda: clean(root))}
        print(json.dumps(answer), flush=True)  # noqa: T201
    _built(root)


def _warm_up(root: Path) -> None:
    """Spare every later child what costs more than a build of the tiny mesh.

    A parse makes dbt generate its classes; it opens no database and leaves no thread behind.
    """
    known = set(sys.modules)

    def work() -> list[str]:
        assert build(root, PAIR).verdict is Verdict.RELEASED
        assert clean(root) is None
        return sorted(set(sys.modules) - known)

    for name in in_child(work):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    workspace = Workspace.open(root)
    workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain("twins")))

    assert threading.active_count() == 1, "a fork copies one thread only"


def _states(root: Path) -> list[str]:
    return [str(item.state) for item in Workspace.open(root).registry.unfinished(PAIR)]


def _built(root: Path) -> int:
    """Build in a child, wholly; the generation that consumers read then."""

    def work() -> int:
        outcome = build(root, PAIR)
        assert outcome.verdict is not Verdict.FAILED, outcome.reason
        return seen(root)[0]

    generation: int = in_child(work)
    return generation


def _landed(mesh: SmallMesh, numbers: Iterator[int]) -> int:
    """Land the next generation."""
    number = next(numbers)
    mesh.land_generation(number, ROWS)
    return number


def _timed(root: Path) -> tuple[int, float]:
    """Build wholly: the generation, and the seconds that it took on the machine as busy as now."""
    started = time.perf_counter()
    return _built(root), time.perf_counter() - started


def releases(root: Path, count: int) -> list[str]:
    verdicts = []
    for generation in range(2, count + 2):
        SmallMesh(root).land_generation(generation, ROWS)
        verdicts.append(str(build(root, PAIR).verdict))
    return verdicts


def main(role: str, root: Path, *words: str) -> None:
    match role:
        case "build":
            outcome = build(root, words[0])
            release = outcome.release
            answer: Any = {
                "verdict": outcome.verdict,
                "reason": outcome.reason,
                "number": release.number if release else None,
            }
        case "releases":
            answer = releases(root, int(words[0]))
        case "read":
            answer = read(root, Path(words[0]))
        case _:
            kill(root, *map(int, words))
            return
    print(json.dumps(answer), flush=True)  # noqa: T201
