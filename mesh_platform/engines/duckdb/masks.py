"""Hides classified values in the rows that a check shows, at whatever depth they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Any

from mesh_platform.checks.targets import Each, Target, all_targets
from mesh_platform.model.contract import Contract
from mesh_platform.model.sql_text import parsed

MASK = "•••"
_LONGEST = 200


class Masks:
    """Knows which columns of a contract are classified."""

    def __init__(self, contract: Contract) -> None:
        self._targets = {str(target).casefold(): target for target in all_targets(contract)}

    def row(self, names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
        """A row as it may be shown; names are columns, or ways into them."""
        return {
            name: _plain(self._masked(self._targets.get(name.casefold()), value))
            for name, value in zip(names, values, strict=True)
        }

    def strict_row(self, row: dict[str, Any], made: Collection[str] | None) -> dict[str, Any]:
        """A row of columns that anybody may have named: what the contract lacks is not shown.

        Args:
            row: by the names that a query gives.
            made: names that the query makes itself, see `names_made`.
        """
        shown = self.row(list(row), tuple(row.values()))
        return {
            name: value if _is_own(name, self._targets, made) else MASK
            for name, value in shown.items()
        }

    def _masked(self, target: Target | None, value: Any) -> Any:
        if target is None:
            return value
        if target.classified:
            return MASK
        inside = {child.steps[-1]: child for child in target.children()}
        if not inside:
            return value
        if isinstance(value, list | tuple):
            return [self._masked(inside.get(Each.ITEM), item) for item in value]
        if isinstance(value, dict):
            return {
                self._masked(inside.get(Each.KEY), key): self._masked(
                    inside.get(key, inside.get(Each.VALUE)), item
                )
                for key, item in value.items()
            }
        return value


class OpenColumns:
    """Knows the names of promised columns that no contract classifies, not even inside.

    For rows of queries that read more than one port: a value under another name is hidden.
    """

    def __init__(self, promised: Iterable[Contract], read: Iterable[Contract]) -> None:
        """Take the product's own contracts, and all that it may read, its own among them."""
        names = {column.name.casefold() for contract in promised for column in contract.columns}
        targets = (target for contract in read for target in all_targets(contract))
        self._names = names - {t.steps[0].casefold() for t in targets if t.classified}

    def row(self, row: dict[str, Any], query: str = "") -> dict[str, Any]:
        """A row that a query returned, as it may be shown."""
        made = names_made(query)
        return {
            name: _plain(value) if _is_own(name, self._names, made) else MASK
            for name, value in row.items()
        }


def names_made(query: str) -> frozenset[str] | None:
    """Names that a query gives to what it computes, or renames; None where nobody can tell.

    Under such a name stands anything: `customer as order_id`.
    """
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = parsed(query)
    except (SqlglotError, RecursionError):
        return None
    nodes = [node for tree in trees for node in tree.walk()]
    if any(isinstance(node, exp.Pivot) or node.args.get("rename") for node in nodes):
        return None
    renamed = (
        node.alias
        for node in nodes
        if isinstance(node, exp.Alias)
        and not (
            isinstance(node.this, exp.Column) and node.this.name.casefold() == node.alias.casefold()
        )
    )
    listed = (
        part.name
        for node in nodes
        if isinstance(node, exp.TableAlias)
        for part in node.args.get("columns") or ()
    )
    return frozenset(name.casefold() for name in (*renamed, *listed))


def _is_own(name: str, known: Collection[str], made: Collection[str] | None) -> bool:
    """Tell whether a column of a result is surely the one of that name."""
    return made is not None and name.casefold() in known and name.casefold() not in made


def _plain(value: Any) -> Any:
    if isinstance(value, int | bool | None):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
