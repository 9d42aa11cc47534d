"""dbt unit tests as a domain's files have them, as far as the text alone tells what they say.

What cannot be read, or is written by Jinja, is left out: dbt says what is wrong with it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from typing import Any

from mesh_platform.errors import MeshError, Place
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.model.documents import Document, Path, parse_document

UNIT_TESTS = "unit_tests"
_JINJA = re.compile(r"\{[{%#]")
_TEXT = r"""\s*(?:'([^'"]+)'|"([^'"]+)")\s*"""
_INPUT = re.compile(rf"\s*(?:ref\({_TEXT}\)|source\({_TEXT},{_TEXT}\))\s*")


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """A file beside the models: the product in whose folder it lies, if any, where, its text."""

    product: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that a unit test gives or expects.

    Args:
        columns: those that they name, in lower case, and where each stands first.
        told: whether the text says which; not where they are SQL, or a file that is not known.
    """

    columns: Mapping[str, Place]
    told: bool = True


_UNTOLD = Rows({}, told=False)


@dataclass(frozen=True, slots=True)
class Given:
    """Rows that stand for an input; `table` is None where the text does not tell which."""

    said: str
    table: Table | None
    rows: Rows
    place: Place


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One unit test.

    Args:
        name: of the test.
        product: in whose folder it is written, if in any.
        model: that it is about.
        given: what stands for the inputs of the model.
        expected: what the model is to return.
        overridden: whether it changes macros or variables, and so the SQL of the model.
        places: where its keys stand.
    """

    name: str
    product: str
    model: str
    given: tuple[Given, ...]
    expected: Rows
    overridden: bool
    places: Mapping[str, Place]


@dataclass(frozen=True)
class UnitTestFiles:
    """The files with the unit tests of a domain; read when the first question is asked.

    Args:
        files: YAML that has such tests.
        fixtures: CSV files that tests may name, each by its name without the ending.
        sources: the text of the file of sources that is generated.
        alone: whether models and sources can come from nowhere else than the folders of the
            products and that file.
        run_otherwise: whether a setting or a macro of the domain may leave tests out, give them
            another model, or make dbt run them in its own way.
    """

    files: tuple[PropertyFile, ...] = ()
    fixtures: Mapping[str, PropertyFile] = field(default_factory=dict)
    sources: str = ""
    alone: bool = False
    run_otherwise: bool = False

    @cached_property
    def tests(self) -> tuple[UnitTest, ...]:
        """All tests that can be read."""
        return tuple(test for file in self.files for test in _Reader(file, self.fixtures).tests())

    def may_declare(self, source: Table) -> bool:
        """Tell whether the generated file has a source of that name, be it out of step."""
        name = re.escape(source.name)
        return re.search(rf"name:\s*['\"]?{name}\b", self.sources, re.IGNORECASE) is not None


class _Reader:
    """Reads the tests of one file."""

    def __init__(self, file: PropertyFile, fixtures: Mapping[str, PropertyFile]) -> None:
        self.file, self.fixtures = file, fixtures

    def tests(self) -> Iterator[UnitTest]:
        try:
            document = parse_document(self.file.text, self.file.file)
        except MeshError:
            return
        entries = document.data.get(UNIT_TESTS)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and _is_told(entry):
                yield self._test(document, (UNIT_TESTS, index), entry)

    def _test(self, document: Document, path: Path, entry: dict[str, Any]) -> UnitTest:
        return UnitTest(
            name=entry["name"],
            product=self.file.product,
            model=entry["model"].strip(),
            given=tuple(
                self._given(document, (*path, "given", index), given)
                for index, given in enumerate(entry["given"])
            ),
            expected=self._rows(document, (*path, "expect"), entry["expect"]),
            overridden=bool(entry.get("overrides")),
            places={key: document.place((*path, key)) for key in entry},
        )

    def _given(self, document: Document, path: Path, entry: dict[str, Any]) -> Given:
        said = entry["input"].strip()
        rows = self._rows(document, path, entry)
        return Given(said, _table(said), rows, document.place((*path, "input")))

    def _rows(self, document: Document, path: Path, entry: dict[str, Any]) -> Rows:
        rows, fixture = entry.get("rows"), entry.get("fixture")
        match entry.get("format", "dict"):
            case "dict" if isinstance(rows, list):
                return _of_mappings(document, (*path, "rows"), rows)
            case "csv" if fixture:
                file = self.fixtures.get(str(fixture))
                return _of_csv(file.text, Place(file.file, 1)) if file else _UNTOLD
            case "csv" if isinstance(rows, str):
                return _of_csv(rows, document.place((*path, "rows")))
        return _UNTOLD


def _is_told(entry: dict[str, Any]) -> bool:
    """Tell whether a test has the parts that dbt asks for, in words of its own."""
    given, expect = entry.get("given"), entry.get("expect")
    if not isinstance(given, list) or not isinstance(expect, dict):
        return False
    said = [entry.get("name"), entry.get("model")]
    said += [item.get("input") if isinstance(item, dict) else None for item in given]
    return all(isinstance(text, str) and not _JINJA.search(text) for text in said)


def _table(said: str) -> Table | None:
    found = _INPUT.fullmatch(said)
    if found is None:
        return None
    words = [word.lower() for word in found.groups() if word]
    return Table(words[0], words[1]) if len(words) > 1 else Table("", words[0])


def _of_mappings(document: Document, path: Path, rows: list[Any]) -> Rows:
    columns: dict[str, Place] = {}
    for index, row in enumerate(rows):
        for name in row if isinstance(row, dict) else ():
            if name.lower() not in columns and not _JINJA.search(name):
                columns[name.lower()] = document.place((*path, index, name))
    return Rows(columns)


def _of_csv(text: str, place: Place) -> Rows:
    """The names in the first line; without a row below it, dbt looks at none of them."""
    if _JINJA.search(text):
        return _UNTOLD
    try:
        reader = csv.DictReader(StringIO(text))
        names = [*(reader.fieldnames or ())] if next(reader, None) is not None else []
    except csv.Error:
        return _UNTOLD
    return Rows({name.lower(): place for name in names})
