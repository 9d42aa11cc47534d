"""The helper that runs policies apart for a process with threads: `python -m` this module."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from mesh_platform.helper import serve
from mesh_platform.release.policies.apart import Step, answers


def _work(request: tuple[Sequence[Step], float], answer: Callable[[bytes], None]) -> None:
    answer(json.dumps(answers(*request)).encode())


if __name__ == "__main__":
    serve(sys.argv[1], _work)
