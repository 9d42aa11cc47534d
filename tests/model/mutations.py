"""Contracts and products with something wrong in their text; a seed gives the same again."""

from __future__ import annotations

import random
from collections.abc import Iterator

_INSERTED = (
    *(
        "\t",
        "\x00",
        "\ufeff",
        "\ud83d\ude00",
        "\u2028",
        "{",
        "]",
        ": ",
        "- ",
        "&a ",
        "*a",
        "*custom",
    ),
    *("!!set ", "!x ", "'", '"', "|", ">", "%", "---\n", "...\n", "? ", "<<: ", "${X}", "@", "`"),
)
_VALUES = (
    *("null", "true", "12", "-1", "1e6", "1.5", ".nan", "-.inf", "2026-01-02", "0o17", "1:30"),
    *("''", "[]", "{}", "[[1], {a: b}]", "{x: 1}", "text", "9" * 5000, "9" * 400, "!!binary aGk="),
    *("[" * 200 + "]" * 200, "x" * 300, "'${HOME}'", "&loop [*loop]", "0x1F", "1_000", "~"),
)


def mutated(text: str, seed: int) -> bytes:
    """The text after one to four changes."""
    chance = random.Random(seed)
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        lines = list(change(lines, chance)) or [""]
    content = "".join(lines).encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        cut = chance.randrange(len(content) + 1)
        content = content[:cut] + bytes([chance.randrange(256)]) + content[cut:]
    return content


def _delete(lines: list[str], chance: random.Random) -> Iterator[str]:
    start = chance.randrange(len(lines))
    yield from lines[:start]
    yield from lines[start + chance.randint(1, 5) :]


def _duplicate(lines: list[str], chance: random.Random) -> Iterator[str]:
    start = chance.randrange(len(lines))
    yield from lines[: start + 1]
    yield from lines[start:]


def _retype(lines: list[str], chance: random.Random) -> Iterator[str]:
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    changed = f"{key}: {chance.choice(_VALUES)}\n" if colon else f"{lines[at].rstrip()} x\n"
    yield from (*lines[:at], changed, *lines[at + 1 :])


def _rename(lines: list[str], chance: random.Random) -> Iterator[str]:
    at, word = (
        chance.randrange(len(lines)),
        chance.choice(["1", "true", "naem", "ünï", "~", "'<<'"]),
    )
    key, colon, rest = lines[at].partition(":")
    indent = key[: len(key) - len(key.lstrip(" -"))]
    yield from (*lines[:at], f"{indent}{word}{colon}{rest}", *lines[at + 1 :])


def _truncate(lines: list[str], chance: random.Random) -> Iterator[str]:
    text = "".join(lines)
    yield text[: chance.randrange(len(text) + 1)]


def _insert(lines: list[str], chance: random.Random) -> Iterator[str]:
    text = "".join(lines)
    at = chance.randrange(len(text) + 1)
    yield text[:at] + chance.choice(_INSERTED) + text[at:]


def _indent(lines: list[str], chance: random.Random) -> Iterator[str]:
    at = chance.randrange(len(lines))
    yield from (*lines[:at], " " * chance.randint(1, 4) + lines[at], *lines[at + 1 :])


_CHANGES = (_delete, _duplicate, _retype, _retype, _rename, _truncate, _insert, _indent)
