"""Figure f: fifteen rules over six million rows, beside queries by hand and beside other tools.

Each side is a fresh process; within a turn all sides follow one another, and turns change who
goes first. Whether the sides agree on the broken rules is checked, not assumed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tpch
from benchmarks.bench import Bench
from benchmarks.example_mesh import REPOSITORY
from benchmarks.figure import MOST_PAIRS, Figure, Pair, seconds

_TOO_LONG = 600
_OWN = ("by_hand", "by_mesh")
_MOST_MEGABYTES = 700.0
_PEERS = {"by_dbt": "`dbt test`", "by_expectations": "Great Expectations on SQL"}
_OTHER_HOME = {"by_datacontract": "`datacontract test`"}


@dataclass(frozen=True, slots=True)
class _Run:
    """One side once: seconds of validation, of the whole process, and its peak of memory."""

    validation: float
    process: float
    megabytes: float


def measure(bench: Bench) -> list[Figure]:
    """Measure f1 to f3, which have limits, and the peers."""
    if not (tpch.PEERS / "bin" / "tpchgen-cli").is_file():
        bench.skipped.append("f needs tpchgen-cli; fetch it with `make peers`")
        return []
    folder = bench.folder / "fifteen_rules"
    folder.mkdir()
    tpch.generate(folder)
    peers = _PEERS | (_OTHER_HOME if _has_datacontract(bench) else {})
    turns = list(_turns(folder, [*_OWN, *peers], bench.runs))
    return [*_promised(_until_settled(folder, turns)), *_compared(turns, peers)]


def _has_datacontract(bench: Bench) -> bool:
    if (tpch.PEERS / "bin" / "datacontract").is_file():
        return True
    bench.skipped.append("f leaves out datacontract-cli; fetch it with `make peers`")
    return False


def _turns(folder: Path, sides: list[str], runs: int) -> Iterable[dict[str, _Run]]:
    for turn in range(runs):
        order = sides[::-1] if turn % 2 else sides
        yield {side: _once(side, folder) for side in order}


def _until_settled(folder: Path, turns: list[dict[str, _Run]]) -> list[dict[str, _Run]]:
    """Add turns of the two sides with a limit until each verdict is settled."""
    own = list(turns)
    while len(own) < MOST_PAIRS and not all(figure.settled for figure in _promised(own)):
        order = _OWN[::-1] if len(own) % 2 else _OWN
        own.append({side: _once(side, folder) for side in order})
    return own


def _promised(turns: list[dict[str, _Run]]) -> Iterable[Figure]:
    pairs = [(turn["by_mesh"], turn["by_hand"]) for turn in turns]
    title = "15 rules over 6 M rows: checks of a release / one query per rule by hand"
    validation = tuple(Pair(own.validation, hand.validation) for own, hand in pairs)
    yield Figure("f1", title, 1.05, validation)
    process = tuple(Pair(own.process, hand.process) for own, hand in pairs)
    yield Figure("f2", "the same, whole processes", 1.5, process)
    memory = tuple(Pair(own.megabytes, _MOST_MEGABYTES) for own, _ in pairs)
    yield Figure("f3", "the same, peak of memory / 700 MB", 1.0, memory, "MB")


def _compared(turns: list[dict[str, _Run]], peers: dict[str, str]) -> Iterable[Figure]:
    number = 4
    for side, name in peers.items():
        runs = [(turn[side], turn["by_hand"]) for turn in turns]
        validation = tuple(Pair(peer.validation, hand.validation) for peer, hand in runs)
        process = tuple(Pair(peer.process, hand.process) for peer, hand in runs)
        memory = tuple(Pair(peer.megabytes, hand.megabytes) for peer, hand in runs)
        yield Figure(f"f{number}", f"{name} / by hand, validation", None, validation)
        yield Figure(f"f{number}p", f"{name} / by hand, whole processes", None, process)
        yield Figure(f"f{number}m", f"{name} / by hand, peak of memory", None, memory, "MB")
        number += 1


def _once(side: str, folder: Path) -> _Run:
    """Run one side.

    Raises:
        SystemExit: it could not run, or found other errors than those that were injected.
    """
    python = str(tpch.PEERS / "bin" / "python") if side in _OTHER_HOME else sys.executable
    command = [python, "-m", f"benchmarks.fifteen_rules.{side}", str(folder)]
    told: list[str] = []
    process = seconds(lambda: told.append(_said(command)))
    answer = json.loads(told[0].splitlines()[-1])
    failed = answer["failed"]
    if len(failed) != len(tpch.BROKEN) or not all(
        any(column in name for name in failed) for column in tpch.BROKEN
    ):
        raise SystemExit(f"`{side}` finds {failed}, not one rule each of {tpch.BROKEN}")
    return _Run(answer["seconds"], process, answer["megabytes"])


def _said(command: list[str]) -> str:
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=_TOO_LONG,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
