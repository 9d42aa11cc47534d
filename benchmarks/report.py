"""Tells the figures: a table on the terminal, the same table between two markers in README.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.table import Table

from benchmarks.figure import Figure

README = Path(__file__).with_name("README.md")
_START, _END = "<!-- figures: start -->", "<!-- figures: end -->"
_COLUMNS = ("", "figure", "limit", "ratio", "min-max", "medians", "pairs", "day", "verdict")


def terminal(figures: Iterable[Figure]) -> Table:
    """The figures for people at a terminal."""
    table = Table(box=None, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column != "figure")
    for figure in figures:
        color = "green" if figure.reached else "yellow"
        *cells, verdict = _row(figure)
        table.add_row(*cells, f"[{color}]{verdict}[/{color}]")
    return table


def conditions(runs: int) -> str:
    """When, and on what, the figures were measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dagster"))
    python = platform.python_version()
    return f"{_today()}, Python {python}, {packages}, {os.cpu_count()} cores, {runs} runs"


def write(figures: Iterable[Figure], runs: int) -> None:
    """Replace these figures in README.md; those that were not measured stay, with their day.

    Raises:
        SystemExit: the markers are gone.
    """
    text = README.read_text(encoding="utf-8")
    before, start, rest = text.partition(_START)
    kept, end, after = rest.partition(_END)
    if not start or not end:
        raise SystemExit(f"{README.name} must hold `{_START}` and `{_END}`, in this order")
    body = f"\n{conditions(runs)}\n\n{_markdown(_merged(kept, figures))}\n"
    README.write_text(before + start + body + end + after, encoding="utf-8")


def _merged(kept: str, figures: Iterable[Figure]) -> list[tuple[str, ...]]:
    """Rows by letter: measured now, else as the page has them."""
    lines = [line.strip("| ").split(" | ") for line in kept.splitlines() if line.startswith("| ")]
    rows = {cells[0]: tuple(cells) for cells in lines if len(cells) == len(_COLUMNS)}
    rows |= {figure.letter: _row(figure) for figure in figures}
    return [rows[letter] for letter in sorted(rows) if letter not in ("", "---")]


def _markdown(rows: list[tuple[str, ...]]) -> str:
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.letter,
        figure.title,
        "" if figure.limit is None else f"{figure.limit:.2f}",
        f"{figure.ratio:.2f}",
        f"{figure.low:.2f}-{figure.high:.2f}",
        figure.medians,
        str(len(figure.pairs)),
        _today(),
        figure.verdict,
    )
