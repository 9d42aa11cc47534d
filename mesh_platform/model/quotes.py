"""Tells values that stand in quotes, and need none, from values that need them."""

from __future__ import annotations

import re
from typing import Any

_NO_TEXT = re.compile(r"true|false|null|[-+]?\d+(\.\d+)?")
"""Match texts that YAML reads as another type where they have no quotes."""


def unquoted(value: Any) -> str | None:
    """Return a text that YAML reads as another type without quotes (`'true'`, `'3'`), or None."""
    return value if isinstance(value, str) and _NO_TEXT.fullmatch(value) else None


def in_quotes(value: Any, written: str | None = None) -> str:
    """Suggest quotes that make a value text.

    Args:
        value: as YAML reads it.
        written: as the file has it, in backticks; None where that is not known.
    """
    if value is None:
        return "write it in quotes, such as `'null'`"
    if written is None:
        return "write it in quotes, as it stands in the file"
    return f"write it in quotes: `'{written.strip('`')}'`"


def numbers_without(value: Any) -> str | None:
    """Return one or several numbers that stand in quotes without them; None for anything else."""
    given = value if isinstance(value, list) else [value]
    plain = [text for each in given if (text := unquoted(each)) and fits(text, ["number"])]
    if not plain or len(plain) < len(given):
        return None
    return f"[{', '.join(plain)}]" if isinstance(value, list) else plain[0]


def fits(text: str, wanted: list[str]) -> bool:
    """Tell whether a text without quotes is of one of the types."""
    if text in ("true", "false"):
        return "boolean" in wanted
    whole = text.lstrip("-+").isdigit()
    return text != "null" and ("number" in wanted or ("integer" in wanted and whole))
