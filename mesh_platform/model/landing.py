"""Describe an input port that brings data from outside the mesh: its file and the format.

`mesh check` and the build call the same functions, and none of them reads data.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from mesh_platform.errors import Place, listed
from mesh_platform.model.dialect import OPTIONS, Dialect, Wrong, read_dialect
from mesh_platform.model.documents import Document, Key
from mesh_platform.model.documents import Path as YamlPath
from mesh_platform.model.findings import Findings
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.odps import CustomProperty, InputPortEntry
from mesh_platform.model.quotes import in_quotes
from mesh_platform.model.verdict import as_written, shown

IN_PACKAGE = "package:"
FORMATS: dict[str, frozenset[str]] = {
    "csv": frozenset(OPTIONS),
    "json": frozenset({"encoding", "compression"}),
    "parquet": frozenset({"compression"}),
}
"""Map each format that can be read to the options that describe such a file."""
_OTHER_FORMATS = {
    "tsv": "write `format: csv` and the property `delimiter` with the value `\\t`",
    "ndjson": "write `format: json`: it reads one object per line, too",
    "jsonl": "write `format: json`: it reads one object per line, too",
    "xlsx": "save the sheet as CSV, and write `format: csv`",
    "xls": "save the sheet as CSV, and write `format: csv`",
}
_OF_ENDINGS = {"json": "json", "jsonl": "json", "ndjson": "json", "parquet": "parquet"}
"""Map endings of files that are surely no CSV to the format to say."""
_CLOSE = 0.8
"""Similarity from which on a property's name counts as a misspelt option."""


class Landing(Frozen):
    """Hold an input port that brings a file from outside the mesh.

    `location` is the path to read. Messages show `written`, in which variables are not filled.
    """

    name: str
    location: str = Field(repr=False)
    format: str
    format_said: bool = True
    """Whether the input port names the format, and does not leave it to be CSV."""
    place: Place
    dialect: Dialect = Dialect()
    written: str = ""

    @property
    def shown(self) -> str:
        """Return the location in the form that messages may show."""
        return self.written or self.location

    @property
    def file(self) -> str:
        """Return the file's name in the form that messages may show."""
        return self.shown.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Hold the reason why an input port cannot be read, and the fix."""

    code: str
    message: str
    fix: str


def refusal(landing: Landing, folder: Path) -> Refusal | None:
    """Return what makes a source unreadable whatever is delivered, or None.

    Args:
        landing: the input port.
        folder: the product's folder.
    """
    return _format_refusal(landing) or _location_refusal(landing, folder)


def _format_refusal(landing: Landing) -> Refusal | None:
    ending = next((e for e in map(str.lower, _endings(landing)) if e in _OF_ENDINGS), None)
    if ending and not landing.format_said:
        return Refusal(
            "input.format",
            f"input port `{landing.name}`: {shown(landing.file)} would be read as CSV",
            f"add the property `format` with the value `{_OF_ENDINGS[ending]}`, or `csv`",
        )
    if landing.format in FORMATS:
        return None
    known = f"use one of: {', '.join(FORMATS)}"
    return Refusal(
        "input.format",
        f"input port `{landing.name}`: no reader serves the format {shown(landing.format)}",
        _OTHER_FORMATS.get(landing.format.lower(), known),
    )


def _endings(landing: Landing) -> list[str]:
    return landing.file.split(".")[1:]


def _location_refusal(landing: Landing, folder: Path) -> Refusal | None:
    path = folder / landing.location
    if path.is_file():
        return None
    found = _on_disk(path) if path.exists() else _as_written(landing.location)
    if found is None:
        return None
    what, fix = found
    said = f"input port `{landing.name}`: the location {shown(landing.shown)} is {what}"
    return Refusal("input.location", said, fix)


def _on_disk(path: Path) -> tuple[str, str]:
    """Describe what is on disk in place of a file, and the way out."""
    if path.is_dir():
        return "a folder, and one file is read", "name the file in it"
    return "a pipe or a device, and only files are read", "copy what it holds to a file first"


def _as_written(location: str) -> tuple[str, str] | None:
    """Describe a location that cannot be a file, and the way out; None where it can be one."""
    if location.startswith(IN_PACKAGE):
        whole = re.fullmatch(r"[\w.]+/.*[^/]", location.removeprefix(IN_PACKAGE))
        return None if whole else ("no file in a package", "write `package:NAME/path/file.csv`")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", location):
        return "an address, and only files are read", "copy the file beside the product first"
    if location.endswith("/"):
        return "a folder, and one file is read", "name the file in it"
    if re.search(r"[*?\[]", location):
        fix = "name the file; one input port for each file"
        return "a pattern of names, and one file is read", fix
    return None


def read_landing(
    entry: InputPortEntry, path: tuple[Key, ...], document: Document, folder: Path
) -> tuple[Landing, Findings]:
    """Read an input port without contract.

    Args:
        entry: the input port.
        path: where the document has it.
        document: the descriptor.
        folder: the product's folder.

    Returns:
        The source, and what is wrong with it; with an error in it no build begins.
    """
    reader = _Reader(entry, path, document)
    landing = reader.read()
    if found := refusal(landing, folder) if landing.location else None:
        option = found.code.removeprefix("input.")
        place = reader.place(option) if option in reader.named else landing.place
        reader.findings.add(found.code, found.message, place, fix=found.fix)
    return landing, reader.findings


class _Reader:
    """Reads the custom properties of one input port, each with its line."""

    def __init__(self, entry: InputPortEntry, path: tuple[Key, ...], document: Document) -> None:
        self.entry, self.path, self.document = entry, path, document
        self.findings = Findings()
        self.named: dict[str, int] = {}
        for index, item in enumerate(entry.custom_properties):
            if item.property in self.named:
                self._twice(item, index)
            self.named.setdefault(item.property, index)

    def place(self, name: str) -> Place:
        """Return the place of a property's value."""
        return self.document.place((*self.path, "customProperties", self.named[name], "value"))

    def read(self) -> Landing:
        name, place = self.entry.name, self.document.place(self.path)
        location = self.entry.custom("location")
        if not location:
            self.findings.add(
                "input.no-source",
                f"input port `{name}` names neither a contract nor a location",
                place,
                fix="add `contractId`, or the custom properties `location` and `format`",
            )
        kind = str(self.entry.custom("format") or "csv")
        return Landing(
            name=name,
            location=str(location or ""),
            written=str(self._written("location") or ""),
            format=kind,
            format_said=self.entry.custom("format") is not None,
            place=place,
            dialect=self._dialect(kind),
        )

    def _dialect(self, kind: str) -> Dialect:
        values = {name: self.entry.custom(name) for name in self.named if name in OPTIONS}
        self._useless(kind, values)
        self._misspelt()
        dialect, wrong = read_dialect(values)
        for item in wrong:
            written = self._written(item.option)
            secret = written != values[item.option]
            what, fix = self._told(item)
            if secret:
                what, fix = f"what {shown(written)} stands for cannot be used", None
            self._note(item.option, f"`{item.option}`: {what}", fix)
        return dialect

    def _told(self, item: Wrong) -> tuple[str, str | None]:
        """Return what is wrong with an option and the way out; a value as the file has it."""
        if item.no_text is None:
            return item.message, item.fix
        path: YamlPath = (*self.path, "customProperties", self.named[item.option], "value")
        value = self._written(item.option)
        if isinstance(value, list):
            path = (*path, value.index(item.no_text))
        written = as_written(self.document, path, item.no_text)
        return f"{written} is not text", in_quotes(item.no_text, written)

    def _written(self, name: str) -> Any:
        """Return the value of a property as written in the file, before variables are filled."""
        value: Any = self.document.data
        for key in (*self.path, "customProperties", self.named.get(name), "value"):
            value = value[key] if key is not None else None
            if value is None:
                break
        return value

    def _useless(self, kind: str, values: Mapping[str, Any]) -> None:
        for name in values if kind in FORMATS else ():
            if name not in FORMATS[kind]:
                known = sorted(FORMATS[kind])
                self._note(
                    name,
                    f"`{name}` says nothing of a file of the format `{kind}`",
                    f"remove it; for `{kind}` there are: {listed(known)}",
                )

    def _misspelt(self) -> None:
        for name, meant in self._close():
            self._note(name, f"`{name}` is no option of a file", f"did you mean `{meant}`?")

    def _close(self) -> Iterator[tuple[str, str]]:
        known = (*OPTIONS, "location", "format")
        for name in self.named:
            found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_CLOSE)
            if found and name not in known:
                yield name, found[0]

    def _twice(self, item: CustomProperty, index: int) -> None:
        place = self.document.place((*self.path, "customProperties", index))
        self.findings.add(
            "input.option",
            f"input port `{self.entry.name}`: the property `{item.property}` is there twice",
            place,
            fix="remove one of them",
        )

    def _note(self, name: str, what: str, fix: str | None) -> None:
        self.findings.add(
            "input.option",
            f"input port `{self.entry.name}`: {what}",
            self.place(name),
            fix=fix,
        )
