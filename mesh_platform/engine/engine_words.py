"""What may be repeated of an engine's error: engines quote the values that they stumbled over.

Where a column in reach is classified, only the kind of the error is told, and the first name in
it that stands in the text that a team has written.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from functools import cache

from mesh_platform.model.contract import Contract
from mesh_platform.quality.targets import all_targets

KEPT_BACK = "nothing else is shown of it"
"""What stands in an error of which only the kind is told."""
_OF_DBT = ("Compilation Error",)
"""Errors that dbt raises before the engine runs anything."""
_WRITTEN_WRONG = ("binder", "catalog", "compilation", "parser", "syntax")
"""Kinds of errors that are about the text of a query, and name parts of it."""
_NAMED = re.compile(r"\"([^\"]+)\"|'([^']+)'|`([^`]+)`|\bname (\S+)")


class EngineWords:
    """Tells errors of engines; keeps back what they quote where a column is classified.

    Args:
        reach: the promises of all ports that the engine could read.
        secret: whether what it reads is named by values of variables, which an error may repeat.
    """

    def __init__(self, reach: Iterable[Contract] = (), *, secret: bool = False) -> None:
        self.hidden = any(target.classified for each in reach for target in all_targets(each))
        self.unwritten = self.hidden or secret
        """Whether errors may stand in no log that another program writes."""

    def told(self, error: BaseException | str, written: str = "") -> str:
        """The error in one line.

        Args:
            error: what was raised, or what it said.
            written: the text that the engine ran, as the team wrote it.
        """
        if not self.hidden:
            return _first_line(error)
        kind = _kind(error)
        name = _name(str(error), written) if kind.lower().startswith(_WRITTEN_WRONG) else None
        at = f" at `{name}`" if name else _reason(kind, str(error))
        return (
            f"{kind}{at} ({KEPT_BACK}: classified columns are in reach, "
            "and an error can quote their values)"
        )


def _first_line(error: BaseException | str) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _kind(error: BaseException | str) -> str:
    """Which kind of error it is, in DuckDB's words; never a word of the message itself."""
    known = _kinds()
    if isinstance(error, BaseException):
        name = _spaced(type(error).__name__)
        return known.get(name.lower(), f"error of the kind {type(error).__name__}")
    found = (known.get(match.lower()) for match in _candidates(error))
    return next((kind for kind in found if kind), "an error of the engine")


def _reason(kind: str, said: str) -> str:
    """Why the system did not read or write, in its own words; they are always the same."""
    known = (os.strerror(number) for number in errno.errorcode) if kind == "IO Error" else ()
    return next((f": {words}" for words in known if said.rstrip(".").endswith(words)), "")


def _candidates(text: str) -> list[str]:
    """Words that may be the name of a kind, in their order."""
    return re.findall(rf"\b(?:{'|'.join(map(re.escape, _kinds().values()))})\b", text, re.I)


@cache
def _kinds() -> dict[str, str]:
    """The kinds of errors of the engine and of dbt, by their names in lower case."""
    import duckdb

    names = (_spaced(name) for name in dir(duckdb) if name.endswith("Exception"))
    return {name.lower(): name for name in (*_OF_DBT, *names)}


def _spaced(name: str) -> str:
    """`OutOfRangeException` as DuckDB writes it: `Out Of Range Error`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Exception")) + " Error"


def _name(said: str, written: str) -> str | None:
    """The first name that an error quotes and that stands in the text as a word."""
    quoted = ("".join(parts) for parts in _NAMED.findall(said))
    return next((name for name in quoted if _stands_in(name, written)), None)


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) is not None
