"""Markdown that no name, description or reason breaks: words, code, tables, and what is folded.

GitHub reads more than the standard does: mentions, issues, bare links, formulas. Nothing that comes
from a file becomes one of these, or HTML.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from html import escape

from mesh_platform.visible import visible

_LONGEST = 500
"""Characters of one text; the terminal and JSON have it whole."""
_CODED = re.compile(
    r"(?<!`)`([^`]+)`(?!`)"
    r"|[^\s`<>(),;\"']*(?:@|://|www\.|#\d|gh-\d|\$|:[\w+-]+:)[^\s`<>(),;\"']*",
    re.IGNORECASE,
)
"""What is quoted, and words of which GitHub makes mentions, links, formulas or pictures."""
_SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "*_[]~#"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;", "|": "&#124;", "`": "&#96;"}
)
_BEGINS_A_BLOCK = re.compile(r"^(\d*)([-+=]|[.)](?= |$))")
_COMMAND = re.compile(r"(?:mesh|git)(?: [\w+/@.=-]+)+")


def words(said: str) -> str:
    """A text on one line; what it quotes in backticks is code, and so is what means more."""
    made = _told(said, code, lambda part: part.translate(_SPECIAL))
    return _BEGINS_A_BLOCK.sub(r"\1\\\2", made)


def prose(said: str) -> str:
    """A text of any length, its lines kept; it is words, whatever Markdown it looks like."""
    lines = (textwrap.wrap(line, _LONGEST, break_long_words=True) for line in said.splitlines())
    return "\n\n".join(" ".join(map(words, line)) for line in lines if line)


def code(said: str) -> str:
    """Code on one line: nothing in it means anything to Markdown."""
    line = _line(said)
    return _tag(line) if not line or set("`|\\") & set(line) else f"`{line}`"


def command(said: str) -> str:
    """A line that tells what to do: code, where the whole of it is a command to type."""
    return code(said) if _COMMAND.fullmatch(said.strip()) else words(said)


def table(columns: Sequence[str], rows: Iterable[str]) -> str:
    """A table of rows; columns whose name starts with `#` are numbers."""
    names = row(*(name.removeprefix("#") for name in columns))
    sides = row(*("--:" if name.startswith("#") else "---" for name in columns))
    return "\n".join((names, sides, *rows))


def row(*cells: str) -> str:
    """A row of a table, of cells that are Markdown."""
    return f"| {' | '.join(cells)} |"


def folded(title: str, blocks: Iterable[str]) -> str:
    """Blocks under a title that a click opens; what it quotes in backticks is code."""
    summary = f"<summary>{_told(title, _tag, escape)}</summary>"
    return "\n\n".join((f"<details>{summary}", *blocks, "</details>"))


def folded_in_cell(title: str, lines: Iterable[str]) -> str:
    """The same for lines in the cell of a table; the title is the platform's own."""
    return f"<details><summary>{title}</summary>{'<br>'.join(lines)}</details>"


def item(blocks: Sequence[str]) -> str:
    """An entry of a list that holds several blocks."""
    return "- " + textwrap.indent("\n\n".join(blocks), "  ").removeprefix("  ")


def bullets(entries: Iterable[str]) -> str:
    """A list of short entries."""
    return "\n".join(f"- {entry}" for entry in entries)


def fenced(said: str, kind: str) -> str:
    """Lines of code as they are, with a fence that is longer than any in them."""
    longest = max((len(run) for run in re.findall("`+", said)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = [visible(line) for line in said.split("\n")]
    return "\n".join((f"{fence}{kind}", *lines, fence))


def fitting(blocks: Iterable[str], most: int) -> list[str]:
    """The first blocks, as many as are together no longer than this; no further one is made."""
    found: list[str] = []
    for block in blocks:
        most -= len(block) + 2
        if most < 0:
            break
        found.append(block)
    return found


def _line(said: str) -> str:
    line = visible(" ".join(said.split()))
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _told(said: str, coded: Callable[[str], str], plain: Callable[[str], str]) -> str:
    """A text on one line, of which some is code."""
    line, made, at = _line(said), "", 0
    for found in _CODED.finditer(line):
        made += plain(line[at : found.start()]) + coded(found[1] or found[0])
        at = found.end()
    return made + plain(line[at:])


def _tag(line: str) -> str:
    """Code where backticks cannot hold it, and in HTML: each sign by its number."""
    signs = (each if each.isalnum() or each in " /.-" else f"&#{ord(each)};" for each in line)
    safe = "".join(signs).replace("&#64;", "&#64;&#8203;").replace("&#58;//", "&#58;&#8203;//")
    return f"<code>{re.sub('www', 'www&#8203;', safe, flags=re.IGNORECASE)}</code>"
