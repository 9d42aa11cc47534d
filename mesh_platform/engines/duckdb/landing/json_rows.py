"""Reads JSON: an array of objects, or objects one after the other; each object is a row.

A value comes as it is written: the text of a string, the digits of a number, the JSON text of an
object or a list. Nothing is concluded from a sample: what a value means is said in SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from mesh_platform.engines.duckdb.landing.csv_rows import Row, refuse_names
from mesh_platform.engines.duckdb.landing.faults import SourceError

_BLOCK = 1 << 20
_LARGEST = 1 << 26
"""Characters that one object may have."""
_SPACE = re.compile(r"[ \t\r\n]*")
_NO_ROWS = "deliver at least one object: JSON has no header that names the columns of no row"


def json_columns(path: Path) -> tuple[str, ...]:
    """Every key of any object, in the order in which they first come.

    Raises:
        SourceError: the file is not JSON, or no row says what columns there are.
        UnicodeError: it is not UTF-8.
    """
    columns: dict[str, int] = {}
    for line, row, _text in _objects(path):
        for key in row:
            columns.setdefault(key, line)
    if not columns:
        what = "the file has no row" if path.stat().st_size else "the file is empty"
        raise SourceError(what, fix=_NO_ROWS)
    refuse_names(columns, max(columns.values()), "give each key a name of its own")
    return tuple(columns)


def json_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """A row for each object; what an object does not have is null.

    Raises:
        SourceError: the file is not JSON.
        UnicodeError: it is not UTF-8.
    """
    for line, read, text in _objects(path):
        nested = any(isinstance(value, dict | list) for value in read.values())
        row = _as_written(text) if nested else read
        values = [_plain(row.get(name)) for name in columns]
        if "\\u" in text:
            _refuse_half_characters(line, values, columns)
        yield values


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value  # type: ignore[no-any-return] # numbers are read as text


def _refuse_half_characters(line: int, values: Row, columns: tuple[str, ...]) -> None:
    for name, value in zip(columns, values, strict=True):
        if value is not None and re.search("[\ud800-\udfff]", value):
            what = "half of a surrogate pair is no character"
            raise SourceError(what, line=line, text=value, columns=[name])


class _NotJsonError(ValueError):
    """Report what Python's reader lets through and JSON does not know."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise _NotJsonError("an object has a key twice")
    return row


def _refuse_constant(word: str) -> None:
    raise _NotJsonError(f"{word} is not a number of JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=_refuse_constant
)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Each object with the line that it begins in, and its text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from _Reader(file).objects()


class _Reader:
    """Keeps a part of the file, from where an object begins."""

    def __init__(self, file: Any) -> None:
        self.file, self.text, self.position, self.line = file, "", 0, 1
        self.ended = False

    def objects(self) -> Iterator[tuple[int, dict[str, Any], str]]:
        listed = self._next() == "["
        if listed:
            self._step(1)
        between = False
        while sign := self._next():
            if listed and sign == "]" and not between:
                self._end()
                return
            if sign != "{":
                raise self._not_json("an object is expected")
            yield self._object()
            between = listed and self._separated()
            if listed and not between and self._next() not in ("]", ""):
                raise self._not_json("a comma is missing between two objects")
        if listed or between:
            raise SourceError("the list never ends", line=self.line, fix=_CUT)

    def _separated(self) -> bool:
        if self._next() != ",":
            return False
        self._step(1)
        return True

    def _end(self) -> None:
        self._step(1)
        if self._next():
            raise self._not_json("text after the end of the list")

    def _object(self) -> tuple[int, dict[str, Any], str]:
        line = self.line
        while True:
            try:
                row, end = _DECODER.raw_decode(self.text, self.position)
            except json.JSONDecodeError as error:
                after = error.pos - self.position
                if self._may_be_cut(error) and self._more():
                    continue
                raise self._fault(error.msg, self.position + after) from error
            except RecursionError as error:
                raise SourceError("the object is nested too deeply", line=line) from error
            except ValueError as error:
                raise SourceError(str(error), line=line) from error
            text = self.text[self.position : end]
            self._step(end - self.position)
            return line, row, text

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Tell whether an error may come from the end of what is read so far."""
        at_end = error.pos >= len(self.text) - _LONGEST_WORD
        return at_end or error.msg.startswith("Unterminated")

    def _fault(self, message: str, position: int) -> SourceError:
        """Return what is wrong with the object; where the file ends within it, it is cut off."""
        line = self.line + self.text.count("\n", self.position, position)
        if not self.text[position:].strip() or message.startswith("Unterminated"):
            return SourceError("the object never ends", line=line, fix=_CUT)
        return self._at(position, line, _WORDS.get(message, "it is not JSON"))

    def _next(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            found = _SPACE.match(self.text, self.position)
            self._step((found.end() if found else self.position) - self.position)
            if self.position < len(self.text):
                return self.text[self.position]
            if not self._more():
                return ""

    def _step(self, characters: int) -> None:
        end = self.position + characters
        self.line += self.text.count("\n", self.position, end)
        self.position = end

    def _more(self) -> bool:
        """Read on; False at the end of the file, or where one object is larger than any may be."""
        kept = self.text[self.position :]
        if self.ended or len(kept) > _LARGEST:
            return False
        block = self.file.read(max(_BLOCK, len(kept)))
        self.text, self.position, self.ended = kept + block, 0, not block
        return bool(block)

    def _not_json(self, what: str) -> SourceError:
        return self._at(self.position, self.line, what)

    def _at(self, position: int, line: int, what: str) -> SourceError:
        text = self.text[position : position + _LONGEST].splitlines()[0]
        fix = "write one list of objects, or one object per line"
        return SourceError(what, line=line, text=text, fix=fix)


_LONGEST = 40
_LONGEST_WORD = len("-Infinity")
"""Characters of the longest word that a reader knows; less of it is an error."""
_CUT = "the file ends too early: deliver it whole"
_WORDS = {
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected",
    "Illegal trailing comma before end of object": "nothing follows the comma",  # from 3.13 on
    "Illegal trailing comma before end of array": "nothing follows the comma",
    "Expecting ',' delimiter": "a comma is expected",
    "Expecting ':' delimiter": "a colon is expected",
    "Expecting value": "a value is expected",
}


def _as_written(text: str) -> dict[str, Any]:
    """The values of an object, those that hold others as their own text; it is valid JSON."""
    row: dict[str, Any] = {}
    position = _after_space(text, 1)
    while text[position] == '"':
        key, position = scanstring(text, position + 1, True)
        begin = _after_space(text, _after_space(text, position) + 1)
        value, position = _DECODER.raw_decode(text, begin)
        row[key] = text[begin:position] if isinstance(value, dict | list) else value
        position = _after_space(text, position)
        if text[position] == ",":
            position = _after_space(text, position + 1)
    return row


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
