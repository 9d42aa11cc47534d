"""Reads the text of a data type into a tree: spellings differ, types nest, names are quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"""\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|\w+|[()\[\]<>,:])""")
_OPENING, _CLOSING = ("(", "<"), (")", ">")
_ALIASES = {
    "ARRAY": "LIST",
    "BOOL": "BOOLEAN",
    "BYTEA": "BLOB",
    "CHAR": "VARCHAR",
    "CHARACTER": "VARCHAR",
    "CHARACTER VARYING": "VARCHAR",
    "BPCHAR": "VARCHAR",
    "NVARCHAR": "VARCHAR",
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "BINARY": "BLOB",
    "VARBINARY": "BLOB",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "TIME WITHOUT TIME ZONE": "TIME",
    "TIMETZ": "TIME WITH TIME ZONE",
    "DOUBLE PRECISION": "DOUBLE",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "REAL": "FLOAT",
    "INT": "INTEGER",
    "INT1": "TINYINT",
    "INT2": "SMALLINT",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "SHORT": "SMALLINT",
    "LONG": "BIGINT",
    "NUMERIC": "DECIMAL",
}
_WITHOUT_WIDTH = (
    "VARCHAR",
    "BLOB",
    "FLOAT",
    "TIME",
    "TIME WITH TIME ZONE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
)
"""Types whose width the engine accepts and forgets."""


@dataclass(frozen=True, slots=True)
class DataType:
    """A data type; `parts` are a struct's fields, a list's item, a map's key and value."""

    name: str
    numbers: tuple[str, ...] = ()
    parts: tuple[tuple[str, DataType], ...] = ()

    def part(self, name: str) -> DataType | None:
        """The type of a field."""
        return dict(self.parts).get(name)

    @property
    def stored(self) -> DataType:
        """The same type as a file keeps it: without widths that the engine forgets."""
        numbers = () if self.name in _WITHOUT_WIDTH else self.numbers
        parts = tuple((name, part.stored) for name, part in self.parts)
        return DataType(self.name, numbers, parts)


def read_type(text: str) -> DataType:
    """Read a type; what cannot be read is a type of that name."""
    tokens = _TOKEN.findall(text)
    try:
        found, rest = _type(tokens)
    except (IndexError, ValueError, StopIteration):
        rest, found = ["?"], DataType("")
    whole = not rest and found.name and not _TOKEN.sub("", text).strip()
    return found if whole else DataType(" ".join(text.upper().split()))


def _type(tokens: list[str]) -> tuple[DataType, list[str]]:
    words, tokens = _words(tokens)
    name = _ALIASES.get(words, words)
    numbers: tuple[str, ...] = ()
    parts: tuple[tuple[str, DataType], ...] = ()
    if tokens and tokens[0] in _OPENING:
        if name in ("STRUCT", "ROW", "LIST", "MAP"):
            parts, tokens = _parts(name, tokens[1:])
        else:
            numbers, tokens = _numbers(tokens[1:])
    if name == "DECIMAL" and not numbers:
        numbers = ("18", "3")
    if tokens and tokens[0].upper() in ("WITH", "WITHOUT"):
        tail, tokens = _words(tokens)
        name = _ALIASES.get(f"{name} {tail}", f"{name} {tail}")
    found = DataType("STRUCT" if name == "ROW" else name, numbers, parts)
    while tokens and tokens[0] == "[":
        tokens = tokens[tokens.index("]") + 1 :]
        found = DataType("LIST", (), (("", found),))
    return found, tokens


def _words(tokens: list[str]) -> tuple[str, list[str]]:
    count = 0
    while count < len(tokens) and re.fullmatch(r"\w+", tokens[count]):
        count += 1
    return " ".join(tokens[:count]).upper(), tokens[count:]


def _numbers(tokens: list[str]) -> tuple[tuple[str, ...], list[str]]:
    end = next(index for index, token in enumerate(tokens) if token in _CLOSING)
    return tuple(text for text in tokens[:end] if text not in (",",)), tokens[end + 1 :]


def _parts(kind: str, tokens: list[str]) -> tuple[tuple[tuple[str, DataType], ...], list[str]]:
    names = {"LIST": [""], "MAP": ["key", "value"]}.get(kind, [])
    parts: list[tuple[str, DataType]] = []
    while True:
        if kind in ("STRUCT", "ROW"):
            names.append(_unquoted(tokens[0]))
            tokens = tokens[2:] if tokens[1] == ":" else tokens[1:]
        part, tokens = _type(tokens)
        parts.append((names[len(parts)], part))
        if tokens[0] in _CLOSING:
            return tuple(parts), tokens[1:]
        tokens = tokens[1:]


def _unquoted(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token
