"""What a side says when it is done: one line of JSON, read by the process that measures it.

Imports nothing that is not in every environment: peers have environments of their own.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def run(validate: Callable[[Path], tuple[float, Iterable[str]]]) -> None:
    """Validate the folder that the command line names; tell seconds, memory and broken rules.

    Args:
        validate: returns the seconds of validation alone, and the names of the rules that failed.
    """
    took, failed = validate(Path(sys.argv[1]))
    print(json.dumps({"seconds": took, "megabytes": _peak(), "failed": sorted(failed)}))


def timed(work: Callable[[], Iterable[str]]) -> tuple[float, Iterable[str]]:
    """Run a validation and say how long it took."""
    started = time.perf_counter()
    failed = work()
    return time.perf_counter() - started, failed


def _peak() -> float:
    """Most memory this program ever held; `ru_maxrss` would start at its parent's.

    Raises:
        SystemExit: the system does not tell.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    if found is None:
        raise SystemExit("the peak of memory is read from /proc, which only Linux has")
    return int(found.group(1)) / 1024
