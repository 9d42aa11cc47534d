"""Ties a helper process to the one it serves: no orphan goes on building after a crash."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def serve_only() -> None:
    """Leave the keyboard's Ctrl-C to the parent; leave at once when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
