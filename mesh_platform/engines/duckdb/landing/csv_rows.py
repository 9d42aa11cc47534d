"""Reads CSV exactly as its input port says, and names the line that is not so.

This reader decides what a file says. It is written for truth, not for speed: `csv_shape` tells
which files DuckDB may read in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn, TextIO

from mesh_platform.engines.duckdb.landing.faults import SourceError
from mesh_platform.model.dialect import Dialect, delimiter_to_set, names_problem

Row = list[str | None]


def csv_columns(path: Path, dialect: Dialect) -> tuple[str, ...]:
    """Return the names of the columns, from the header or as the port says.

    Raises:
        SourceError: there is no header, or it names two columns alike.
        UnicodeError: the file is not UTF-8.
    """
    if isinstance(dialect.header, tuple):
        return dialect.header
    with _opened(path) as file:
        reader = _Reader(file, dialect.model_copy(update={"null": ()}))
        line, record = next(reader.records(), (0, None))
    if record is None:
        raise _nothing(path, dialect)
    if dialect.header is False:
        return tuple(f"column{index}" for index in range(len(record)))
    names = tuple(name or f"column{index}" for index, name in enumerate(record))
    refuse_names(names, line, "correct the header, or skip it and give `header` the names")
    return names


def refuse_names(names: Iterable[str], line: int | None, fix: str) -> None:
    """Refuse names of columns that SQL could not tell apart.

    Raises:
        SourceError: there are such names.
    """
    if problem := names_problem(names):
        what, name = problem
        if "\0" in name:
            fix = "text with a NUL after each letter is UTF-16: set the property `encoding`"
        raise SourceError(what, line=line, text=name, columns=[name], fix=fix)


def csv_rows(path: Path, dialect: Dialect, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows below the header, each with as many fields as there are columns.

    Raises:
        SourceError: a row is not as the port says.
        UnicodeError: the file is not UTF-8.
    """
    with _opened(path) as file:
        reader = _Reader(file, dialect, columns)
        records = reader.records()
        if dialect.header is True:
            next(records, None)
        for line, record in records:
            if len(record) != len(columns):
                reader.refuse_number(line, record)
            yield record


def _opened(path: Path) -> TextIO:
    """The text with its line ends as they are, without the mark of its encoding."""
    return path.open(encoding="utf-8-sig", newline="")


def _nothing(path: Path, dialect: Dialect) -> SourceError:
    if not path.stat().st_size:
        return SourceError("the file is empty, it has not even a header")
    skipped = f" after the {dialect.skip} that are skipped" if dialect.skip else ""
    return SourceError(f"the file has no line{skipped}, not even a header")


_LARGEST = 1 << 26
"""Characters that a quoted field may have; after a quote that is never closed, the file is one."""


def _up_to_mark(marks: re.Pattern[str], line: str, position: int) -> tuple[str, int]:
    """Return what follows in the line up to a mark, and where the mark is.

    A pair, such as a doubled quote, is no mark. One pattern for all of it would need possessive
    quantifiers, which match otherwise in Python 3.11.2.
    """
    found = (mark.start() for mark in marks.finditer(line, position) if mark["pair"] is None)
    end = next(found, len(line))
    return line[position:end], end


class _Reader:
    """Splits text into records; a line is a record unless a line end is quoted or escaped."""

    def __init__(self, file: TextIO, dialect: Dialect, columns: tuple[str, ...] = ()) -> None:
        self.file, self.dialect, self.columns = file, dialect, columns
        self.number, self.cut = 0, False
        self.nulls = frozenset(dialect.null)
        quote = re.escape(dialect.quote or "")
        escape = re.escape(dialect.escape or "")
        special = quote + escape
        self.special = re.compile(f"[{special}]").search if special else None
        delimiter = re.escape(dialect.delimiter)
        doubled = f"{quote}{quote}"
        escaped = rf"{escape}[\s\S]" if escape else ""
        pairs = "|".join(filter(None, (escaped, doubled)))
        self.inside = re.compile(rf"(?P<pair>{pairs})|[{special}]") if quote else None
        pair = rf"(?P<pair>{escaped or '(?!)'})"
        self.plain = re.compile(rf"{delimiter}|{pair}|[{special}\r\n]")
        self.pairs = re.compile(rf"{escape or quote}([\s\S])|{quote}({quote})") if special else None

    def records(self) -> Iterator[tuple[int, Row]]:
        """Each record with the line that it begins in."""
        delimiter, comment, nulls = self.dialect.delimiter, self.dialect.comment, self.nulls
        for _ in range(self.dialect.skip):
            self._next_line()
        while line := self._next_line():
            start = self.number
            if comment and line.startswith(comment):
                continue
            if self.special and self.special(line):
                yield start, list(self._fields(line))
                continue
            fields = line.rstrip("\r\n").split(delimiter)
            yield start, [None if field in nulls else field for field in fields]

    def refuse_number(self, line: int, record: Row) -> NoReturn:
        """Say that a record has another number of fields than there are columns."""
        has, wanted = len(record), len(self.columns)
        text = self.dialect.delimiter.join(field or "" for field in record)
        if record in ([None], [""]):
            what, shown, fix = f"the line is empty, there are {wanted} columns", None, "remove it"
        else:
            what, shown = f"{has} field{'s' * (has != 1)} for {wanted} column", text
            what += "s" * (wanted != 1)
            plain = "correct the line; a field that holds the delimiter is quoted"
            fix = delimiter_to_set(self.columns) or plain
        if has < wanted and self.cut:
            fix = "the file ends in this line: deliver it whole"
        raise SourceError(what, line=line, text=shown, columns=self.columns, fix=fix)

    def _next_line(self) -> str:
        self.number += 1
        line = self.file.readline()
        self.cut = not line.endswith(("\r", "\n"))
        return line

    def _fields(self, line: str) -> Iterator[str | None]:
        """Fields of a record that begins with this line."""
        position = 0
        field: str | None
        while True:
            if self.dialect.quote and line.startswith(self.dialect.quote, position):
                field, line, position = self._quoted(line, position)
            else:
                field, line, position = self._unquoted(line, position)
            yield field
            if line.startswith(self.dialect.delimiter, position):
                position += len(self.dialect.delimiter)
            elif line[position:] in ("", "\n", "\r\n", "\r"):
                return
            else:
                self._refuse_mark(line, position)

    def _quoted(self, line: str, position: int) -> tuple[str, str, int]:
        assert self.inside  # noqa: S101 - there is a quote
        start, parts, position, length = self.number, list[str](), position + 1, 0
        while True:
            part, position = _up_to_mark(self.inside, line, position)
            parts.append(part)
            if position < len(line):
                break
            length += len(part)
            line, position = self._next_line(), 0
            if not line or length > _LARGEST:
                ends = f"is longer than {_LARGEST >> 20} MB" if line else "never ends"
                raise SourceError(
                    f"the quoted field that begins here {ends}",
                    line=start,
                    text=parts[0].rstrip("\r\n") or None,
                    columns=self.columns,
                    fix="close the quote; where quotes are plain text, set `quote` to `none`",
                )
        if line[position] != self.dialect.quote:
            self._refuse_mark(line, position)
        return self._meant("".join(parts)), line, position + 1

    def _unquoted(self, line: str, position: int) -> tuple[str | None, str, int]:
        parts = list[str]()
        while True:
            part, position = _up_to_mark(self.plain, line, position)
            parts.append(part)
            if position < len(line) or not part.endswith(("\r", "\n")):
                break
            line, position = self._next_line(), 0  # the line end was escaped
            if not line:
                break
        text = "".join(parts)
        return None if text in self.nulls else self._meant(text), line, position

    def _meant(self, text: str) -> str:
        """Return the text without what protects its quotes, delimiters and line ends."""
        return self.pairs.sub(lambda pair: pair[1] or pair[2], text) if self.pairs else text

    def _refuse_mark(self, line: str, position: int) -> NoReturn:
        before = line[:position]
        if line[position] != self.dialect.quote and not before.endswith(self.dialect.quote or "\0"):
            what, fix = "the file ends with an escape", "deliver the file whole"
        elif line[position] == self.dialect.quote:
            what = "a quote inside a field that does not begin with one"
            fix = "quote the field and double the quote; plain quotes: set `quote` to `none`"
        else:
            what = "text after the quote that ends a field"
            fix = "double a quote that belongs to the field"
        text = line.rstrip("\r\n")
        raise SourceError(what, line=self.number, text=text, columns=self.columns, fix=fix)
