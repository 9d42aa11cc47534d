"""Translate the standard's `format` into what the engine checks: patterns, types, dates.

The standard writes dates as Java's DateTimeFormatter does, the engine as C's strptime.
"""

from __future__ import annotations

import re

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_HEX = "[0-9A-Fa-f]{1,4}"
_TAIL = f"(?:{_HEX}:{_HEX}|{_IPV4})"
_IPV6 = "|".join(
    [
        f"(?:{_HEX}:){{6}}{_TAIL}",
        f"::(?:{_HEX}:){{0,5}}{_TAIL}",
        f"{_HEX}::(?:{_HEX}:){{0,4}}{_TAIL}",
        *(f"(?:{_HEX}:){{0,{n}}}{_HEX}::(?:{_HEX}:){{0,{4 - n}}}{_TAIL}" for n in range(1, 5)),
        f"(?:{_HEX}:){{0,5}}{_HEX}::{_HEX}",
        f"(?:{_HEX}:){{0,6}}{_HEX}::",
        "::(?:" + _HEX + ")?",
    ]
)
_PATTERNS = {
    "email": rf"[^\s@<>,;:()\[\]\\\"]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}",
    "uuid": "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+",
    "hostname": rf"(?:{_LABEL}\.)*{_LABEL}",
    "ipv4": _IPV4,
    "ipv6": _IPV6,
    "byte": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}
_CASTS = {"date": "DATE", "date-time": "TIMESTAMPTZ", "time": "TIME"}
SHOWN_ONLY = frozenset({"password", "binary"})
"""Formats of text that any text has."""
INTEGERS = {
    f"{sign}{bits}": f"{'U' if sign == 'u' else ''}{name}"
    for sign in "iu"
    for bits, name in {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}.items()
} | {"i128": "HUGEINT", "u128": "UHUGEINT"}
NUMBERS = {"f32": "FLOAT", "f64": "DOUBLE"}
_LETTERS = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "uu": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "DDD": "%j",
    "EEEE": "%A",
    "EEE": "%a",
    "EE": "%a",
    "E": "%a",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "SSS": "%g",
    "SSSSSS": "%f",
    "SSSSSSSSS": "%n",
    "a": "%p",
    "X": "%z",
    "XX": "%z",
    "XXX": "%z",
    "Z": "%z",
    "xx": "%z",
    "xxx": "%z",
    "VV": "%Z",
}
_ZONES = frozenset({"%z", "%Z"})
_DATE_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)


def text_pattern(name: str) -> str | None:
    """A regular expression that a text of this format matches as a whole."""
    found = _PATTERNS.get(name)
    return f"^(?:{found})$" if found else None


def text_cast(name: str) -> str | None:
    """The type that a text of this format can be read as."""
    return _CASTS.get(name)


def strptime_format(pattern: str) -> str | None:
    """A Java date pattern as the engine's, or None where it has no such letter."""
    written = []
    for token in _DATE_TOKEN.finditer(pattern):
        letters = token.group(0)
        if token.group(1) is not None:
            written.append((token.group(1).replace("''", "'") or "'").replace("%", "%%"))
        elif token.group(2):
            if letters not in _LETTERS:
                return None
            written.append(_LETTERS[letters])
        elif letters in "[]{}#":
            return None
        else:
            written.append(letters.replace("%", "%%"))
    return "".join(written)


def has_zone(engine_format: str) -> bool:
    """Tell whether values of this format carry their time zone."""
    return any(zone in engine_format for zone in _ZONES)
