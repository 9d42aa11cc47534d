"""Draw lineage as a tree for people; it shows what `--output json` says."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, cast

from rich.text import Text
from rich.tree import Tree

from mesh_platform.cli.output import joined, styled
from mesh_platform.lineage.usage import Use

_USES = {
    Use.VALUES: "made of it",
    Use.ROWS: "rows depend on it",
    Use.UNKNOWN: "may depend on it",
    Use.NAMED: "named in the SQL, shown by no port",
}
_ROWS = "*"
_OF_NO_COLUMN = "no column of an input: a constant, a value of a seed, or a count of rows"


def lineage_tree(data: dict[str, Any]) -> Tree:
    """Return the answer of `mesh lineage`."""
    tree = Tree(styled(data["product"], "bold"))
    for port, columns in groupby(data.get("up", ()), key=lambda entry: entry["port"]):
        _port(tree.add(joined(styled(port, "bold"), " comes from")), list(columns))
    if data.get("reads"):
        _reads(tree.add("reads in all"), data["reads"])
    for entry in data.get("down", ()):
        name = f"{entry['port']}.{entry['column']}" if entry["column"] else entry["port"]
        _consumers(tree.add(joined(styled(name, "bold"), " is used by")), entry["consumers"])
    _findings(tree, data["findings"])
    return tree


def _port(tree: Tree, columns: list[dict[str, Any]]) -> None:
    for entry in columns:
        branch = tree.add(styled(entry["column"]))
        _sources(branch, entry["values"])
        if not entry["values"] and not entry["unvouched"]:
            branch.add(styled(_OF_NO_COLUMN, "dim"))
        for reason in entry["unvouched"]:
            branch.add(styled(f"perhaps more: {reason}", "yellow"))
        if len(branch.children) == 1 and not branch.children[0].children:
            branch.label = joined(entry["column"], " ← ", cast("Text", branch.children.pop().label))
    shared = [entry["rows"] for entry in columns]
    same = [source for source in shared[0] if all(source in rows for rows in shared)]
    if same:
        _sources(tree.add(styled("rows decided by", "dim")), same)
    for entry in columns:
        if own := [source for source in entry["rows"] if source not in same]:
            _sources(tree.add(styled(f"rows of {entry['column']} decided by", "dim")), own)


def _sources(tree: Tree, sources: list[dict[str, Any]]) -> None:
    for name, found in groupby(sources, key=lambda source: source["input"]):
        columns = list(found)
        deep = [source for source in columns if source.get("values")]
        for source in deep:
            _sources(tree.add(styled(f"{name}: {source['column']}")), source["values"])
        if rest := [source["column"] for source in columns if source not in deep]:
            tree.add(styled(f"{name}: {_listed(rest)}"))


def _reads(tree: Tree, inputs: Iterable[dict[str, Any]]) -> None:
    for entry in inputs:
        tree.add(f"{entry['input']}: {_listed(entry['columns']) or 'its rows'}")


def _consumers(tree: Tree, consumers: list[dict[str, Any]]) -> None:
    if not consumers:
        tree.add(styled("nobody", "dim"))
    for (product, owner), entries in groupby(consumers, key=lambda e: (e["product"], e["owner"])):
        branch = tree.add(joined(f"{product} ", styled(f"({owner})", "dim")))
        _uses(branch, list(entries))


def _uses(tree: Tree, entries: list[dict[str, Any]]) -> None:
    """Return a consumer's columns by how they use it; what decides rows is of the whole port."""
    for use, words in _USES.items():
        found = [entry for entry in entries if entry["use"] == use]
        columns = _listed(
            f"{entry['port']}.{entry['column']}"
            for entry in found
            if entry["column"] not in (None, _ROWS)
        )
        ways = sorted({entry["through"] for entry in found if not entry["direct"]})
        way = f" (through {', '.join(ways)})" if ways else ""
        if found:
            tree.add(f"{words}: {columns}{way}" if columns else f"{words}{way}")


def _findings(tree: Tree, findings: list[dict[str, Any]]) -> None:
    if not findings:
        return
    branch = tree.add(styled("findings", "yellow"))
    for finding in findings:
        place = f"{finding['file']}:{finding['line']}"
        branch.add(f"{finding['message']}\n{place}  [{finding['code']}]")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
