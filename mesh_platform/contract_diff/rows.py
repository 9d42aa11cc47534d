"""One row of the table of rules, and which row judges a difference.

A row's path is a place as `Seen` writes it, where `*` is any one key, `**` anything or nothing, and
`(a|b)` one of several. The first row that fits counts.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from mesh_platform.contract_diff.relations import Judge
from mesh_platform.contract_diff.seen import Seen
from mesh_platform.contract_diff.values import Kind, Level

_SIGNS = {"**/": "(?:.*/)?", "**": "(?:.*)", "*": r"[^/\[\]]+", "[]": r"\[\]"}
_SIGN = re.compile(r"\*\*/|\*\*|\*|\[\]")


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the meaning of a difference, with the reason.

    `level` is for consumers, `producer` for the makers. A row is about one of its `kinds`, if any,
    and only where all its judges agree. `together` names the one promise that several keys of one
    place say, as operator and operands say one threshold: such differences are one change.
    """

    code: str
    path: str
    level: Level
    producer: Level
    why: str
    kinds: tuple[Kind, ...] = ()
    judges: tuple[Judge, ...] = ()
    together: str = ""

    def fits(self, seen: Seen) -> bool:
        """Tell whether the row is about this difference, its place aside."""
        of_kind = not self.kinds or seen.kind in self.kinds
        return of_kind and all(judge(seen) for judge in self.judges)


def row(
    code: str,
    path: str,
    levels: tuple[Level, Level],
    *when: Kind | Judge,
    why: str,
    together: str = "",
) -> Row:
    """Write one row; `levels` are those of consumers and producer."""
    kinds = tuple(each for each in when if isinstance(each, Kind))
    judges = tuple(each for each in when if not isinstance(each, Kind))
    return Row(code, path, *levels, why, kinds, judges, together)


class Table:
    """Rows in their order; the last ones must fit everything."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        self._at = functools.lru_cache(maxsize=4096)(self._rows_at)

    def judge(self, seen: Seen) -> Row:
        """The row that a difference falls under."""
        return next(row for row in self._at(seen.place) if row.fits(seen))

    def _rows_at(self, place: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if _pattern(row.path).fullmatch(place))


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_SIGN.sub(lambda sign: _SIGNS[sign[0]], path))
