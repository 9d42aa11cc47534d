"""Processes that begin the same moment: each prints `ready` and waits for a line, then all go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence


def at_once(programs: Iterable[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
    """Run programs, each a text with its words, and give what each said, and complained of."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for code, words in programs
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60) for process in started]
