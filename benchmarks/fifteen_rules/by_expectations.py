"""The same fifteen rules as Great Expectations, run on SQL by the platform's engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.fifteen_rules.answer import run, timed
from benchmarks.fifteen_rules.by_mesh import contract, failed


def _validate(folder: Path) -> tuple[float, Iterable[str]]:
    import great_expectations  # noqa: F401 - its import belongs to the process, not to validation

    promised = contract("expectations")
    return timed(lambda: failed(folder, promised))


if __name__ == "__main__":
    run(_validate)
