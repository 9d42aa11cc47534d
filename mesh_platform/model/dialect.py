"""Describe how a file from outside is written: what an input port may say, and the default.

The default is RFC 4180. Nothing is ever guessed from the file: what it does not say, the input port
does, as custom properties of these names.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh_platform.errors import did_you_mean
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.quotes import in_quotes
from mesh_platform.model.verdict import shown

COMPRESSIONS = {
    "none": None,
    "bz2": ".bz2",
    "gzip": ".gz",
    "xz": ".xz",
    "zip": ".zip",
    "zstd": ".zst",
}
"""How a file may be packed, and by which end of its name that is known."""
_LONGEST_DELIMITER = 8
_DELIMITERS = {";": ";", "\t": "\\t", "|": "|"}
"""Usual delimiters other than the default, as people write them."""
_LINE_ENDS = ("\n", "\r")
_NONE = (None, "", "none")
"""How an input port says that nothing quotes, or escapes, or begins a comment."""


class Dialect(Frozen):
    """Hold how a file is read; the defaults are those of RFC 4180.

    `quote`, `escape` and `comment` are None where there is none; with `escape` None a quote inside
    a quoted field is doubled. `header` lists the columns' names where the file does not have them.
    `null` are the unquoted texts that mean no value. `compression` None follows the file's name.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    header: bool | tuple[str, ...] = True
    skip: int = 0
    comment: str | None = None
    encoding: str = "utf-8"
    null: tuple[str, ...] = ("",)
    decimal: str = "."
    compression: str | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Hold an option that cannot be followed, and why."""

    option: str
    message: str
    fix: str | None = None
    no_text: bool | int | float | None = None
    """A value that should be text and has no quotes."""


class _WrongValueError(ValueError):
    def __init__(self, message: str, fix: str | None = None, no_text: Any = None) -> None:
        super().__init__(message)
        self.message, self.fix, self.no_text = message, fix, no_text


def read_dialect(options: Mapping[str, Any]) -> tuple[Dialect, list[Wrong]]:
    """Read the options of an input port.

    Args:
        options: values by name, as the file has them; names are those of `OPTIONS`.

    Returns:
        The dialect, and what is wrong; a wrong option leaves the default.
    """
    values: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for name, value in options.items():
        try:
            values[name] = OPTIONS[name](value)
        except _WrongValueError as error:
            wrong.append(Wrong(name, error.message, error.fix, error.no_text))
    if values.get("escape") == values.get("quote", Dialect().quote):
        values.pop("escape", None)
    dialect = Dialect(**values)
    return dialect, wrong or list(_contradictions(dialect, options))


def _contradictions(dialect: Dialect, options: Iterable[str]) -> Iterable[Wrong]:
    """Yield characters with two meanings, each with the option that the port sets."""
    marks = {name: getattr(dialect, name) for name in ("delimiter", "quote", "escape", "comment")}
    for name in options:
        mark = marks.get(name)
        for other, taken in marks.items():
            doubled = {name, other} == {"quote", "escape"}
            if mark and taken and name != other and not doubled and (mark in taken):
                yield Wrong(name, f"{shown(mark)} is in the {other}, too", f"change `{other}`")
                return
    inside = [mark for mark in (dialect.delimiter, dialect.quote, *_LINE_ENDS) if mark]
    for word in dialect.null:
        if any(mark in word for mark in inside):
            fix = "name a text that stands in the file without quotes"
            yield Wrong("null", f"{shown(word)} cannot be one unquoted field", fix)


def _delimiter(value: Any) -> str:
    text = "\t" if value == "\\t" else _text(value)
    if not 1 <= len(text) <= _LONGEST_DELIMITER or any(end in text for end in _LINE_ENDS):
        raise _WrongValueError(
            f"{shown(value)} cannot separate fields", "write what stands between two fields: `;`"
        )
    return text


def _mark(value: Any) -> str | None:
    if value in _NONE:
        return None
    text = _text(value)
    if len(text) != 1 or text in _LINE_ENDS:
        raise _WrongValueError(f"{shown(value)} is not one character", "write one, or `none`")
    return text


def _header(value: Any) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not value:
        fix = "write `true`, `false` or the names of the columns: `[id, name]`"
        raise _WrongValueError(f"{_quoted(value)} is neither a boolean nor a list of names", fix)
    names = tuple(_text(name) for name in value)
    if problem := names_problem(names):
        what, name = problem
        raise _WrongValueError(f"{what}: {shown(name)}", "give each column a name of its own")
    return names


def names_problem(names: Iterable[str]) -> tuple[str, str] | None:
    """Return why SQL could not tell these columns apart, and which.

    For it `ID` is `id`, but not É é.
    """
    seen = set[str]()
    for name in names:
        if not name or "\0" in name:
            return ("the name of a column holds a NUL" if name else "a column has no name"), name
        key = re.sub("[A-Z]", lambda letter: letter[0].lower(), name)
        if key in seen:
            return "two columns have one name", name
        seen.add(key)
    return None


def _skip(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    fix = "write how many come before the header: `2`"
    raise _WrongValueError(f"{_quoted(value)} is not a number of lines", fix)


def _encoding(value: Any) -> str:
    text = _text(value)
    try:
        found = codecs.lookup(text)
        "a".encode(found.name)  # a codec of bytes, such as base64, is none of texts
        known = found.name not in _NO_ENCODINGS
    except (LookupError, ValueError):
        known = False
    if not known:
        raise _WrongValueError(
            f"{shown(value)} is no encoding that is known here",
            did_you_mean(text.lower(), _USUAL_ENCODINGS),
        )
    return found.name


_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7"})
_USUAL_ENCODINGS = (
    *("ascii", "cp1250", "cp1252", "cp437", "latin-1", "iso8859-15", "shift_jis", "gb18030"),
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
)


def _null(value: Any) -> tuple[str, ...]:
    if value is None:
        raise _WrongValueError("it has no value", "write `''` for an empty field, or `[]` for none")
    return tuple(_text(word) for word in (value if isinstance(value, list) else [value]))


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value is None and "none" in words:
            return "none"
        if value not in words:
            raise _WrongValueError(
                f"{_quoted(value)} is not one of {', '.join(f'`{word}`' for word in words)}",
                did_you_mean(str(value), words),
            )
        return str(value)

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        fix = None if isinstance(value, dict | list) else in_quotes(value)
        untyped = value if isinstance(value, bool | int | float) else None
        raise _WrongValueError(f"{shown(value)} is not text", fix, untyped)
    return value


def _quoted(value: Any) -> str:
    """A value in a sentence that is about its type: the quotes of a text are shown."""
    return f"`'{value}'`" if isinstance(value, str) else shown(value)


OPTIONS: dict[str, Callable[[Any], Any]] = {
    "delimiter": _delimiter,
    "quote": _mark,
    "escape": _mark,
    "header": _header,
    "skip": _skip,
    "comment": _mark,
    "encoding": _encoding,
    "null": _null,
    "decimal": _one_of(".", ","),
    "compression": _one_of(*COMPRESSIONS),
}
"""Every option with what reads its value."""


def delimiter_to_set(names: Sequence[str]) -> str | None:
    """Suggest a delimiter where the name of the only column looks like an unsplit line."""
    mark = next((mark for mark in _DELIMITERS if mark in names[0]), None) if len(names) == 1 else ""
    if not mark:
        return None
    return f"where `{_DELIMITERS[mark]}` separates fields, set the property `delimiter`"
