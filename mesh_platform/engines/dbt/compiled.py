"""Takes values out of the SQL that dbt compiled: a `run_query` may have filled them in.

Names that somebody wrote stay, because column lineage is read from this SQL. Others may be values,
as those of a pivot are.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from mesh_platform.engines.dbt.manifest import macros_used

HIDDEN = "•••"
_LITERAL = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<name>\"(?:[^\"]|\"\")*\")"
    r"|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<mark>\$\w*\$)(?P<dollars>.*?)(?P=mark)"
    r"|(?<![\w.])(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])"
    r"|(?P<word>[^\W\d]\w*)",
    re.S | re.I,
)
_WORD = re.compile(r"\w+")
_COUNT = 2
"""Most digits of a number that counts as a position or a limit, not as a value."""


def without_values(compiled: str, written: str, names: Collection[str] | None = None) -> str:
    """Replace each literal and comment of a statement that its author has not written.

    Args:
        compiled: the statement that dbt ran.
        written: the text of the model, and of the macros that it uses.
        names: words that may stay as names, in lower case; None leaves all names.
    """
    known = None if names is None else {*names, *_words(written)}
    hidden: dict[str, str] = {}

    def kept(found: re.Match[str]) -> str:
        name = found["name"] or found["word"]
        if name is not None:
            return name if _is_known(name, known) else _masked(name, hidden)
        if found["comment"] is not None:
            return found[0] if found[0] in written else ""
        if found["number"] is not None:
            short = found[0].isdigit() and len(found[0]) <= _COUNT
            return found[0] if short or _is_word(found[0], written) else "0"
        text = found["text"] if found["text"] is not None else found["dollars"]
        return found[0] if not text or _is_word(text, written) else f"'{HIDDEN}'"

    return _LITERAL.sub(kept, compiled)


def _words(text: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(text))


def _is_known(name: str, known: Collection[str] | None) -> bool:
    return known is None or all(word in known for word in _words(name))


def _masked(name: str, hidden: dict[str, str]) -> str:
    """Return the mask of a name: the same one wherever the statement has the name."""
    return hidden.setdefault(name.strip('"').lower(), f'"{HIDDEN}{len(hidden) + 1}"')


def conceal(manifest: dict[str, Any], built: Collection[str]) -> None:
    """Remove from dbt's manifest the values that were filled into the nodes that dbt has built."""
    names = frozenset(_names(manifest)) if built else frozenset[str]()
    for name in built:
        _conceal_node(manifest["nodes"].get(name, {}), manifest["macros"], names)


def _names(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the words of what people wrote, and of the names of tables and described columns."""
    for node in (*manifest["nodes"].values(), *manifest.get("sources", {}).values()):
        keys = ("raw_code", "database", "schema", "name", "alias", "identifier")
        for text in (*(node.get(key) for key in keys), *node.get("columns", ())):
            yield from _words(str(text or ""))


def names_of(node: Any) -> Iterator[str]:
    """Yield the words in the names of a node's own table and of what it reads."""
    for text in (node.database, node.schema, *node.depends_on.nodes, "mesh"):
        yield from _words(str(text))


def forget_statements(target: Path) -> None:
    """Delete the compiled and the executed statements that dbt leaves in its target folder."""
    for folder in ("compiled", "run"):
        shutil.rmtree(target / folder, ignore_errors=True)


def _conceal_node(node: dict[str, Any], macros: dict[str, Any], names: Collection[str]) -> None:
    """Hide the values filled into a model's SQL; remove the SQL of any other node."""
    compiled = node.get("compiled_code")
    if not compiled:
        return
    used = (str(macro.get("macro_sql", "")) for macro in macros_used(node, macros))
    written = "\n".join((node.get("raw_code") or "", *used))
    is_model = node["resource_type"] == "model"
    node["compiled_code"] = without_values(compiled, written, names) if is_model else None
    node["extra_ctes"] = []


def _is_word(text: str, written: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", written) is not None
