"""Formats errors of an engine, which quote values, so that they show no classified value.

If the engine can read a classified column, the message shows the kind of the error and at most a
name from the team's own text, or the operating system's reason.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from functools import cache

from mesh_platform.checks.targets import all_targets
from mesh_platform.engines.duckdb.masks import MASK
from mesh_platform.model.contract import Contract

KEPT_BACK = "nothing else is shown of it"
"""Words in a message that hides everything but the kind of an error."""
_OF_DBT = ("Compilation Error",)
"""Errors that dbt raises before the engine runs anything."""
_WRITTEN_WRONG = ("binder", "catalog", "compilation", "parser", "syntax")
"""Kinds of errors that are about the text of a query, and name parts of it."""
_NAMED = re.compile(r"\"([^\"]+)\"|'([^']+)'|`([^`]+)`|\bname (\S+)")


class EngineWords:
    """Format errors of engines; hide what they quote if a readable column is classified.

    Args:
        reach: the contracts of all ports that the engine could read.
        secret: whether variables name what it reads, so that an error may repeat their values.
    """

    def __init__(self, reach: Iterable[Contract] = (), *, secret: bool = False) -> None:
        targets = [target for each in reach for target in all_targets(each)]
        self.hidden = any(target.classified for target in targets)
        self._promised = {target.column.name.lower() for target in targets}
        self.unwritten = self.hidden or secret
        """Whether errors must stay out of logs that another program writes."""

    def told(self, error: BaseException | str, written: str = "") -> str:
        """Return the error in one line.

        Args:
            error: the exception, or its message.
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

    def column(self, name: str, written: str) -> str:
        """Return the name of a column; mask it where it may be a value.

        A file that lacks its header has names made of its first row, and a pivot makes names of
        values.

        Args:
            name: the name in the data.
            written: what the team wrote; a name in it is no secret.
        """
        word = rf"(?<!\w){re.escape(name)}(?!\w)"
        known = name.lower() in self._promised or re.search(word, written, re.IGNORECASE)
        return name if known or not self.hidden else MASK


def _first_line(error: BaseException | str) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _kind(error: BaseException | str) -> str:
    """Return the kind of an error in DuckDB's words, and nothing else of its message."""
    known = _kinds()
    if isinstance(error, BaseException):
        name = _spaced(type(error).__name__)
        return known.get(name.lower(), f"error of the kind {type(error).__name__}")
    found = (known.get(match.lower()) for match in _candidates(error))
    return next((kind for kind in found if kind), "an error of the engine")


def _reason(kind: str, said: str) -> str:
    """Return the operating system's reason of an IO error; such texts are fixed, without values."""
    known = (os.strerror(number) for number in errno.errorcode) if kind == "IO Error" else ()
    return next((f": {words}" for words in known if said.rstrip(".").endswith(words)), "")


def _candidates(text: str) -> list[str]:
    """Return the words that may be the name of a kind, in their order."""
    return re.findall(rf"\b(?:{'|'.join(map(re.escape, _kinds().values()))})\b", text, re.I)


@cache
def _kinds() -> dict[str, str]:
    """Return the names of the kinds of errors of the engine and dbt, by name in lower case."""
    import duckdb

    names = (_spaced(name) for name in dir(duckdb) if name.endswith("Exception"))
    return {name.lower(): name for name in (*_OF_DBT, *names)}


def _spaced(name: str) -> str:
    """Convert `OutOfRangeException` into the name that DuckDB prints: `Out Of Range Error`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Exception")) + " Error"


def _name(said: str, written: str) -> str | None:
    """Return the first name that an error quotes and that is a word of the text."""
    quoted = ("".join(parts) for parts in _NAMED.findall(said))
    return next((name for name in quoted if _stands_in(name, written)), None)


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) is not None
