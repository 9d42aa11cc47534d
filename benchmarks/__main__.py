"""`python -m benchmarks`: measures the figures that the platform promises to keep."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from benchmarks import first_build, nothing_changed, publishing, reading, report
from benchmarks.bench import Bench
from benchmarks.example_mesh import REPOSITORY

_FIGURES = {
    "a": first_build.measure,
    "b": nothing_changed.measure,
    "c": publishing.measure,
    "d": reading.pricing_summary,
    "e": reading.by_day,
}


def main() -> None:
    """Measure, print, and write README.md where asked to."""
    said = _arguments()
    wanted = said.only or list(_FIGURES)
    if said.write and set(wanted) != set(_FIGURES):
        raise SystemExit("`--write` needs all figures; leave out `--only`")
    console = Console(stderr=True, highlight=False)
    with _scratch() as folder:
        bench = Bench(folder, said.runs, with_dbt="a" in wanted)
        figures = []
        for letter in sorted(set(wanted)):
            console.print(f"measuring {letter} …", style="dim")
            figures.append(_FIGURES[letter](bench))
    out = Console(highlight=False, width=None if console.is_terminal else 160)
    out.print(report.terminal(figures))
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
