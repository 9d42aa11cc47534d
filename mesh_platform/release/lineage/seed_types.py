"""Find faults in the types that `column_types` gives to the columns of a seed.

A type is wrong only where DuckDB says so; what dbt renders first is left to the build.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.files import seen_from, text_of

COLUMN_TYPES = "column_types"
_TEMPLATE = "{{"
_UNKNOWN, _REFUSED = "Catalog Error: Type with name", "Binder Error: "
_WAY = "correct the type, or take it out"
_NONE = "write a type, or take the column out"


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold what sets up a seed, with its file; `own` tells whether it is of this seed alone."""

    file: Path
    said: Mapping[str, object]
    own: bool


@dataclass(frozen=True, slots=True)
class SeedFault:
    """Hold what is wrong with a seed; a warning does not end a build."""

    said: str
    place: Place
    way: str
    severity: str = "error"


def type_faults(
    root: Path, seed: str, header: Sequence[str], settings: Sequence[Setting]
) -> Iterator[SeedFault]:
    """Yield the types that DuckDB refuses, and columns that the seed lacks, as warnings.

    The last setting is the one that counts.
    """
    given = next((each for each in reversed(settings) if COLUMN_TYPES in each.said), None)
    types = given.said[COLUMN_TYPES] if given else None
    if given is None or not isinstance(types, dict):
        return
    named = _Types(seed, {str(name): kind for name, kind in types.items()}, text_of(given.file))
    file = seen_from(root, given.file)
    yield from named.wrong(file, header)
    if given.own:
        yield from named.strange(file, header)


@dataclass(frozen=True, slots=True)
class _Types:
    """Hold the types that a file names for a seed, and the text of the file."""

    seed: str
    types: Mapping[str, object]
    text: str

    def wrong(self, file: str, header: Sequence[str]) -> Iterator[SeedFault]:
        """Yield the types that are none."""
        kinds = {name: str(self.types[name]) for name in header if name in self.types}
        asked = {name: kind for name, kind in kinds.items() if self._is_written(name, kind)}
        wrong = _refused(set(asked.values()))
        for column, kind in asked.items():
            if kind not in wrong:
                continue
            said = f"the column `{column}` of the seed `{self.seed}` has the type `{kind}`"
            place = Place(file, self._line(column, kind))
            if self.types[column] is None:
                said = f"`{COLUMN_TYPES}` names no type for the column `{column}`"
                yield SeedFault(f"{said} of the seed `{self.seed}`", place, _NONE)
            elif whole := self._cut(column, kind):
                said += f": YAML ends the text at the comma of `{whole}`"
                yield SeedFault(said, place, f"put it in quotes: `{column}: {_quoted(whole)}`")
            else:
                yield SeedFault(f"{said}, {wrong[kind]}", place, _WAY)

    def strange(self, file: str, header: Sequence[str]) -> Iterator[SeedFault]:
        """Yield the columns that the seed lacks; what YAML cut off from a type has no type."""
        for name, kind in self.types.items():
            if name not in header and isinstance(kind, str):
                said = f"`{COLUMN_TYPES}` names the column `{name}`, which the seed `{self.seed}`"
                place = Place(file, self._line(name, kind))
                yield SeedFault(f"{said} lacks", place, did_you_mean(name, header), "warning")

    def _is_written(self, column: str, kind: str) -> bool:
        """Tell whether a type is what the file says, and not what dbt makes of a template."""
        rendered = _TEMPLATE in self.text
        return not rendered or (kind.strip() != "" and self._start(column, kind) is not None)

    def _start(self, column: str, kind: str) -> int | None:
        """Return where the type of a column stands in the file."""
        key = rf"(?<![\w.-]){re.escape(column)}['\"]?\s*:\s*['\"]?"
        found = re.search(rf"{key}(?={re.escape(kind)}(?!\s*\{{))", self.text)
        return found.end() if found else None

    def _line(self, column: str, kind: str) -> int:
        at = self._start(column, kind) or self._start(column, "") or 0
        return self.text.count("\n", 0, at) + 1

    def _cut(self, column: str, kind: str) -> str | None:
        """Return the type, as it is written, of which YAML took what stands before a comma."""
        at = self._start(column, kind)
        if at is None or kind.count("(") <= kind.count(")"):
            return None
        written = self.text[at:].splitlines()[0]
        ends = (end for end, sign in enumerate(written, 1) if sign == ")")
        whole = (written[:end] for end in ends if written[len(kind) : end].startswith(","))
        return next((each for each in whole if each.count("(") == each.count(")")), None)


def _refused(kinds: Collection[str]) -> dict[str, str]:
    """Return the texts that DuckDB takes for no type of a column, each with why."""
    from mesh_platform.engines.duckdb.trial import refusals, unparsed

    columns = {f'create table seed ("a" {kind}\n)': kind for kind in kinds}
    wrong = {columns[text]: "which is no type of DuckDB" for text in unparsed(columns)}
    casts = {f"cast(null as {kind})": kind for kind in kinds if kind not in wrong}
    for text, said in refusals(casts).items():
        if said.startswith(_UNKNOWN):
            wrong[casts[text]] = "which DuckDB does not know"
        elif said.startswith(_REFUSED):
            wrong[casts[text]] = f"which DuckDB refuses: {said.removeprefix(_REFUSED)}"
    return wrong


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
