"""Physical types: does the new one hold fewer values, more, with fewer digits, or other ones?

By family and width. Names are DuckDB's and the usual ones of other SQL engines.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from mesh_platform.model.type_text import ELSEWHERE, DataType, read_type

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "HUGEINT": 128}
_TEXT = frozenset({"VARCHAR", "BLOB"})
_FLOATS = ("FLOAT", "DOUBLE")
_DIGITS_OF_SECONDS = {"TIMESTAMP_S": 0, "TIMESTAMP_MS": 3, "TIMESTAMP": 6, "TIMESTAMP_NS": 9}
_ENDLESS = 10**9


class Width(IntEnum):
    """Name the relation of a new type to the old one; of several parts, the greatest counts."""

    SAME = 0
    NARROWER = 1
    MOVED = 2
    EXTENDED = 3
    WIDER = 4
    COARSER = 5
    OTHER = 6


def compared_types(old: Any, new: Any) -> Width:
    """Compare two physical types as contracts write them."""
    return _texts(str(old), str(new))


@functools.lru_cache(maxsize=1024)
def _texts(old: str, new: str) -> Width:
    return compared(read_type(old), read_type(new))


def compared_formats(old: Any, new: Any) -> Width:
    """Compare two `format`s of a number: `i32`, `u8`, `f64`; of anything else, whether equal."""
    names = [_format_type(str(each)) for each in (old, new)]
    if None in names:
        return Width.SAME if old == new else Width.OTHER
    return compared_types(*names)


def format_fits(name: Any, kind: DataType | None) -> bool:
    """Tell whether every value of a type has a `format` of a number; one that is not said has."""
    wanted = _format_type(str(name))
    if name is None or kind is None or wanted is None:
        return name is None
    return compared(read_type(wanted), kind) in (Width.SAME, Width.NARROWER)


def integers_of(kind: DataType | None) -> tuple[int, int] | None:
    """The least and the greatest value of an integer type; None of another one."""
    return None if kind is None else _range(_name(kind))


def decimals_of(kind: DataType) -> tuple[int, int] | None:
    """The number of digits, and of those behind the point, of a decimal; None of another type."""
    return _precision(kind) if _name(kind) == "DECIMAL" else None


def _format_type(name: str) -> str | None:
    if name in ("f32", "f64"):
        return {"f32": "FLOAT", "f64": "DOUBLE"}[name]
    words = {f"i{bits}": word for word, bits in _BITS.items()}
    words |= {f"u{bits}": f"U{word}" for word, bits in _BITS.items()}
    return words.get(name)


def compared(old: DataType, new: DataType) -> Width:
    """Compare two types that are read."""
    first, second = _name(old), _name(new)
    ranges = _range(first), _range(second)
    if ranges[0] and ranges[1]:
        return _ranges(ranges[0], ranges[1])
    if first in _FLOATS and second in _FLOATS:
        return _precise(_FLOATS.index(first), _FLOATS.index(second))
    if first in _DIGITS_OF_SECONDS and second in _DIGITS_OF_SECONDS:
        return _precise(_digits_of_seconds(first, old), _digits_of_seconds(second, new))
    return _of_one_name(first, old, new) if first == second else Width.OTHER


def _of_one_name(name: str, old: DataType, new: DataType) -> Width:
    if name == "DECIMAL":
        return _decimals(old, new)
    if name in _TEXT:
        return _grown(_length(old), _length(new))
    if name == "ENUM":
        return _sets(set(old.numbers), set(new.numbers))
    return max(_parts(old, new), default=Width.SAME)


def _name(kind: DataType) -> str:
    return ELSEWHERE.get(kind.name, kind.name)


def _range(name: str) -> tuple[int, int] | None:
    """The least and the greatest value of an integer type."""
    bits = _BITS.get(name)
    if bits:
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    bits = _BITS.get(name.removeprefix("U"))
    return (0, 2**bits - 1) if bits else None


def _ranges(old: tuple[int, int], new: tuple[int, int]) -> Width:
    if old == new:
        return Width.SAME
    if old[0] <= new[0] and new[1] <= old[1]:
        return Width.NARROWER
    return Width.WIDER if new[0] <= old[0] and old[1] <= new[1] else Width.OTHER


def _precise(old: int, new: int) -> Width:
    """Fewer digits behind the point are another value, rounded."""
    return Width.COARSER if new < old else _grown(old, new)


def _grown(old: int, new: int) -> Width:
    if old == new:
        return Width.SAME
    return Width.WIDER if new > old else Width.NARROWER


def _decimals(old: DataType, new: DataType) -> Width:
    (digits, scale), (new_digits, new_scale) = _precision(old), _precision(new)
    return max(_precise(scale, new_scale), _grown(digits - scale, new_digits - new_scale))


def _precision(kind: DataType) -> tuple[int, int]:
    numbers = [int(text) for text in kind.numbers if text.isdigit()]
    given = [*numbers, 0] if len(numbers) == 1 else numbers
    return (given[0], given[1]) if len(given) == 2 else (18, 3)


def _digits_of_seconds(name: str, kind: DataType) -> int:
    given = kind.numbers[0] if kind.numbers else ""
    return int(given) if given.isdigit() else _DIGITS_OF_SECONDS[name]


def _length(kind: DataType) -> int:
    given = kind.numbers[0] if kind.numbers else ""
    return int(given) if given.isdigit() else _ENDLESS


def _sets(old: set[str], new: set[str]) -> Width:
    if old == new:
        return Width.SAME
    return Width.NARROWER if new < old else Width.WIDER


def _parts(old: DataType, new: DataType) -> Iterator[Width]:
    """Fields of a struct, the item of a list, key and value of a map; else the widths as such."""
    if old.numbers != new.numbers or bool(old.parts) != bool(new.parts):
        yield Width.OTHER
    have, want = dict(old.parts), dict(new.parts)
    if [name for name in have if name in want] != [name for name in want if name in have]:
        yield Width.MOVED
    for name in have | want:
        if name not in want:
            yield Width.OTHER
        elif name not in have:
            yield Width.EXTENDED
        else:
            yield compared(have[name], want[name])
