"""Reads what dbt says of a node that failed: the error without dbt's words, and its line."""

from __future__ import annotations

import re

_BY_DBT = re.compile(r"\A(\w+) Error in [\w ]+ \S+ \([^)\n]*\)\s*")
"""Match how dbt begins: with a kind of its own and with the node, which a message names anyway."""
_EXCERPT = re.compile(r"\s*^\s*LINE \d+: (?P<text>.*)(?:\n\s*\^+\s*$)?", re.MULTILINE)
"""Match the line that DuckDB shows; its number counts what dbt wrote around the SQL."""
_FRAME = re.compile(r'^\s*File "[^"]*", line \d+, in \w+\n(?P<text>.*)$', re.MULTILINE)
_COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
_TRACEBACK = "Traceback (most recent call last):"


def message_of(kind: str, said: str | None) -> str | None:
    """Return the error on one line; keep the lines of a unit test, which compare rows.

    Args:
        kind: of the node, as dbt calls it.
        said: what dbt says.
    """
    if not said:
        return None
    if kind == "unit_test":
        return "\n".join(line.rstrip() for line in said.splitlines() if line.strip())
    return " ".join(_BY_DBT.sub(_kept, _EXCERPT.sub("", _without_frames(said))).split())


def line_of(said: str | None, written: str, compiled: str) -> int | None:
    """Return the line of a node's text at which it failed, where that is certain.

    Args:
        said: what dbt says.
        written: the text of the node, as the team wrote it.
        compiled: the text that ran.
    """
    shown = [*_EXCERPT.finditer(said or ""), *_FRAME.finditer(said or "")]
    part = re.sub(r"^\.\.\.|\.\.\.$", "", shown[-1]["text"].strip()) if shown else ""
    if not part:
        return None
    bare = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), written).splitlines()
    ran = compiled.splitlines() if _as_long(written, compiled) else []
    found = [n for n, line in enumerate(ran, 1) if part in line and _may_become(bare, n, line)]
    found = found or [number for number, line in enumerate(bare, 1) if part in line]
    return found[0] if len(found) == 1 else None


def _as_long(written: str, compiled: str) -> bool:
    return len(written.strip("\n").splitlines()) == len(compiled.rstrip("\n").splitlines())


def _may_become(written: list[str], number: int, ran: str) -> bool:
    """Tell whether a line of the text is the one that ran, or holds a template that wrote it."""
    line = written[number - 1] if number <= len(written) else ""
    return "{{" in line or line.strip() == ran.strip()


def _kept(found: re.Match[str]) -> str:
    """Keep the kind `Compilation Error`; drop the others, since the engine names its own."""
    return f"{found[1]} Error: " if found[1] == "Compilation" else ""


def _without_frames(said: str) -> str:
    """Return what a Python model says at its end; the way there is that of dbt's own files."""
    before, traceback, frames = said.partition(_TRACEBACK)
    last = [line for line in frames.splitlines() if line.strip()]
    return f"{before} {last[-1]}" if traceback and last else said
