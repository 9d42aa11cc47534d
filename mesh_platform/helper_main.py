"""The helper that does any work of this program which can be pickled: `python -m` this module."""

from __future__ import annotations

import sys

from mesh_platform.helper import Answer, Work, serve


def _do(work: Work, answer: Answer) -> None:
    work(answer)


if __name__ == "__main__":
    serve(sys.argv[1], _do)
