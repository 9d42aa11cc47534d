"""Asks dbt where it cannot read a file of blocks: macros, generic tests, snapshots, docs.

dbt looks for blocks with a reader of its own before Jinja reads what is in them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

MACROS = frozenset({"macro", "materialization", "test", "data_test"})
GENERIC_TESTS = frozenset({"test", "data_test"})
SNAPSHOTS = frozenset({"snapshot"})
DOCS = frozenset({"docs"})
_TAG = re.compile(r"\{[{%#]")
_READER = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
_UNENDED = re.compile(r"close tag for (\w+) \(searched from line (\d+)\)")
_NESTED = re.compile(r"nested tags: (\w+) \(started at (\d+)\)")
_AT = re.compile(r"(?:\bline |\bat |@ )(\d+)(?::\d+)?")
_ENDED = re.compile(r'(unexpected EOF, expected .*?), got "(.*)"\s*$', re.DOTALL)


@lru_cache(maxsize=1024)
def block_fault(text: str, kinds: frozenset[str]) -> tuple[int, str] | None:
    """Return line and message of why dbt cannot read a file, else None.

    Args:
        text: what the file says.
        kinds: the blocks that dbt looks for in it.
    """
    if not _TAG.search(text) or _is_plain(text):
        return None
    from dbt_common.clients.jinja import extract_toplevel_blocks
    from dbt_common.exceptions import CompilationError

    try:
        blocks = extract_toplevel_blocks(text, set(kinds), collect_raw_data=False)
    except CompilationError as error:
        return _located(text, str(error.msg))
    return next((fault for block in blocks if (fault := _fault_in(text, block))), None)


def _is_plain(text: str) -> bool:
    """Tell whether a file holds macros and words alone, which Jinja reads as dbt does."""
    try:
        tree = _READER.parse(text)
    except (TemplateSyntaxError, RecursionError):
        return False
    macros = [node for node in tree.body if isinstance(node, nodes.Macro)]
    words = (n for node in tree.body if isinstance(node, nodes.Output) for n in node.nodes)
    plain = all(isinstance(node, nodes.Macro | nodes.Output) for node in tree.body)
    whole = len(macros) == len(list(tree.find_all(nodes.Macro)))
    return plain and whole and all(isinstance(word, nodes.TemplateData) for word in words)


def _fault_in(text: str, block: Any) -> tuple[int, str] | None:
    """Return line and message of what Jinja cannot read in a block."""
    from dbt_common.clients.jinja import parse
    from dbt_common.exceptions import CompilationError

    whole = block.block_type_name not in SNAPSHOTS | DOCS
    try:
        parse(block.full_block if whole else block.contents)
    except CompilationError as error:
        before = text[: text.find(block.full_block if whole else block.contents)].count("\n")
        cause = error.__cause__
        line = cause.lineno if isinstance(cause, TemplateSyntaxError) else 1
        said = cause.message if isinstance(cause, TemplateSyntaxError) else None
        return before + line, said or " ".join(str(error.msg).split())
    return _call_in_docs(text, block.contents) if block.block_type_name in DOCS else None


def _call_in_docs(text: str, contents: str) -> tuple[int, str] | None:
    """Return line and message of a call in a block of docs, which dbt renders without functions."""
    for call in _READER.parse(contents).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            before = text[: text.find(contents)].count("\n")
            said = f"a block of docs calls `{call.node.name}`, and dbt has no functions there:"
            return (
                before + call.lineno,
                f"{said} write it between `{{% raw %}}` and `{{% endraw %}}`",
            )
    return None


def _located(text: str, said: str) -> tuple[int, str]:
    """Return the line that dbt's message is about, and the message."""
    if found := _UNENDED.search(said):
        return int(found[2]), f"nothing ends the block `{found[1]}` that begins here"
    if found := _NESTED.search(said):
        line = text.count("\n", 0, int(found[2])) + 1
        return line, f"another block begins before the block `{found[1]}` ends"
    if found := _ENDED.search(said):
        read = text[: len(text) - len(found[2])]
        return read.rstrip().count("\n") + 1, found[1]
    found = _AT.search(said)
    return (int(found[1]) if found else 1), " ".join(said.split())
