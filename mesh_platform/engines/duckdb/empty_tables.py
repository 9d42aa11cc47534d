"""Describe tables without rows, to bind SELECTs against them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mesh_platform.checks.sql import quoted
from mesh_platform.checks.types import OPEN, held_type
from mesh_platform.model.contract import Contract


@dataclass(frozen=True, slots=True)
class EmptyTable:
    """Describe a table to bind against.

    Args:
        columns: its columns; a type of None is not known, and `OPEN` stands in one for a part that
            is not known.
        complete: whether these are all its columns.
        otherwise: the type of any other column; None where it is not known.
        unspelled: columns whose upper and lower case is not known, in lower case.
        called: the form that the name of any other column has; None where it may have any.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    complete: bool = False
    otherwise: str | None = None
    unspelled: frozenset[str] = frozenset()
    called: re.Pattern[str] | None = None

    @property
    def typed(self) -> bool:
        """Tell whether the type of each column is known, whatever columns there are."""
        return self._certain and (self.complete or self.otherwise is not None)

    @property
    def fields_known(self) -> bool:
        """Tell whether all its columns are known, and the fields of each struct in them."""
        return self.complete and None not in self.columns.values()

    def filled(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Return its columns with a type in place of each that is not known."""
        types = ((name, text or kind) for name, text in self.columns.items())
        return tuple((name, text.replace(OPEN.name, kind)) for name, text in types)

    def having(self, names: Iterable[str]) -> EmptyTable:
        """Return the table with more columns, where there may be more.

        Args:
            names: of the columns that a SELECT names, in lower case; the table may have capitals.
        """
        if self.complete:
            return self
        more = {name: self.otherwise for name in names if not self.lacks(name)}
        unspelled = self.unspelled | (more.keys() - set(map(str.lower, self.columns)))
        return replace(self, columns={**more, **self.columns}, unspelled=unspelled)

    def lacks(self, name: str) -> bool:
        """Tell whether it surely has no column of a name, but those that are listed."""
        return self.complete or (self.called is not None and not self.called.fullmatch(name))

    @property
    def exact(self) -> bool:
        """Tell whether all its columns are known, each with its type."""
        return self.complete and self._certain

    @property
    def _certain(self) -> bool:
        return all(kind is not None and OPEN.name not in kind for kind in self.columns.values())


Tables = Mapping[tuple[str, ...], EmptyTable]


def created(path: tuple[str, ...], columns: tuple[tuple[str, str], ...]) -> str:
    """Return the SQL that makes an empty table."""
    inside = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns) or '"?" VARCHAR'
    return f"create or replace table {_dotted(path)} ({inside})"


def created_schema(path: tuple[str, ...]) -> str:
    """Return the SQL that makes a schema of a database."""
    return f"create schema if not exists {_dotted(path)}"


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(map(quoted, path))


def promised_table(contract: Contract) -> EmptyTable:
    """Return the table that a contract promises.

    A type that it leaves open, or that no release holds, is not known.
    """
    kinds = ((column.name, held_type(column)) for column in contract.columns)
    columns = {name: None if kind == OPEN else str(kind) for name, kind in kinds}
    return EmptyTable(columns, complete=True)
