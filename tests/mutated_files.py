"""Ways in which a file of a mesh goes wrong: by a slip, a merge, a tool, or somebody's malice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

Mutation = Callable[[st.DrawFn, bytes], bytes]
_WORDS = [
    "${X}",
    "${X:-a}",
    "$${",
    "{}",
    "{0}",
    "{x!r:>99}",
    "%s",
    "%(a)s",
    "1" * 400,
    "1e999",
    ".nan",
    "-.inf",
    "2024-02-30",
    "2024-01-01",
    "12:30:45",
    "0x1F",
    "0o7",
    "1_000",
    "~",
    "null",
    "true",
    "[]",
    "{}",
    "[a, [b, {c: d}]]",
    "{a: {b: [c]}}",
    "&a x",
    "*a",
    "&a [*a]",
    "{a: &a [*a]}",
    "[&a {b: *a}]",
    '"a\\0b"',
    '"\\ud800"',
    "a/" * 3000,
    "../../../..",
    "[products, ../shop/products]",
    "<<: *a",
    "<<: {name: x}",
    "!!python/object:os.system x",
    "!!binary aGk=",
    "!!set {a}",
    "? a\n: b",
    "|",
    ">-\n  a",
    "'",
    '"',
    "\t",
    "# x",
    "- ${X}",
    "- - - a",
    "key: key: key",
    "{{ ref('x') }}",
    "{% if %}",
    "{{ 1/0 }}",
    "{# ",
    "{% macro x() %}",
    "select ((((",
    "select * from a.b.c.d.e",
    ";;",
    "--",
    "/*",
    "$$",
    "def f(:",
    "import os\n",
    "raise SystemExit",
    "\x00",
    "\x1b[2J",
    "\ufeff",
    "\u202e",
    "\u2028",
    "é",
    "日本",
    "a" * 5000,
    "[" * 300,
    "{a: " * 300,
    "(" * 300,
    "- " * 300,
    "yes",
    "no",
    "on",
    "2.0.0",
    "1.0",
    "v3.2.0",
    "=1+1",
    "@x",
    "`x`",
]


_WHOLE = [b"", b"\n", b"\0" * 9, b"[]", b"a", b"- a\n", b"{}", b"\xff\xfe", b"{" * 4000]


def _byte(draw: st.DrawFn, before: bytes) -> bytes:
    spot = draw(st.integers(0, max(0, len(before) - 1)))
    return before[:spot] + bytes([draw(st.integers(0, 255))]) + before[spot + 1 :]


def _encoded(draw: st.DrawFn, before: bytes) -> bytes:
    text = before.decode("utf-8", errors="replace") + "é"
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    kind = draw(st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig", "latin-1", "cp037"]))
    return text.replace("\n", end).encode(kind, errors="replace")


def _cut(draw: st.DrawFn, before: bytes) -> bytes:
    begin = draw(st.integers(0, len(before)))
    return before[:begin] + before[begin + draw(st.sampled_from([1, 10, 100, len(before)])) :]


def _replaced(draw: st.DrawFn, before: bytes) -> bytes:
    junk = draw(st.binary(max_size=60))
    return draw(st.sampled_from([*_WHOLE, junk + before]))


def _on_a_line(change: Callable[[st.DrawFn, list[str], int], None]) -> Mutation:
    def changed(draw: st.DrawFn, before: bytes) -> bytes:
        lines = before.decode("utf-8", errors="replace").splitlines(keepends=True) or [""]
        change(draw, lines, draw(st.integers(0, len(lines) - 1)))
        return "".join(lines).encode("utf-8", errors="replace")

    return changed


def _lost(_draw: st.DrawFn, lines: list[str], at: int) -> None:
    del lines[at]


def _twice(_draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines.insert(at, lines[at])


def _other_value(draw: st.DrawFn, lines: list[str], at: int) -> None:
    key, colon, _ = lines[at].partition(":")
    word = draw(st.sampled_from(_WORDS))
    lines[at] = f"{key}{colon} {word}\n" if colon else f"{word}\n"


def _renamed(draw: st.DrawFn, lines: list[str], at: int) -> None:
    key, colon, value = lines[at].partition(":")
    kept = key[: len(key) - len(key.lstrip(" -"))]
    word = draw(st.sampled_from(["x", "name", "Id", "1", "null", "<<", '"a b"', "? a", *_WORDS]))
    lines[at] = f"{kept}{word}{colon}{value}"


def _added(draw: st.DrawFn, lines: list[str], at: int) -> None:
    deep = len(lines[at]) - len(lines[at].lstrip())
    mark = draw(st.sampled_from(["- ", "", "x: "]))
    lines.insert(at, " " * deep + mark + draw(st.sampled_from(_WORDS)) + "\n")


def _moved(draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines[at] = draw(st.sampled_from(["\t", "  ", " "])) + lines[at]


_BY_LINE = [
    *map(_on_a_line, (_lost, _twice, _moved, _renamed)),
    *map(_on_a_line, [_other_value, _added] * 2),
]
_WAYS = [_byte, _cut, _encoded, _replaced, *_BY_LINE]


@st.composite
def contents(draw: st.DrawFn, before: bytes) -> bytes:
    """Other bytes in the place of a file's."""
    return draw(st.sampled_from(_WAYS))(draw, before)


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _nowhere(path: Path) -> None:
    path.symlink_to("nothing-there")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _large(path: Path) -> None:
    path.write_bytes(b"a: [1, 2, 3]\n" * 300_000)


def _gone(path: Path) -> None:
    """Leave nothing."""


KINDS: list[Callable[[Path], None]] = [_folder, _pipe, _nowhere, _circle, _large, _gone]


def remove(path: Path) -> None:
    """Remove what stands there, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
