"""Proves that DuckDB reads a CSV file as it is meant, without splitting it.

DuckDB takes an extra empty field at the end of a row for none, skips empty lines, fails where line
ends differ, and finds comments within a line. A file of which such things are known to be absent is
read by it, far faster than by Python; all others, and all with a fault, are left to `csv_rows`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.model.dialect import Dialect

_BLOCK = 1 << 24
_BYTES = bytes(range(256))


@dataclass(frozen=True, slots=True)
class Shape:
    """Hold the facts of a file that has the same number of fields in all rows.

    `rows` counts the header, too; `line_end` is None where both ends of lines come;
    `whole_lines` says that no field holds a line end.
    """

    rows: int
    line_end: str | None
    whole_lines: bool


def shape_of(path: Path, dialect: Dialect, fields: int) -> Shape | None:
    """Look at the whole file, a block at a time.

    Args:
        path: plain UTF-8 text.
        dialect: how it is written.
        fields: how many each row must have.

    Returns:
        Its shape, or None where nothing is proven.
    """
    if not _simple(dialect):
        return None
    scan = _Scan(dialect, fields)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not scan.add(block):
                return None
    return scan.end()


def _simple(dialect: Dialect) -> bool:
    marks = [dialect.delimiter, dialect.quote or ",", dialect.escape or ",", dialect.comment or ","]
    return not dialect.skip and all(len(mark) == 1 and mark.isascii() for mark in marks)


def with_one_line_end(path: Path, quote: str | None, target: Path) -> None:
    """Write a file of a known shape with the line end LF, and fields as they are."""
    mark = (quote or "").encode()
    parts = re.compile(b"(" + mark + b"[^" + mark + b"]*" + mark + b")") if mark else None
    held = b""
    with path.open("rb") as file, target.open("wb") as plain:
        while block := file.read(_BLOCK):
            data = held + block
            cut = len(data) - data.endswith(b"\r")
            if mark and data.count(mark) % 2:
                cut = data.rindex(mark)
            data, held = data[:cut], data[cut:]
            pieces = parts.split(data) if parts and mark in data else [data]
            pieces[::2] = [piece.replace(b"\r\n", b"\n") for piece in pieces[::2]]
            plain.write(b"".join(pieces))
        plain.write(held)


class _Scan:
    """Replaces each quoted part by one quote, and compares what is left with equal rows."""

    def __init__(self, dialect: Dialect, fields: int) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        delimiter, quote = dialect.delimiter.encode(), (dialect.quote or "").encode()
        self.foreign = [mark.encode() for mark in (dialect.escape, dialect.comment) if mark]
        self.row = delimiter * (fields - 1) + b"\n"
        self.others = _BYTES.translate(None, delimiter + b"\n")
        self.quote = quote
        if quote:
            q = re.escape(quote)
            self.quoted = re.compile(b"(?:" + q + b"[^" + q + b"]*" + q + b")+")
        self.edges = [delimiter, b"\n", b"\r"]
        self.held = self.left = b""
        self.last = b"\n"
        self.first, self.whole_lines = True, True
        self.rows = self.returns = self.pairs = 0

    def add(self, block: bytes) -> bool:
        """Take the next block; False where the proof fails."""
        try:
            self.decoder.decode(block)
        except UnicodeError:
            return False
        if any(mark in block for mark in self.foreign):
            return False
        if self.first:
            block, self.first = block.removeprefix(codecs.BOM_UTF8), False
        data = self.held + block
        self.held = b""
        if self.quote and data.count(self.quote) % 2:  # the last quote opens what goes on
            cut = data.rindex(self.quote)
            data, self.held = data[:cut], data[cut:]
        return self._fits(data)

    def _fits(self, data: bytes) -> bool:
        outside = data
        if self.quote and self.quote in data:
            outside = self.quoted.sub(self.quote, data)
            if self.last == self.quote:  # a doubled quote, half of it in the block before
                outside = outside.removeprefix(self.quote)
            ends = (data.count(end) == outside.count(end) for end in (b"\n", b"\r"))
            self.whole_lines = self.whole_lines and all(ends)
        seen = self.last + outside
        if self.quote and not self._well_placed(seen):
            return False
        self.returns += outside.count(b"\r")
        self.pairs += seen.count(b"\r\n")
        self.last = seen[-1:]
        left = self.left + outside.translate(None, self.others)
        rows = len(left) // len(self.row)
        whole, self.left = left[: rows * len(self.row)], left[rows * len(self.row) :]
        self.rows += rows
        return whole == self.row * rows

    def _well_placed(self, seen: bytes) -> bool:
        """Tell whether every quoted part is a whole field; the first byte was looked at before."""
        begun = sum(seen.count(edge + self.quote) for edge in self.edges)
        ended = sum(seen.count(self.quote + edge) for edge in self.edges)
        return begun == seen.count(self.quote, 1) and ended == seen.count(self.quote, 0, -1)

    def end(self) -> Shape | None:
        """Return what was proven once all blocks were taken."""
        try:
            self.decoder.decode(b"", final=True)
        except UnicodeError:
            return None
        rows = self.rows
        if self.last != b"\n":  # the last row ends with the file
            self.left += b"\n"
            rows += 1
            if self.left != self.row:
                return None
        elif self.left:
            return None
        if self.held or self.returns != self.pairs:
            return None
        ends = {self.rows: "\r\n", 0: "\n"}
        return Shape(rows, ends.get(self.pairs), self.whole_lines)
