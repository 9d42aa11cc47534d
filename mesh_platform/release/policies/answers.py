"""Reads lines from a pipe whose other end is not trusted: each in its time, none without end."""

from __future__ import annotations

import os
import select
import time

_AT_ONCE = 1 << 16


class Late(Exception):  # noqa: N818 - what it is, not what went wrong
    """A line was not there in time."""


class Lines:
    """The lines of a pipe.

    Args:
        file: its reading end.
        longest: bytes that a line may have; a longer one is cut off there.
    """

    def __init__(self, file: int, longest: int) -> None:
        self._file, self._longest = file, longest
        self._rest = b""

    def next(self, seconds: float) -> bytes:
        """The next line, without its end.

        Raises:
            Late: it is not whole in time.
            EOFError: there is none.
        """
        until = time.monotonic() + seconds
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            if sum(map(len, parts)) > self._longest:
                raise EOFError
            parts.append(self._more(until))
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _more(self, until: float) -> bytes:
        waiting = select.poll()  # `select` knows no file above 1,023
        waiting.register(self._file, select.POLLIN)
        if not waiting.poll(max(until - time.monotonic(), 0) * 1000):
            raise Late
        found = os.read(self._file, _AT_ONCE)
        if not found:
            raise EOFError
        return found
