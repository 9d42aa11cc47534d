"""No pattern uses what Python 3.11 matches otherwise from one patch release to the next."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mesh_platform"
POSSESSIVE = re.compile(r"[*+?}]\+|\(\?>")


def patterns(source: str) -> list[str]:
    """The texts inside the arguments of calls of `re`."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    of_re = (c for c in calls if ast.unparse(c.func).startswith("re."))
    found = (node for call in of_re for node in ast.walk(call) if isinstance(node, ast.Constant))
    texts = (node.value for node in found)
    return [t if isinstance(t, str) else t.decode() for t in texts if isinstance(t, str | bytes)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_no_pattern_is_possessive(path: Path) -> None:
    """Python 3.11.2, which Debian 12 has, loses text after possessive groups."""
    found = patterns(path.read_text(encoding="utf-8"))
    assert [text for text in found if POSSESSIVE.search(text)] == []


def test_a_possessive_pattern_is_found() -> None:
    texts = patterns('re.compile(rf"(?:[^{special}]++x)")')
    assert any(map(POSSESSIVE.search, texts))
