"""Promotes `shop/orders` and `twins/pair` from alice to prod, and is killed on its way.

Killed when the N-th call that matters begins; 0 means not at all, and prints how many there are.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.promote import promote

CALLS = {"begin", "_insert", "take", "commit", "_commit", "promote_now", "_update", "_point"}
"""What writes, in registry, lake and file system; also the moments right after each returned."""


def main(root: Path, moment: int) -> None:
    alice, prod = (Workspace.open(root, name) for name in ("alice", "prod"))
    products = [alice.mesh.product(name) for name in ("shop/orders", "twins/pair")]
    count = 0

    def kill(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        code = frame.f_code
        if (
            event in ("call", "return")
            and code.co_name in CALLS
            and "mesh_platform" in code.co_filename
        ):
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(kill)
    promote(alice, prod, products)
    sys.setprofile(None)
    print(count)  # noqa: T201
