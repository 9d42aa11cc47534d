"""`python -m benchmarks`: measures the figures that the platform promises to keep."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from benchmarks import (
    contracts,
    first_build,
    nothing_changed,
    planning,
    publishing,
    reading,
    report,
    validation,
)
from benchmarks.bench import Bench
from benchmarks.example_mesh import REPOSITORY
from benchmarks.figure import Figure

_FIGURES: dict[str, Callable[[Bench], list[Figure]]] = {
    "a": lambda bench: [first_build.measure(bench)],
    "b": lambda bench: [nothing_changed.measure(bench)],
    "c": lambda bench: [publishing.measure(bench)],
    "d": lambda bench: [reading.pricing_summary(bench)],
    "e": lambda bench: [reading.by_day(bench)],
    "f": validation.measure,
    "g": contracts.measure,
    "h": planning.measure,
}


def main() -> None:
    """Measure, print, and write README.md where asked to."""
    said = _arguments()
    wanted = said.only or list(_FIGURES)
    console = Console(stderr=True, highlight=False)
    with _scratch() as folder:
        bench = Bench(folder, said.runs, with_dbt="a" in wanted)
        figures: list[Figure] = []
        for letter in sorted(set(wanted)):
            console.print(f"measuring {letter} …", style="dim")
            figures += _FIGURES[letter](bench)
    out = Console(highlight=False, width=None if console.is_terminal else 160)
    out.print(report.terminal(figures))
    for line in bench.skipped:
        out.print(f"skipped: {line}", style="yellow")
    out.print(f"\n{report.conditions(said.runs)}", style="dim")
    if said.write:
        report.write(figures, said.runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(_FIGURES), help="figure; repeatable"
    )
    parser.add_argument("--runs", type=_count, default=3, help="turns per figure (3)")
    parser.add_argument("--write", action="store_true", help="update benchmarks/README.md")
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder on the repository's disk: a temporary one may be memory, where a flush is free."""
    build = REPOSITORY / "build"
    build.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
            yield Path(folder)
    finally:
        if not os.listdir(build):
            build.rmdir()


if __name__ == "__main__":
    main()
