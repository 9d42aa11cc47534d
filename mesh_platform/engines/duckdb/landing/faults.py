"""What is wrong with a source file, and how much of it may be shown."""

from __future__ import annotations

from collections.abc import Iterable

from mesh_platform.checks.targets import all_targets
from mesh_platform.engines.duckdb.masks import MASK
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract
from mesh_platform.model.landing import Landing
from mesh_platform.visible import visible

_LONGEST = 80
AGAIN = "correct the file, or deliver it again"


class SourceError(Exception):
    """A source that cannot be read as its input port says.

    Args:
        what: what is wrong, without a word of the file's content.
        line: where in the file, counted from 1.
        text: the words of the file that are wrong.
        columns: columns that the text may belong to; empty where nobody knows.
        fix: the way out.
    """

    def __init__(
        self,
        what: str,
        *,
        line: int | None = None,
        text: str | None = None,
        columns: Iterable[str] = (),
        fix: str = AGAIN,
    ) -> None:
        super().__init__(what)
        self.what, self.line, self.text = what, line, text
        self.columns, self.fix = tuple(columns), fix


class Quotable:
    """Decides whether words of a source may be shown.

    A source promises nothing itself. Where a port of the product classifies a column, only values
    under names that the product promises openly are shown.
    """

    def __init__(self, promised: Iterable[Contract]) -> None:
        targets = [target for contract in promised for target in all_targets(contract)]
        hidden = {t.steps[0].casefold() for t in targets if t.classified}
        self._all = not hidden
        self._open = {t.steps[0].casefold() for t in targets} - hidden

    def quote(self, text: str, columns: Iterable[str]) -> str:
        """The text as it may be shown, on one line; these are the columns that it may belong to."""
        names = {name.casefold() for name in columns}
        if not self._all and not (names and names <= self._open):
            return MASK
        line = visible(text).replace("\n", "\\n").replace("\t", "\\t")
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def told(landing: Landing, error: SourceError, quotable: Quotable) -> MeshError:
    """The error as a person reads it: input port, file, line, words, and the way out."""
    where = f"`{landing.file}`" if error.line is None else f"`{landing.file}`, line {error.line}"
    words = "" if error.text is None else f": `{quotable.quote(error.text, error.columns)}`"
    return MeshError(
        f"input port `{landing.name}`: {where}: {error.what}{words}",
        place=landing.place,
        fix=error.fix,
    )
