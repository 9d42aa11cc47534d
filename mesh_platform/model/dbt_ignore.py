"""Tell which files of a dbt project dbt takes for its own, by their names and by `.dbtignore`.

The lines of `.dbtignore` are patterns of git, seen from the folder of the project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import PathSpec

from mesh_platform.files import is_leftover, text_of

DBT_IGNORE = ".dbtignore"
_PATTERNS = "gitwildmatch"


@dataclass(frozen=True)
class DbtIgnore:
    """Hold what `.dbtignore` of the project in `folder` says.

    `wrong` are lines that are no pattern, with their numbers: dbt cannot start with one.
    """

    folder: Path
    patterns: PathSpec
    wrong: tuple[tuple[int, str], ...] = ()

    def hides(self, path: Path) -> bool:
        """Tell whether a pattern keeps a file from dbt."""
        return len(self.patterns) > 0 and self.patterns.match_file(
            os.path.relpath(path, self.folder)
        )

    def takes(self, path: Path, *endings: str) -> bool:
        """Tell whether dbt reads a file, if it looks in its folder for files with these endings.

        Like dbt, take no file that an editor or a Mac leaves beside another one.
        """
        right = path.name.lower().endswith(endings) and not is_leftover(path.name)
        return right and not self.hides(path)


def read_ignore(folder: Path) -> DbtIgnore:
    """Read the `.dbtignore` of the project in a folder; without one, nothing is hidden."""
    lines = text_of(folder / DBT_IGNORE).splitlines()
    wrong = tuple(_wrong(lines))
    numbers = {number for number, _ in wrong}
    known = [line for number, line in enumerate(lines, 1) if number not in numbers]
    return DbtIgnore(folder, PathSpec.from_lines(_PATTERNS, known), wrong)


def _wrong(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        try:
            PathSpec.from_lines(_PATTERNS, [line])
        except (ValueError, re.error):
            yield number, line
