"""Finds which dbt tests surely withhold releases where they fail: nothing may soften them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.files import text_of
from mesh_platform.lineage.model_files import ModelFile, SourceTest
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.model.dbt_project import DbtProject
from mesh_platform.model.parsing import loaded
from mesh_platform.release.lineage.settings import Setting, entries, tests_of

_BLOCKS = re.compile(r"""['"]?\+?severity['"]?\s*[:=]\s*['"]?error\b['"]?""")
_SOFTENS = re.compile(r"severity|error_if|enabled|fail_calc")
"""Words by which a test may withhold nothing."""


def withholding(
    project: DbtProject, settings: str, tests: Iterable[ModelFile], beside: Sequence[Setting]
) -> frozenset[str]:
    """Files of tests in SQL: not their text, and no file that names them, may soften them.

    Args:
        project: of the domain whose tests they are.
        settings: the text of its `dbt_project.yml`.
        tests: its tests in SQL.
        beside: the files beside the models and above them.
    """
    if _softens(settings):
        return frozenset()
    texts = [text_of(path) for path in project.files("test-paths", ".yml", ".yaml")]
    texts += [setting.text for setting in beside]
    return frozenset(test.file for test in tests if _blocks(test, texts))


def source_tests(root: Path, project: str, beside: Iterable[Setting]) -> Iterator[SourceTest]:
    """Generic tests on sources."""
    if _softens(project):
        return
    for setting in beside:
        if "sources:" in setting.text and "tests:" in setting.text:
            yield from _source_tests(setting.path.relative_to(root).as_posix(), setting.text)


def _blocks(test: ModelFile, texts: Iterable[str]) -> bool:
    name = test.name.removeprefix("test ")
    return not any(map(_softens, (test.text, *(text for text in texts if name in text))))


def _softens(text: str) -> bool:
    return _SOFTENS.search(_BLOCKS.sub("", text)) is not None


def _source_tests(shown: str, text: str) -> Iterator[SourceTest]:
    for source in entries(loaded(text), "sources"):
        for entry in entries(source, "tables"):
            holders = [entry, *entries(entry, "columns")]
            tests = [test for each in holders for test in tests_of(each)]
            if tests and not _softens(f"{source.get('config')} {entry}"):
                names = (str(holder.get("name")).lower() for holder in (source, entry))
                table = Table(*names)
                place = Place(shown, _line(text, table.name))
                for test in tests:
                    kind = next(iter(test), "") if isinstance(test, dict) else test
                    yield SourceTest(f"test {kind} of {table}", table, place)


def _line(text: str, name: str) -> int:
    """The line on which a table is named."""
    named = re.compile(rf"name:.*\b{re.escape(name)}\b")
    lines = enumerate(text.lower().splitlines(), 1)
    return next((number for number, line in lines if named.search(line)), 1)
