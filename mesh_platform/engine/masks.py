"""Hides classified values in the rows that a check shows, at whatever depth they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from mesh_platform.model.contract import Contract
from mesh_platform.quality.targets import Each, Target, all_targets

MASK = "•••"
_LONGEST = 200


class Masks:
    """Knows which columns of a contract are classified."""

    def __init__(self, contract: Contract) -> None:
        self._targets = {str(target).casefold(): target for target in all_targets(contract)}
        self.needed = any(target.classified for target in self._targets.values())

    def row(self, names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
        """A row as it may be shown; names are columns, or ways into them."""
        return {
            name: _plain(self._masked(self._targets.get(name.casefold()), value))
            for name, value in zip(names, values, strict=True)
        }

    def strict_row(self, names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
        """A row of columns that anybody may have named: what the contract lacks is not shown."""
        shown = self.row(names, values)
        return {
            name: value if name.casefold() in self._targets else MASK
            for name, value in shown.items()
        }

    def sentence(self, text: str) -> str:
        """An engine's message as it may be shown: engines quote what would not convert."""
        return re.sub(r"'[^']*'|\"[^\"]*\"", f"'{MASK}'", text) if self.needed else text

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

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as it may be shown."""
        return {
            name: _plain(value) if name.casefold() in self._names else MASK
            for name, value in row.items()
        }


def _plain(value: Any) -> Any:
    if isinstance(value, int | bool | None):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
