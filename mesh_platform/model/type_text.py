"""Reads the text of a data type into a tree: spellings differ, types nest, names are quoted."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace

from mesh_platform.model.reserved_words import RESERVED_WORDS

_TOKEN = re.compile(r"""\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|\w+|[()\[\]<>,:])""")
_OPENING, _CLOSING = ("(", "<"), (")", ">")
_ALIASES = {
    "ARRAY": "LIST",
    "BOOL": "BOOLEAN",
    "LOGICAL": "BOOLEAN",
    "BYTEA": "BLOB",
    "BITSTRING": "BIT",
    "CHAR": "VARCHAR",
    "CHARACTER": "VARCHAR",
    "CHARACTER VARYING": "VARCHAR",
    "BPCHAR": "VARCHAR",
    "NVARCHAR": "VARCHAR",
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "BINARY": "BLOB",
    "VARBINARY": "BLOB",
    "GUID": "UUID",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP_US": "TIMESTAMP",
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
    "INT16": "SMALLINT",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "INT128": "HUGEINT",
    "UINT8": "UTINYINT",
    "UINT16": "USMALLINT",
    "UINT32": "UINTEGER",
    "UINT64": "UBIGINT",
    "UINT128": "UHUGEINT",
    "INTEGRAL": "INTEGER",
    "SIGNED": "INTEGER",
    "SHORT": "SMALLINT",
    "LONG": "BIGINT",
    "OID": "BIGINT",
    "VARINT": "BIGNUM",
    "DEC": "DECIMAL",
    "NUMERIC": "DECIMAL",
    "ROW": "STRUCT",
}
ELSEWHERE = {
    "BYTEINT": "TINYINT",
    "MEDIUMINT": "INTEGER",
    "FLOAT64": "DOUBLE",
    "NUMBER": "DECIMAL",
    "BIGNUMERIC": "DECIMAL",
    "BIGDECIMAL": "DECIMAL",
    "NCHAR": "VARCHAR",
    "VARCHAR2": "VARCHAR",
    "NVARCHAR2": "VARCHAR",
    "CLOB": "VARCHAR",
    "BIT": "BOOLEAN",
    "BYTES": "BLOB",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP_LTZ": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
    "DATETIME2": "TIMESTAMP",
    "DATETIMEOFFSET": "TIMESTAMP WITH TIME ZONE",
}
"""What engines other than DuckDB call a type."""
_WITHOUT_WIDTH = (
    "VARCHAR",
    "BLOB",
    "TIME",
    "TIME WITH TIME ZONE",
    "TIMESTAMP WITH TIME ZONE",
)
"""Types whose width the engine accepts and forgets."""
_BY_SECONDS = ((0, "TIMESTAMP_S"), (3, "TIMESTAMP_MS"), (6, "TIMESTAMP"), (9, "TIMESTAMP_NS"))
"""What the engine makes of `TIMESTAMP(n)`: the first type with at least n digits of a second."""
_BITS_OF_FLOAT = 24
"""Up to this width `FLOAT(n)` has 4 bytes, above it 8."""
_NAMED_PARTS = ("STRUCT", "UNION")
_WITH_PARTS = (*_NAMED_PARTS, "LIST", "MAP", "TUPLE")


@dataclass(frozen=True, slots=True)
class DataType:
    """A data type; `parts` are a struct's fields, a list's item, a map's key and value.

    `FLOAT[3]` is an ARRAY whose only number is its size; `FLOAT[]` is a LIST.
    """

    name: str
    numbers: tuple[str, ...] = ()
    parts: tuple[tuple[str, DataType], ...] = ()

    def part(self, name: str) -> DataType | None:
        """The type of a field."""
        return dict(self.parts).get(name)

    def __str__(self) -> str:
        """Write the type as the engine does."""
        if self.name in ("LIST", "ARRAY") and self.parts:
            return f"{self.parts[0][1]}[{','.join(self.numbers)}]"
        if self.parts:
            named = self.name in _NAMED_PARTS
            inside = [f"{quoted_name(n)} {part}" if named else str(part) for n, part in self.parts]
            return f"{self.name}({', '.join(inside)})"
        return f"{self.name}({','.join(self.numbers)})" if self.numbers else self.name

    @property
    def stored(self) -> DataType:
        """The same type as a file keeps it: without widths that the engine forgets."""
        numbers = () if self.name in _WITHOUT_WIDTH else self.numbers
        parts = tuple((name, part.stored) for name, part in self.parts)
        return DataType(self.name, numbers, parts)


@functools.lru_cache(maxsize=4096)
def read_type(text: str) -> DataType:
    """Read a type; what cannot be read is a type of that name."""
    tokens = _TOKEN.findall(text)
    try:
        found, rest = _type(tokens)
    except (IndexError, ValueError, StopIteration):
        rest, found = ["?"], DataType("")
    whole = not rest and found.name and not _TOKEN.sub("", text).strip()
    return found if whole else DataType(" ".join(text.upper().split()))


def named_in_duckdb(kind: DataType) -> DataType:
    """The type with the name that DuckDB has for it, where other engines call it otherwise."""
    return _by_width(replace(kind, name=ELSEWHERE.get(kind.name, kind.name)))


def quoted_name(name: str) -> str:
    """A name as SQL writes it: in quotes only where it needs them."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)
    return (
        name
        if plain and name.lower() not in RESERVED_WORDS
        else '"' + name.replace('"', '""') + '"'
    )


def _type(tokens: list[str]) -> tuple[DataType, list[str]]:
    words, tokens = _words(tokens)
    name = _ALIASES.get(words, words)
    numbers: tuple[str, ...] = ()
    parts: tuple[tuple[str, DataType], ...] = ()
    if tokens and tokens[0] in _OPENING:
        if name in _WITH_PARTS:
            parts, tokens = _parts(name, tokens[1:])
        else:
            numbers, tokens = _numbers(tokens[1:])
    if tokens and tokens[0].upper() in ("WITH", "WITHOUT"):
        tail, tokens = _words(tokens)
        name = _ALIASES.get(f"{name} {tail}", f"{name} {tail}")
    found = _by_width(DataType(name, numbers, parts))
    while tokens and tokens[0] == "[":
        end = tokens.index("]")
        size = tuple(tokens[1:end])
        tokens = tokens[end + 1 :]
        found = DataType("ARRAY" if size else "LIST", size, (("", found),))
    return found, tokens


def _by_width(kind: DataType) -> DataType:
    """The type that the engine takes for one with a width, or with a part of it."""
    width = int(kind.numbers[0]) if kind.numbers and kind.numbers[0].isdigit() else None
    if kind.name == "DECIMAL" and len(kind.numbers) < 2:
        return DataType("DECIMAL", (*kind.numbers, "0") if kind.numbers else ("18", "3"))
    if kind.name == "FLOAT" and width is not None:
        return DataType("DOUBLE" if width > _BITS_OF_FLOAT else "FLOAT")
    if kind.name == "TIMESTAMP" and width is not None:
        return DataType(next((n for most, n in _BY_SECONDS if width <= most), str(kind)))
    return kind


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
        if kind in _NAMED_PARTS:
            names.append(_unquoted(tokens[0]))
            tokens = tokens[2:] if tokens[1] == ":" else tokens[1:]
        elif kind == "TUPLE":
            names.append(f"element{len(parts) + 1}")
        part, tokens = _type(tokens)
        parts.append((names[len(parts)], part))
        if tokens[0] in _CLOSING:
            return tuple(parts), tokens[1:]
        tokens = tokens[1:]


def _unquoted(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token
