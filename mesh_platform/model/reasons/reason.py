"""Define what the platform says of a code: what must hold, and why."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """Hold one sentence each: `asks` says what must hold, `why` who suffers if it does not.

    As a policy's words, `why` goes on where somebody said "why:". `stops` tells whether nothing of
    the domain is built as long as it stays, whichever product it is in; `withholds`, whether
    nothing of the product is released.
    """

    asks: str | None = None
    why: str | None = None
    stops: bool = False
    withholds: bool = False
