"""The same fifteen rules as tests of a dbt project; dbt tells the seconds of validation."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.fifteen_rules.answer import run


def _validate(folder: Path) -> tuple[float, Iterable[str]]:
    os.environ |= {
        "BENCH_DATA": str(folder),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    from dbt.cli.main import dbtRunner

    project = str(Path(__file__).with_name("dbt"))
    places = ["--project-dir", project, "--profiles-dir", project]
    written = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done: Any = dbtRunner().invoke(["--quiet", "test", "--no-partial-parse", *places, *written])
    if done.exception or done.result is None:
        raise SystemExit(f"`dbt test` could not run: {done.exception}")
    failed = [each.node.name for each in done.result if each.status != "pass"]
    return done.result.elapsed_time, failed


if __name__ == "__main__":
    run(_validate)
